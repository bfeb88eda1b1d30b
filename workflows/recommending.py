"""One letter of a province for many applications: each is recommended, or not, through the door, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Unmet
from approvals.acts.check import joint_given, joint_inputs
from approvals.models import Letter
from pilots.models import Application, ApplicationState, Batch
from workflows.door import perform
from workflows.refusals import NotNow, Stale


@dataclass(frozen=True)
class Verdict:
    """What the province says about one application: a rank, or a reason why not. `version` is what it saw."""

    application: Application
    rank: int | None = None
    reason: str = ""
    version: int | None = None


def recommend_all(
    batch: Batch, province: Any, verdicts: Sequence[Verdict], *, number: str, opinion: str = "",
    joint: Mapping[str, str] | None = None, by: Any, at: datetime,
) -> Letter:  # fmt: skip
    """Does all of it or nothing. Raises NotNow with every reason (by application), Denied, Stale.

    `joint` holds what was typed for each of `joint_inputs`.
    """
    with transaction.atomic():
        # The lock of the province's quota, before any application: two officers cannot both take the last place.
        batch = Batch.objects.select_for_update(of=("self",)).select_related(*Batch.related).get(pk=batch.pk)
        rules, given = batch.rules.recommendation, dict(joint or {})
        faults = list(_faults(batch, verdicts, number, given))
        if faults:
            raise NotNow(faults)
        chosen = sorted((one for one in verdicts if one.rank is not None), key=lambda one: one.rank or 0)
        rest = [one for one in verdicts if one.rank is None]
        letter = Letter.objects.create(
            batch=batch, province=province, number=number, opinion=opinion, joint=joint_given(rules, given), at=at,
            by=by, recommended=[_line(one) | {"rank": one.rank} for one in chosen],
            declined=[_line(one) | {"reason": one.reason} for one in rest],
        )  # fmt: skip
        for one in chosen:
            data = given | {"rank": one.rank, "letter_number": number, "opinion": opinion, "letter": letter.pk}
            _one(one, "recommend", by, at, data=data)
        for one in rest:
            _one(one, "decline", by, at, data={"letter": letter.pk}, reason=one.reason)
        return letter


def _line(one: Verdict) -> dict[str, Any]:
    application = one.application
    return {"number": application.number, "title": application.title, "applicant": application.organisation.name}


def _one(one: Verdict, code: str, by: Any, at: datetime, **more: Any) -> None:
    try:
        perform(one.application, code, by=by, at=at, version=one.version, **more)
    except Stale:
        raise
    except NotNow as refusal:
        name = one.application.number
        raise NotNow([Unmet(item.code, f"{name}：{item.text}", name) for item in refusal.reasons]) from refusal


def _faults(batch: Batch, verdicts: Sequence[Verdict], number: str, joint: Mapping[str, str]) -> list[Unmet]:
    found = []
    if not verdicts:
        found.append(Unmet("nothing", _("没有选择任何申报。")))
    if not number and batch.rules.recommendation.letter_required:
        found.append(Unmet("letter", _("请填写推荐函文号。"), "letter_number"))
    for name, office in joint_inputs(batch.rules.recommendation):
        if not joint.get(name, "").strip() and any(one.rank is not None for one in verdicts):
            found.append(Unmet("joint", _("请填写%(office)s会签人。") % {"office": office}, name))
    for one in verdicts:
        here = one.application.number
        if one.rank is None and not one.reason.strip():
            found.append(Unmet("reason", _("%(number)s：不推荐须写明理由。") % {"number": here}, here))
        if one.application.state != ApplicationState.PROVINCE_REVIEW:
            found.append(Unmet("state", _("%(number)s已不在省级推荐环节。") % {"number": here}, here))
    return found
