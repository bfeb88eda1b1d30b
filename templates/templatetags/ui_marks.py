"""Small marks: icon, status tag, due chip, avatar letter, money and person-readable dates."""

import datetime
from decimal import Decimal, InvalidOperation

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

register = template.Library()

TONES = ("neutral", "info", "ok", "warn", "bad")
TONE_ICONS = {
    "neutral": "circle",
    "info": "info",
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "circle-alert",
}
#: Days ahead that are still counted down; beyond them the calendar date says more.
COUNTDOWN_DAYS = 14
#: Days ahead that already look urgent.
SOON_DAYS = 3


def tone_of(value):
    """Return ``value`` when it is a tone of the kit, otherwise ``"neutral"``."""
    return value if value in TONES else "neutral"


@register.simple_tag
def icon(name, size=18, cls="", title=""):
    """Return a lucide icon as inline SVG.

    ``size`` is in px at normal type and written in rem, so it grows with large type. Icons are
    decoration (``aria-hidden``) unless ``title`` gives them a name.
    """
    rem = f"{size / 16:g}rem"
    attrs = {"class": f"icon {cls}".strip(), "width": rem, "height": rem, "focusable": "false"}
    if title:
        attrs |= {"role": "img", "aria_label": str(title)}
    else:
        attrs["aria_hidden"] = "true"
    try:
        return lucide(str(name), size=None, **attrs)
    except IconDoesNotExist:
        # Names also come from data (rules documents): decoration must never cost a page.
        return lucide("circle", size=None, **attrs)


@register.simple_tag
def state_tag(label, tone="neutral", icon_name=""):
    """Return a status tag: tint, icon and word, so colour is never the only sign."""
    tone = tone_of(tone)
    mark = icon(icon_name or TONE_ICONS[tone], size=14)
    return format_html('<span class="tag tag--{}">{}{}</span>', tone, mark, label)


def due_words(on, today):
    """Return ``(words, tone, icon name)`` for a date due ``on`` as seen from ``today``."""
    days = (on - today).days
    if days < 0:
        words = ngettext("逾期 %(n)d 天", "逾期 %(n)d 天", -days) % {"n": -days}
        return words, "bad", "clock-alert"
    if days == 0:
        return _("今日到期"), "warn", "alarm-clock"
    if days <= COUNTDOWN_DAYS:
        words = ngettext("还剩 %(n)d 天", "还剩 %(n)d 天", days) % {"n": days}
        return words, "warn" if days <= SOON_DAYS else "info", "clock"
    if on.year == today.year:
        return date_format(on, _("n月j日")), "neutral", "calendar"
    return date_format(on, _("Y年n月j日")), "neutral", "calendar"


def as_day(value):
    """Return the local calendar day of a date or datetime."""
    if isinstance(value, datetime.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@register.simple_tag
def due(on, today, provisional=False):
    """Return a due chip, or an empty string when ``on`` is None.

    ``provisional`` marks a day counted without an official working-day table (it may still move).
    """
    if not on:
        return ""
    day = as_day(on)
    words, tone, name = due_words(day, as_day(today))
    tail = format_html('<span class="due__prov">{}</span>', _("暂定")) if provisional else ""
    return format_html(
        '<time class="due due--{}" datetime="{}" title="{}">{}{}{}</time>',
        tone,
        day.isoformat(),
        day.isoformat(),
        icon(name, size=16),
        words,
        tail,
    )


@register.simple_tag
def avatar(name, size=""):
    """Return a round mark with the first character of a name; ``size`` may be ``"s"``."""
    letter = (str(name or "").strip() or "?")[0]
    extra = " avatar--s" if size == "s" else ""
    return format_html('<span class="avatar{}" aria-hidden="true">{}</span>', extra, letter)


@register.filter
def wan(value, places=2):
    """Return an amount already in 万元 as "2,381.00 万元"; "—" when there is none."""
    if value in (None, ""):
        return "—"
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return value
    shown = number_format(amount, decimal_pos=int(places), force_grouping=True)
    return _("%(amount)s 万元") % {"amount": shown}


@register.filter
def tone(value):
    """Return the kit's tone for a Django message level tag or a tone name."""
    return {"success": "ok", "warning": "warn", "error": "bad", "debug": "info"}.get(
        str(value), tone_of(value) if value in TONES else "info"
    )


@register.filter
def tone_icon(value):
    """Return the icon name that goes with a tone."""
    return TONE_ICONS[tone(value)]


@register.simple_tag
def brand_mark():
    """Return the 「试」 tile of the product."""
    return mark_safe('<span class="tile-mark" aria-hidden="true">试</span>')
