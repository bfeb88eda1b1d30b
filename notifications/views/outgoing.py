"""What leaves the house after a restore: how much would go, how much went already, and who lets it go."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import seats
from accounts.authority import Authority
from notifications import epoch
from notifications.channels import registry
from notifications.models import Epoch, Message
from notifications.sentlog import Unreadable
from notifications.views import overseen
from notifications.views.channels import may_change
from notifications.views.overseen import STAFF

SHOWN = 20


class ReleaseForm(forms.Form):
    reason = forms.CharField(
        label=_("放行理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写明核对了什么，例如备份的时间和恢复的原因；随放行一并记录。"),
    )  # fmt: skip


@seats(*STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def outgoing(request):
    """Held or open; while held, what a release would do."""
    why = epoch.held(request.at)
    form = ReleaseForm(request.POST or None)
    change = may_change(request)
    if request.method == "POST":
        if not change:
            raise PermissionDenied
        if why in (epoch.RESTORED, epoch.LOST) and form.is_valid():
            count = epoch.release(request.at, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, _t("已放行：将发出 %(n)s 条，%(m)s 条此前已发出、不再发送。") % {
                "n": count.would_go, "m": count.already_went})  # fmt: skip
            return redirect("outgoing")
        if not why:
            return redirect("outgoing")
    rows, went, unknown = [], set(), False
    try:
        rows, went = epoch.waiting()
    except Unreadable:
        unknown = True
    authority = Authority.of(request.user, request.at)
    named = set(overseen.messages(authority, Message.objects.outgoing()).values_list("pk", flat=True))
    labels = {code: channel.label for code, channel in registry.every().items()}
    lines = [{"row": row, "to": row.user or row.endpoint, "channel": labels.get(row.channel, row.channel),
              "went": row.key in went} for row in rows if row.pk in named]  # fmt: skip
    context = {
        "why": why, "words": epoch.WORDS.get(why, ""), "form": form, "may_change": change, "unknown": unknown,
        "releasable": why in (epoch.RESTORED, epoch.LOST) and not unknown,
        "n": len(rows) - len(went), "m": len(went),
        "go": [line for line in lines if not line["went"]][:SHOWN], "gone": [line for line in lines if line["went"]][:SHOWN],
        "releases": Epoch.objects.exclude(by=None).select_related("by")[:SHOWN],
    }  # fmt: skip
    return render(request, "notifications/outgoing.html", context, status=422 if form.errors else 200)
