"""Messages that were given up: what, to whom, why; tried again one by one or all that are shown."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import seats
from accounts.authority import Authority
from accounts.roles import Role
from notifications import sending
from notifications.channels import registry
from notifications.models import Message
from notifications.views import overseen
from notifications.views.overseen import STAFF

PAGE, NAMED = 20, 200


class DeadFilter(forms.Form):
    channel = forms.ChoiceField(label=_("渠道"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [
            ("", _t("全部渠道")),
            *((code, channel.label) for code, channel in registry.every().items() if code != "inbox"),
        ]


def _shown(request):
    """(filter form, the channel that holds or "", the given-up messages it shows)."""
    form = DeadFilter(request.GET or None)
    form.is_valid()
    code = getattr(form, "cleaned_data", {}).get("channel", "")
    authority = Authority.of(request.user, request.at)
    rows = overseen.messages(authority, Message.objects.filter(state=Message.State.DEAD))
    return form, code, rows.filter(channel=code) if code else rows


@seats(*STAFF)
@require_safe
def dead(request):
    """The list, newest first."""
    form, code, rows = _shown(request)
    rows = rows.select_related("user", "endpoint").order_by("-not_before", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    every = registry.every()
    for row in page:
        row.label = every[row.channel].label if row.channel in every else row.channel
    retry = reverse("dead_retry") + (f"?channel={code}" if code else "")
    context = {"page": page, "filters": form, "filtered": bool(code), "retry": retry,
               "may_retry": Authority.of(request.user, request.at).has(Role.PROGRAMME_OFFICER)}  # fmt: skip
    return render(request, "notifications/dead.html", context)


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def dead_retry(request):
    """Tries all shown again, after saying how many that is."""
    _form, code, rows = _shown(request)
    if request.method == "POST":
        n = sending.again(rows, request.at)
        messages.success(request, _t("已重新排队 %(n)s 条消息。") % {"n": n})
        return redirect(reverse("dead") + (f"?channel={code}" if code else ""))
    n = rows.count()
    if not n:
        messages.info(request, _t("没有可重试的消息。"))
        return redirect("dead")
    # Beyond this the number says more than the names.
    named = rows.select_related("user", "endpoint").order_by("-not_before", "-pk") if n <= NAMED else []
    return render(request, "ui/confirm.html", {
        "heading": _t("重试 %(n)s 条消息") % {"n": n},
        "subtitle": str(registry.every()[code].label) if code else _t("全部渠道"),
        "effects": [_t("这 %(n)s 条消息立即重新排队，再试七天。") % {"n": n}, _t("邮箱的拒收记录一并清除。")],
        "items": [{"label": row.subject, "note": str(row.user or row.endpoint)} for row in named],
        "item_label": _t("条"), "submit_label": _t("全部重试"), "submit_icon": "refresh-cw", "tone": "primary",
        "cancel_url": reverse("dead") + (f"?channel={code}" if code else ""),
    })  # fmt: skip
