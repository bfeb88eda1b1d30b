"""The page of one site: its three years, its numbers, its papers, what comes next."""

from decimal import Decimal, InvalidOperation

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.roles import Role
from notifications.models import Deadline
from pilots.acts.application import APPLICANT
from pilots.models import Application, ApplicationState, Designation, Filing, IndicatorValue
from pilots.models import DesignationState as D
from pilots.models.designation import OVER, RUNNING
from pilots.views import answers, flowchart, history, holding, journey
from pilots.views.look import deadline_label, state_of, url_or_none
from pilots.views.offers import told
from pilots.views.term import SITE_ACTS, read_ahead, term_cards
from pilots.views.track import track
from pilots.views.viewer import is_inside
from workflows.offers import panel

_TONES = {D.REVOKED: "bad", D.EXITED: "bad", D.LAPSED: "bad"}


@signed_in
@require_safe
def designation(request, uuid):
    """One site."""
    authority = Authority.of(request.user, request.at)
    site = get_object_or_404(
        Designation.objects.visible_to(authority)
        .select_related(*Designation.related, "application", "mid_term")
        .prefetch_related(
            Prefetch("filings", Filing.objects.select_related("filed_by")), "indicator_values", "certificates"
        ),
        uuid=uuid,
    )
    read_ahead(site, request.at)
    today = clock.today(request.at)
    deadlines = [row for row in Deadline.objects.of(site).open().order_by("due_at") if row.role != Role.SYSTEM]
    ours = authority.seat(APPLICANT, site.scope()) is not None
    rows = history.entries(site)
    own = {request.user.pk} | ({row.actor_id for row in rows if row.role in APPLICANT} if ours else set())
    filings = sorted(site.filings.all(), key=lambda row: (row.due_on or clock.today(row.opened_at), row.pk))
    columns, indicators = indicator_table(site)
    inside = is_inside(site, authority)
    offers = told(panel(site, request.user, request.at), inside, besides=SITE_ACTS if ours else ())
    return render(
        request,
        "pilots/designation.html",
        {
            "site": site,
            "programme": site.rules.name,
            "state": state_of(site),
            "today": today,
            "late": [
                {
                    "row": row,
                    "label": deadline_label(row),
                    "role": Role(row.role).label,
                    "days": (today - row.due_on).days,
                }
                for row in deadlines
                if row.due_on < today
            ],
            "next": next(
                ({"row": row, "label": deadline_label(row)} for row in deadlines if row.due_on >= today), None
            ),
            "steps": track(site, filings),
            "filings": [_filing(site, row, today) for row in filings],
            "columns": columns,
            "indicators": indicators,
            "certificates": [
                {
                    "row": row,
                    "url": url_or_none("certificate", row.uuid),
                    "tone": {"issued": "ok", "pending": "info", "revoked": "bad"}.get(row.state, "neutral"),
                }
                for row in site.certificates.all()
            ],
            "offers": offers,
            "chart": flowchart.addresses(site),
            "picture": journey.picture(Application(batch=site.batch, state=ApplicationState.APPROVED), site),
            "running": site.state in RUNNING,
            "log": history.timeline(site, rows, inside=inside, own=own),
            "points": _points(site, filings),
            "papers": _papers(site),
            **term_cards(site, authority, ours=ours, today=today),
            **holding.cards(site, authority, offers, rows),
        },
    )


def _papers(site):
    """Papers of the years after the approval that can be taken away: [(name, number, address without the form)]."""
    found = []
    # A site that was never judged asks nothing.
    if site.rules.acceptance or site.rules.renewal:
        for row in site.evaluations.all():
            if row.concluded_at is not None:
                name = _("%(stage)s结论（第 %(n)s 轮）") % {"stage": row.get_stage_display(), "n": row.round}
                found.append({"name": name, "number": "", "pk": row.pk, "route": "conclusion"})
    for row in site.revocations.all():
        if row.decision == row.Decision.REVOKED:
            found.append(
                {"name": _("撤销决定"), "number": site.end_document, "pk": row.pk, "route": "revocation_decision"}
            )
    return found


def _points(site, filings):
    points = [{"on": row.due_on, "label": str(row)} for row in filings if row.due_on]
    if site.term_end is not None:
        points.append({"on": site.term_end, "label": _("期满")})
    return [
        {
            "label": site.place.display_name,
            "start": site.term_start,
            # None: no day ends it, the bar runs on.
            "end": None if holding.is_open_ended(site) else site.term_end,
            "note": site.term_text,
            # A site that was accepted is not "over and not yet accepted".
            "tone": _TONES.get(site.state, "ok" if site.state in OVER else ""),
            "points": points,
        }
    ]


def indicator_table(site):
    """(periods, rows): promised and actual numbers. Baseline and target come from the application as
    approved,
    the actual ones from the reports; of several revisions the last counts."""
    rules = site.rules
    promised = {}
    if site.application is not None:
        for section in rules.sections:
            for spec in section.fields:
                if spec.type == "indicators":
                    promised |= site.application.answers.get(section.code, {}).get(spec.code) or {}
    actual, periods = {}, set()
    for value in site.indicator_values.all():
        if value.state != IndicatorValue.State.STANDS:
            continue
        actual[value.code, value.period] = value.value
        periods.add(value.period)
    columns = sorted(periods)
    rows = []
    for indicator in rules.indicators:
        row = promised.get(indicator.code) or {}
        values = [actual.get((indicator.code, period)) for period in columns]
        last = next((value for value in reversed(values) if value is not None), None)
        rows.append(
            {
                "name": indicator.name,
                "unit": indicator.unit,
                "baseline": row.get("baseline", ""),
                "target": row.get("target", ""),
                "values": [_plain(value) for value in values],
                "share": reached(last, row.get("target"), higher=indicator.higher_is_better),
            }
        )
    return columns, rows


def _plain(value):
    return "" if value is None else f"{value.normalize():f}"


def reached(value, target, *, higher=True):
    """How much of a target is reached, in whole percent; None where there is nothing to compare."""
    try:
        goal = Decimal(str(target).replace(",", ""))
    except InvalidOperation:
        return None
    if value is None or not goal.is_finite() or goal <= 0:
        return None
    if higher:
        return int(100 * value / goal)
    return 100 if value <= goal else int(100 * goal / value)


def _filing(site, row, today):
    labels = _labels(site, row)
    return {
        "row": row,
        "late": row.filed_at is None and row.due_on is not None and row.due_on < today,
        "facts": [
            {"label": labels.get(key, key), "value": answers.flatten(value), "hint": ""}
            for key, value in row.answers.items()
            if value not in ("", None, [], {})
        ],
    }


def _labels(site, row):
    rules = site.rules
    parts = {
        Filing.Kind.PLAN: rules.plan,
        Filing.Kind.REPORT: rules.report,
        Filing.Kind.SELF_EVALUATION: rules.acceptance,
    }
    labels = {
        spec.code: str(spec.name) for section in getattr(parts.get(row.kind), "sections", []) for spec in section.fields
    }
    labels |= {indicator.code: f"{indicator.name}（{indicator.unit}）" for indicator in rules.indicators}
    return labels | {
        "summary": _("要点"),
        "issued_number": _("印发文号"),
        "next_plan": _("下期工作计划"),
        "self_score": _("自评得分"),
    }
