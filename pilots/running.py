"""How a site enters the years of its title: its term is settled, its reports are planned, its money falls due."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts import clock
from pilots import terms
from pilots.models import DesignationState as D
from pilots.models import Filing, Tranche
from pilots.models.designation import ENTERING, HELD

# Reports of a title without a last day are planned one at a time; the next one lies within this many months.
_AHEAD = 13


def report_days(rules: Any, start: date, end: date | None) -> list[tuple[str, date]]:
    """(period, due day) of every periodic report inside a term, from the rules' rhythm and day of the year.

    Without an end, the next one after `start`.
    """
    if rules.report is None:
        return []
    last = end or terms.add_months(start, _AHEAD)
    month, day = (int(part) for part in rules.report.month_day.split("-"))
    step = {"yearly": 12, "half_yearly": 6, "quarterly": 3}[rules.report.rhythm]
    # From the first month of the rhythm in that year on, so that a quarterly report due in March is due in June, too.
    due, found = date(start.year, (month - 1) % step + 1, 1), []
    while due <= last:
        month_end = terms.add_months(due.replace(day=1), 1) - timedelta(days=1)
        on = due.replace(day=min(day, month_end.day))
        if start < on <= last:
            found.append((str(on.year) if step == 12 else f"{on.year}-{on.month:02d}", on))
        due = terms.add_months(due, step)
    return found if end else found[:1]


def plan_reports(site: Any, at: Any, since: date, until: date | None) -> None:
    """Rows for the reports that fall due after `since`; those that stand already are left alone."""
    standing = {row.period for row in Filing.objects.filter(designation=site, kind=Filing.Kind.REPORT)}
    Filing.objects.bulk_create(
        Filing(designation=site, kind=Filing.Kind.REPORT, period=period, due_on=due, opened_at=at)
        for period, due in report_days(site.rules, since, until)
        if period not in standing
    )
    site.__dict__.get("_prefetched_objects_cache", {}).pop("filings", None)


def next_report(site: Any, at: Any) -> None:
    """Where a title has no last day, filing one report plans the next."""
    if site.state in HELD and (site.term_end is None or site.operating_since is not None):
        last = Filing.objects.filter(designation=site, kind=Filing.Kind.REPORT).order_by("-due_on").first()
        if last is not None and last.filed_at is not None:
            plan_reports(site, at, last.due_on, None)


def enter(deed: Any, event: str = "") -> None:
    """After an act that may have been the last step before the title's own years (agreement, plan).

    `event` is the anchor this act stands for: where the rules count the term from it, the term is settled now.
    """
    site, day = deed.obj, clock.today(deed.at)
    if event and site.rules.term.anchor == event:
        site.term_start, site.term_end, site.term_text = terms.of_designation(site.rules, day)
        deed.facts["term"] = site.term_text
        deed.then = (*deed.then, "award_certificate")
    if event == "plan_date":
        fall_due(site, "plan_filed", deed.at)
    if site.state in ENTERING:
        return
    if site.state == D.HOLDING:
        site.valid_until = site.term_end
    plan_reports(site, deed.at, max(site.term_start, day), site.term_end)


def plan_money(site: Any) -> None:
    """The tranches of a site as its rules plan them; amounts in 万元."""
    funding = site.rules.funding
    if funding is None:
        return
    Tranche.objects.bulk_create(
        Tranche(
            designation=site, number=number, name=tranche.name.zh, condition=tranche.condition,
            planned=(funding.amount * tranche.percent / 100).quantize(Decimal("0.01")),
        )
        for number, tranche in enumerate(site.rules.tranches, start=1)
    )  # fmt: skip


def fall_due(site: Any, condition: str, at: Any, band: str = "", why: str = "") -> None:
    """What `condition` makes due; the mid-term band scales it, and a band of nothing withholds it (card 31)."""
    waiting = Tranche.objects.filter(designation=site, condition=condition, state=Tranche.State.WAITING)
    for row in waiting:
        by_band = site.rules.tranches[row.number - 1].by_band
        share = by_band.get(band, 100) if by_band else 100
        row.amount = (row.planned * share / 100).quantize(Decimal("0.01"))
        row.due_at, row.why = at, why
        row.state = Tranche.State.DUE if row.amount else Tranche.State.WITHHELD
        row.settled_at = None if row.amount else at
        row.save()
    site.__dict__.get("_prefetched_objects_cache", {}).pop("tranches", None)
