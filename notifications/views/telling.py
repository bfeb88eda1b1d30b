"""How I am told: by mail at once, in the digest, or not; quiet hours; the address of my calendar feed."""

import secrets
from datetime import time

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.access import public, signed_in
from accounts.authority import Authority
from accounts.models import User
from approvals.views.throttle import has_asked_too_often, too_many
from notifications.preferences import KINDS, MODES, chosen
from notifications.views.calendar import feed_of


class TellingForm(forms.Form):
    """One choice per kind of message, and the hours in which no mail leaves."""

    quiet_from = forms.TimeField(
        label=_("免打扰开始"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("在此期间不发邮件，结束后补发；两个时间相同表示不设免打扰。"),
    )  # fmt: skip
    quiet_to = forms.TimeField(label=_("免打扰结束"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args, user, **kwargs):
        choice = chosen(user)
        start, end = choice.quiet
        kwargs.setdefault("initial", choice.mail | {"quiet_from": start, "quiet_to": end})
        super().__init__(*args, **kwargs)
        for kind, (name, default) in KINDS.items():
            self.fields[kind] = forms.ChoiceField(
                label=name, choices=list(MODES.items()), help_text=_t("默认：%(mode)s") % {"mode": MODES[default]}
            )
        self.order_fields([*KINDS, "quiet_from", "quiet_to"])

    def stored(self):
        """What is kept with the user."""
        data = self.cleaned_data
        return {
            "mail": {kind: data[kind] for kind in KINDS},
            "quiet": [_clock(data["quiet_from"]), _clock(data["quiet_to"])],
        }


def _clock(value: time) -> str:
    return value.strftime("%H:%M")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def telling(request):
    """My choices."""
    form = TellingForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=request.user.pk).update(telling=form.stored())
        messages.success(request, _t("已保存通知设置。"))
        return redirect("telling")
    feed = request.build_absolute_uri(f"/calendar/feed/{request.user.feed_key}.ics") if request.user.feed_key else ""
    context = {"form": form, "feed": feed, "mail": request.user.email}
    return render(request, "notifications/telling.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def feed_address(request):
    """A new secret address for my feed, or none; the old one is dead at once."""
    key = "" if request.POST.get("do") == "revoke" else secrets.token_urlsafe(32)
    User.objects.filter(pk=request.user.pk).update(feed_key=key)
    messages.success(request, _t("订阅地址已撤销。") if not key else _t("已生成订阅地址，原有地址随即失效。"))
    return redirect("telling")


@public
@require_safe
def feed(request, key):
    """The open duties of whoever holds the address; a guessed one is an unknown page, whatever it looks like."""
    if has_asked_too_often(request, "feed"):
        return render(request, "429.html", status=429)
    user = User.objects.filter(feed_key=key, is_active=True).first() if key else None
    if user is None:
        too_many(request, "feed")
        raise Http404
    with override(user.language):
        response = feed_of(Authority.of(user, clock.now()), request)
    response["Cache-Control"] = "private, max-age=900"
    response["X-Robots-Tag"] = "noindex"
    return response
