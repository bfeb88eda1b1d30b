"""May this body apply, here, now? One answer for the eligibility page, the draft and the submission."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from accounts.acts import Unmet
from pilots.models import Application, Designation, DesignationState
from pilots.models.application import ENDED
from pilots.models.designation import RUNNING
from pilots.terms import add_months
from pilots.timing import end_of_upgrade

PRECONDITIONS = {
    "accepted": gettext_lazy("须先验收合格"),
    "term_over": gettext_lazy("须期限届满"),
    "last_assessment_excellent": gettext_lazy("最近一次验收须达到最高等次"),
    "one_year": gettext_lazy("须满一年"),
}


def obstacles(batch: Any, organisation: Any, place: Any, at: datetime, besides: Any = None) -> Iterator[Unmet]:
    """Every reason why `organisation` may not apply for `place` in `batch`; empty when it may."""
    rules = batch.rules
    if not batch.takes_from(place, at):
        yield Unmet("window_over", _("申报窗口已关闭。"))
    if organisation.kind not in rules.applicants.kinds:
        yield Unmet("wrong_body", _("%(kind)s不在本项目的申报主体范围内。") % {"kind": organisation.get_kind_display()})
    if rules.applicants.place_kinds and place.kind not in rules.applicants.place_kinds:
        yield Unmet("wrong_place", _("%(kind)s不在本项目的申报范围内。") % {"kind": place.get_kind_display()})
    if not place.is_in_force(clock.today(at)):
        yield Unmet("place_gone", _("%(place)s已撤并，请以现行区划申报。") % {"place": place})
    yield from _asked_already(batch, organisation, place, besides)
    if batch.intake == "commissioned" and not batch.invitations.filter(organisation=organisation).exists():
        yield Unmet("not_invited", _("本批次由国家局委托，%(body)s没有受到邀请。") % {"body": organisation})
    own = {"place": place} if rules.applicants.per == "place" else {"organisation": organisation}
    held = Designation.objects.filter(**own).select_related("batch__programme", "batch__rules_version", "rules_version")
    for site in held.defer("batch__call_text"):
        if site.batch.programme_id == batch.programme_id:
            yield from _same_title(site, place if rules.applicants.per == "place" else organisation, at)
        elif site.rules.upgrade and site.rules.upgrade.target == batch.programme.code:
            yield from _not_ready(site, clock.today(at))


def _asked_already(batch: Any, organisation: Any, place: Any, besides: Any) -> Iterator[Unmet]:
    """One application per place or body, or so many projects of one body, as the rules count (applicants.per)."""
    rules = batch.rules.applicants
    others = Application.objects.filter(batch=batch).exclude(state__in=ENDED)
    if besides is not None and besides.pk:
        others = others.exclude(pk=besides.pk)
    if rules.per == "place":
        if others.filter(place=place).exists():
            yield Unmet("already", _("%(place)s在本批次已有一份申报。") % {"place": place})
        return
    own = others.filter(organisation=organisation).count()
    if rules.per == "organisation" and own:
        yield Unmet("already", _("%(place)s在本批次已有一份申报。") % {"place": organisation})
    elif rules.most is not None and own >= rules.most:
        yield Unmet("most", _("%(body)s在本批次已申报 %(n)s 项，达到上限。") % {"body": organisation, "n": own})


def _same_title(site: Any, place: Any, at: datetime) -> Iterator[Unmet]:
    """One title of a kind at a time, and none while a ban lasts, with the paper that set it. Projects and prizes do not
    stand in each other's way."""
    if site.state in RUNNING and site.rules.applicants.per != "project":
        yield Unmet("holds_title", _("%(place)s已是本项目试点（%(number)s），期限未满。") % {
            "place": place, "number": site.number})  # fmt: skip
    elif site.banned_until and clock.today(at) < site.banned_until:
        why = _("，").join(
            part for part in (str(site.get_state_display()), site.end_document, site.ended_on.isoformat()) if part
        )
        yield Unmet("banned", _("%(place)s在 %(day)s 前不得再次申报（%(number)s：%(why)s）。") % {
            "place": place, "day": site.banned_until, "number": site.number, "why": why})  # fmt: skip


def _not_ready(site: Any, today: date) -> Iterator[Unmet]:
    """The title from which this one is an upgrade must have come as far as its rules ask (rules: upgrade)."""
    upgrade = site.rules.upgrade
    if site.state in (*RUNNING, DesignationState.ACCEPTED) and not upgrade_ready(site, today):
        yield Unmet("not_ready", _("%(title)s（%(number)s）尚未达到升级条件：%(what)s。") % {
            "title": site.title, "number": site.number, "what": PRECONDITIONS[upgrade.precondition]})  # fmt: skip


def upgrade_ready(site: Any, today: date) -> bool:
    """True when a site meets the precondition of the upgrade its rules name."""
    upgrade, accepted = site.rules.upgrade, site.state in (DesignationState.ACCEPTED, DesignationState.OPERATING)
    over = site.term_end is not None and today > site.term_end
    if site.state in RUNNING - {DesignationState.OPERATING} and not upgrade.early:
        return upgrade.precondition == "term_over" and over
    match upgrade.precondition:
        case "accepted":
            return accepted
        case "term_over":
            # Early: in the last year of the term already.
            return over or (upgrade.early and site.term_end is not None and today > add_months(site.term_end, -12))
        case "one_year":
            # Counted from the acceptance where there is one, else from the first day of the term.
            return add_months(site.ended_on or site.term_start, 12) <= today
        case _:
            return _excellent(site)


def _excellent(site: Any) -> bool:
    """True when the last yearly assessment, re-examination or acceptance of a site was of the highest kind."""
    rules = site.rules
    graded = [row for row in site.filings.all() if row.grade]
    if rules.report is not None and graded:
        last = max(graded, key=lambda row: (row.due_on or date.min, row.pk))
        return any(grade.code == last.grade and grade.effect == "excellent" for grade in rules.report.grades)
    if rules.renewal is not None and any(band.excellent and band.name.zh == site.grade for band in rules.renewal.bands):
        return True
    return rules.acceptance is not None and bool(site.grade) and site.grade == rules.acceptance.bands[0].name.zh


def upgrade_until(site: Any) -> date | None:
    """The last day to ask for the upgrade of an accepted site; None where the rules know none."""
    if site.state not in (DesignationState.ACCEPTED, DesignationState.HOLDING):
        return None
    return end_of_upgrade(site)
