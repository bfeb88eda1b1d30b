"""May this body apply, here, now? One answer for the eligibility page, the draft and the submission."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts import clock
from accounts.acts import Unmet
from pilots.models import Application, Designation
from pilots.models.application import ENDED
from pilots.models.batch import BatchState
from pilots.models.designation import RUNNING


def obstacles(batch: Any, organisation: Any, place: Any, at: datetime, besides: Any = None) -> Iterator[Unmet]:
    """Every reason why `organisation` may not apply for `place` in `batch`; empty when it may."""
    rules = batch.rules
    if batch.state != BatchState.OPEN or at >= batch.closes_at:
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
    for site in Designation.objects.filter(place=place, batch__programme=batch.programme):
        if site.state in RUNNING:
            yield Unmet("holds_title", _("%(place)s已是本项目试点（%(number)s），期限未满。") % {
                "place": place, "number": site.number})  # fmt: skip
        elif site.banned_until and clock.today(at) < site.banned_until:
            yield Unmet("banned", _("%(place)s在 %(day)s 前不得再次申报（%(why)s）。") % {
                "place": place, "day": site.banned_until, "why": site.get_state_display()})  # fmt: skip
