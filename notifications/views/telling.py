"""How I am told: by which channel, at once, in the digest, or not; quiet hours; the address of my calendar feed."""

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
from notifications.bounces import ENOUGH
from notifications.models import Bounce, Endpoint
from notifications.preferences import KINDS, MODES, chosen, personal
from notifications.views.calendar import feed_of


class TellingForm(forms.Form):
    """One choice per kind of message and channel, and the hours in which nothing rings."""

    quiet_from = forms.TimeField(
        label=_("免打扰开始"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("在此期间不发邮件和短信，结束后补发；两个时间相同表示不设免打扰。"),
    )  # fmt: skip
    quiet_to = forms.TimeField(label=_("免打扰结束"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args, user, channels, **kwargs):
        self.channels = channels
        choice = chosen(user)
        start, end = choice.quiet
        kwargs.setdefault("initial", {"quiet_from": start, "quiet_to": end} | {
            self.name_of(code, kind): choice.modes[code][kind] for code in channels for kind in KINDS
        })  # fmt: skip
        super().__init__(*args, **kwargs)
        for kind, (name, usual) in KINDS.items():
            for code, channel in channels.items():
                default = channel.default(kind, usual)
                self.fields[self.name_of(code, kind)] = forms.ChoiceField(
                    widget=forms.Select(attrs={"class": "control"}),
                    label=_t("%(kind)s：%(channel)s") % {"kind": name, "channel": channel.label},
                    choices=[
                        (mode, _t("%(mode)s（默认）") % {"mode": MODES[mode]} if mode == default else MODES[mode])
                        for mode in channel.modes
                    ],
                )
        # Errors are listed in the order of the page.
        self.order_fields([name for name in self.fields if name not in ("quiet_from", "quiet_to")])

    @staticmethod
    def name_of(code, kind):
        """The field of a kind in a channel; e-mail's are named after the kind alone."""
        return kind if code == "email" else f"{code}_{kind}"

    def rows(self):
        """The table: (kind, [(channel, its field)])."""
        return [
            (name, [(channel, self[self.name_of(code, kind)]) for code, channel in self.channels.items()])
            for kind, (name, _usual) in KINDS.items()
        ]

    def stored(self, before):
        """What is kept with the user; choices about channels that are not offered now stay as they are."""
        data = self.cleaned_data
        chosen_ = {
            channel.stored_as: {kind: data[self.name_of(code, kind)] for kind in KINDS}
            for code, channel in self.channels.items()
        }
        return (before or {}) | chosen_ | {"quiet": [_clock(data["quiet_from"]), _clock(data["quiet_to"])]}


def _clock(value: time) -> str:
    return value.strftime("%H:%M")


def _offered(user):
    """The channels this person has a choice about: e-mail always, others where they can reach the person at all."""
    gateways = set(Endpoint.objects.listening().values_list("channel", flat=True))
    return {
        code: channel
        for code, channel in personal().items()
        if code == "email" or (channel.reaches(user) and (channel.form is None or code in gateways))
    }


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def telling(request):
    """My choices."""
    user = request.user
    form = TellingForm(request.POST or None, user=user, channels=_offered(user))
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=user.pk).update(telling=form.stored(user.telling))
        messages.success(request, _t("已保存通知设置。"))
        return redirect("telling")
    feed = request.build_absolute_uri(f"/calendar/feed/{user.feed_key}.ics") if user.feed_key else ""
    context = {"form": form, "feed": feed, "mail": user.email, "phone": user.phone if "sms" in form.channels else "",
               "bounce": Bounce.objects.filter(address=user.email.lower(), failures__gte=ENOUGH).first()}  # fmt: skip
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
