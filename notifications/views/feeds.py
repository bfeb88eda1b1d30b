"""Secret addresses at which calendar programs read the deadlines of one programme: made, renewed, taken back, read."""

import secrets
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.access import public, signed_in
from accounts.authority import Authority
from approvals.views.throttle import has_asked_too_often, too_many
from notifications.models import Deadline, Feed
from notifications.views.calendar import feed_response
from pilots.models import Programme
from pilots.views.look import programme_name

# "Last read" is noted to the hour: a program asks every few minutes.
NOTED = timedelta(hours=1)


class FeedForm(forms.Form):
    programme = forms.ChoiceField(label=_("项目"))

    def __init__(self, *args, programmes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [("", _("请选择")), *((one.code, programme_name(one)) for one in programmes)]


def _key():
    return secrets.token_urlsafe(32)


def _open_to(authority, taken):
    """Programmes of which this person sees deadlines, or sits in; without those that have an address already."""
    seen = Deadline.objects.visible_to(authority).order_by().values("programme").distinct()
    seats = {held.programme for held in authority.held} - {""}
    rows = Programme.objects.filter(Q(code__in=seen) | Q(code__in=seats)).exclude(code__in=taken)
    return list(rows.order_by("code"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request):
    """My addresses, and a form for one more."""
    mine = list(Feed.objects.filter(user=request.user))
    choices = _open_to(Authority.of(request.user, request.at), [row.programme for row in mine])
    form = FeedForm(request.POST or None, programmes=choices)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["programme"]
        Feed.objects.get_or_create(
            user=request.user, programme=code, defaults={"key": _key(), "created_at": request.at}
        )
        messages.success(request, _t("已生成订阅地址。"))
        return redirect("feeds")
    names = {
        one.code: programme_name(one) for one in Programme.objects.filter(code__in=[row.programme for row in mine])
    }
    context = {
        "form": form if choices else None,
        "feeds": [
            {
                "row": row,
                "name": names.get(row.programme, row.programme),
                "url": request.build_absolute_uri(reverse("programme_feed", args=[row.key])),
            }
            for row in mine
        ],
        "personal": request.build_absolute_uri(reverse("calendar_feed", args=[request.user.feed_key]))
        if request.user.feed_key
        else "",
    }
    return render(request, "notifications/feeds.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def feed_change(request, programme):
    """A new address for one of my feeds, or none; the old one is dead at once."""
    row = get_object_or_404(Feed, user=request.user, programme=programme)
    if request.POST.get("do") == "revoke":
        row.delete()
        messages.success(request, _t("订阅地址已撤销。"))
    else:
        Feed.objects.filter(pk=row.pk).update(key=_key(), created_at=request.at, read_at=None)
        messages.success(request, _t("已换新的订阅地址，原有地址随即失效。"))
    return redirect("feeds")


@public
@require_safe
def programme_feed(request, key):
    """The open deadlines of one programme, as far as whoever made the address sees them now. What is guessed, revoked,
    or belongs to somebody who has left is an unknown page; who guesses too often is told to wait."""
    if has_asked_too_often(request, "feed"):
        return render(request, "429.html", status=429)
    row = Feed.objects.filter(key=key, user__is_active=True).select_related("user").first()
    if row is None:
        too_many(request, "feed")
        raise Http404
    at = clock.now()
    if row.read_at is None or at - row.read_at > NOTED:
        Feed.objects.filter(pk=row.pk).update(read_at=at)
    programme = Programme.objects.filter(code=row.programme).first()
    with override(row.user.language):
        rows = Deadline.objects.visible_to(Authority.of(row.user, at)).filter(programme=row.programme)
        name = _t("%(programme)s：期限") % {"programme": programme_name(programme) if programme else row.programme}
        response = feed_response(rows, name, request)
    response["Cache-Control"] = "private, max-age=900"
    response["X-Robots-Tag"] = "noindex"
    return response
