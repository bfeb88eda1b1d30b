"""Pages anybody may open: the home page, the calls, one call."""

from datetime import date, timedelta

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import public
from accounts.authority import Authority
from accounts.models import Organisation, Place
from accounts.roles import HOUSE, Role
from pilots.acts.application import APPLICANT
from pilots.models import Batch, BatchState, RulesVersion
from pilots.rules.stages import STAGE_LABELS
from pilots.views.look import period_words, programme_name, state_of, url_or_none

SHOWN = 5
# What an outsider may read of a batch starts with its call.
_SECRET = (BatchState.DRAFT, BatchState.CANCELLED)


def known_to(user):
    """Batches a reader may know of, signed in or not: a commission is known to those it was sent to, and who runs it."""
    if user.is_authenticated and not Authority.of(user).has(*HOUSE):
        return Batch.objects.visible_to(user)
    return Batch.objects.exclude(state__in=_SECRET).exclude(intake="commissioned")


def published_to(user, rows, *, batch=""):
    """Of rows that are published, those a reader may know of: what is between the office and those it asked is published to
    nobody, what a programme keeps to itself to those signed in. `batch` is the look-up of the rows' batch, with "__"."""
    rows = rows.exclude(**{f"{batch}intake": "commissioned"})
    if user.is_authenticated:
        return rows
    versions = RulesVersion.objects.filter(pk__in=rows.order_by().values(f"{batch}rules_version"))
    kept = [version.pk for version in versions if version.rules.confidential]
    return rows.exclude(**{f"{batch}rules_version__in": kept}) if kept else rows


def open_calls(at, user):
    """Calls open at `at`, the one that closes first at the top; confidential ones need a sign-in."""
    rows = known_to(user).filter(state=BatchState.OPEN, closes_at__gt=at).select_related(*Batch.related)
    return [row for row in rows.order_by("closes_at", "pk") if user.is_authenticated or not row.rules.confidential]


def expected(day):
    """[{"name", "on"}] of the programmes whose rules name a day of the year for their call, soonest first."""
    found = {}
    versions = RulesVersion.objects.filter(published_at__isnull=False, programme__active=True).select_related(
        "programme"
    )
    for version in versions.order_by("published_at", "pk"):
        found[version.programme_id] = version
    rows = []
    for version in found.values():
        window = version.rules.window
        if window.kind == "batch" and window.month_day:
            rows.append({"name": version.rules.name, "on": _next(window.month_day, day)})
    return sorted(rows, key=lambda row: row["on"])


def _next(month_day, day):
    month, number = (int(part) for part in month_day.split("-"))
    for year in (day.year, day.year + 1):
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        candidate = date(year, month, min(number, last))
        if candidate > day:
            return candidate
    return candidate


@public
@require_safe
def home(request):
    """What this is, which calls are open, what is being published, and the box to check a certificate."""
    at = clock.now()
    calls = open_calls(at, request.user)[:SHOWN]
    day = clock.today(at)
    notices = published_to(request.user, Batch.objects.filter(state=BatchState.NOTICE))
    notices = notices.select_related("programme").order_by("notice_to")[:SHOWN]
    return render(
        request,
        "pilots/home.html",
        {
            "calls": [{"batch": batch, "programme": programme_name(batch.programme)} for batch in calls],
            "expected": [] if calls else expected(day)[:1],
            "notices": [
                {
                    "batch": batch,
                    "programme": programme_name(batch.programme),
                    "url": url_or_none("notice", batch.uuid)
                    or url_or_none("notices")
                    or reverse("call", args=[batch.uuid]),
                }
                for batch in notices
            ],
            "verify_url": url_or_none("verify"),
            "today": day,
            "demo": settings.DEMO,
        },
    )


@public
@require_safe
def calls(request):
    """Open calls, and the latest that have closed."""
    at = clock.now()
    rows = open_calls(at, request.user)
    closed = known_to(request.user).exclude(state__in=_SECRET).exclude(state=BatchState.OPEN, closes_at__gt=at)
    closed = [
        row
        for row in closed.select_related(*Batch.related).order_by("-closes_at", "-pk")[: 2 * SHOWN]
        if request.user.is_authenticated or not row.rules.confidential
    ]
    return render(
        request,
        "pilots/calls.html",
        {
            "calls": [{"batch": batch, "programme": programme_name(batch.programme)} for batch in rows],
            "closed": [{"batch": batch, "state": state_of(batch)} for batch in closed],
            "expected": [] if rows else expected(clock.today(at))[:3],
            "today": clock.today(at),
        },
    )


@public
@require_safe
def call(request, uuid):
    """One call: who may apply, how many, until when, with what, and how long each step takes."""
    at = clock.now()
    batch = get_object_or_404(
        known_to(request.user).exclude(state__in=_SECRET).select_related(*Batch.related), uuid=uuid
    )
    rules = batch.rules
    if rules.confidential and not request.user.is_authenticated:
        raise Http404
    return render(
        request,
        "pilots/call.html",
        {
            "batch": batch,
            "rules": rules,
            "programme": rules.name,
            "state": state_of(batch),
            "open": batch.state == BatchState.OPEN and at < batch.closes_at,
            "late": _late(batch, at),
            "kinds": [
                Organisation.Kind(kind).label for kind in rules.applicants.kinds if kind in Organisation.Kind.values
            ],
            "place_kinds": [
                Place.Kind(kind).label for kind in rules.applicants.place_kinds if kind in Place.Kind.values
            ],
            "quota": _quota_words(rules.quota),
            "per": per_words(rules.applicants),
            "stages": [
                {
                    "label": _label(stage.code),
                    "owner": Role(stage.owner).label,
                    "time": period_words(stage.due),
                }
                for stage in rules.stages
            ],
            "may_begin": not request.user.is_authenticated or Authority.of(request.user, at).has(*APPLICANT),
            "today": clock.today(at),
        },
    )


def _late(batch, at):
    """Provinces for which a closed window is open again."""
    if batch.state not in (BatchState.OPEN, BatchState.REVIEWING):
        return []
    rows = batch.reopenings.filter(ended_at__isnull=True).select_related("place")
    return [row for row in rows if at < row.closes_at]


def _label(code):
    zh, en = STAGE_LABELS[code]
    return en if (get_language() or "").startswith("en") else zh


def per_words(applicants):
    """How many applications there may be: one for a place, one of a body, or so many projects."""
    if applicants.per == "place":
        return _("每个地区一份")
    if applicants.per == "organisation":
        return _("每个单位一份，同一地区可以有多个单位申报")
    if applicants.most:
        return _("每个项目一份，每个单位最多 %(n)s 项") % {"n": applicants.most}
    return _("每个项目一份，项数不限")


def _quota_words(quota):
    if quota.kind == "absolute":
        return _("每省推荐不超过 %(n)s 个") % {"n": quota.places}
    if quota.kind == "share":
        return _("推荐不超过 %(n)s%%") % {"n": quota.share_percent}
    if quota.kind == "rank_only":
        return _("不限推荐数量，须排序")
    return _("不限")
