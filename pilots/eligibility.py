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
from pilots.timing import after

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
    others = Application.objects.filter(batch=batch, place=place).exclude(state__in=ENDED)
    if besides is not None and besides.pk:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        yield Unmet("already", _("%(place)s在本批次已有一份申报。") % {"place": place})
    held = Designation.objects.filter(place=place).select_related("batch__programme", "batch__rules_version")
    for site in held.defer("batch__call_text"):
        if site.batch.programme_id == batch.programme_id:
            yield from _same_title(site, place, at)
        elif site.rules.upgrade and site.rules.upgrade.target == batch.programme.code:
            yield from _not_ready(site, clock.today(at))


def _same_title(site: Any, place: Any, at: datetime) -> Iterator[Unmet]:
    """One title of a kind at a time, and none while a ban lasts, with the paper that set it."""
    if site.state in RUNNING:
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
    upgrade, accepted = site.rules.upgrade, site.state == DesignationState.ACCEPTED
    if site.state in RUNNING and not upgrade.early:
        return upgrade.precondition == "term_over" and today > site.term_end
    match upgrade.precondition:
        case "accepted":
            return accepted
        case "term_over":
            return today > site.term_end
        case "one_year":
            # Counted from the acceptance where there is one, else from the first day of the term.
            return add_months(site.ended_on or site.term_start, 12) <= today
        case _:
            best = site.rules.acceptance.bands[0]
            return accepted and site.grade == best.name.zh


def upgrade_until(site: Any) -> date | None:
    """The last day to ask for the upgrade of an accepted site; None where the rules know none."""
    stage = site.rules.stage("UPG")
    if site.rules.upgrade is None or stage is None or site.state != DesignationState.ACCEPTED:
        return None
    return after(max(site.term_end, site.ended_on), stage.due)
