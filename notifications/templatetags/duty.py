"""A due date of a case page, with the way to why it is that day."""

from django import template
from django.utils.html import format_html

from accounts.authority import Authority
from templates.templatetags.ui_marks import due

register = template.Library()


@register.simple_tag(takes_context=True)
def duty(context, row, today):
    """Return the due chip of a deadline row, as a link for those who may open the row; empty when None."""
    if row is None:
        return ""
    chip = due(row.due_on, today, row.provisional)
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated or not row.is_visible_to(Authority.of(user)):
        return chip
    return format_html('<a class="duelink" href="{}">{}</a>', row.get_absolute_url(), chip)
