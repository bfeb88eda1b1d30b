"""One decision to move running cases to other rules: stored with what was confirmed, carried out by jobs, taken back."""

from datetime import datetime
from typing import Any

from django.db import transaction

from notifications.jobs import enqueue, job
from pilots import inflight
from pilots.models import AdoptionItem, Application, Batch, Designation, RulesAdoption

MODELS = {"batch": Batch, "application": Application, "designation": Designation}
CHUNK = 25
KIND = "adopt_rules"


def group_of(adoption):
    """The group under which its jobs are counted."""
    return f"adoption:{adoption.uuid}"


@transaction.atomic
def decide(programme, version, cases, *, mapping, reason, by, at, reverts=None):
    """Stores the decision and one item per case, and leaves the rest to jobs.

    The door asks every case again when its turn comes: what has changed since is refused with its reason.
    """
    adoption = RulesAdoption.objects.create(
        programme=programme, version=version, mapping=mapping, reason=reason, by=by, at=at, reverts=reverts
    )
    items = AdoptionItem.objects.bulk_create(
        AdoptionItem(adoption=adoption, model=case._meta.model_name, case_uuid=case.uuid, label=str(case)[:200],
                     before=inflight.pinned(case), undo=undo)
        for case, undo in cases
    )  # fmt: skip
    # A batch goes first: what stays behind it is pinned to the old version before its applications go over.
    items.sort(key=lambda item: (item.model != "batch", item.pk))
    keys = [item.pk for item in items]
    enqueue([
        job(KIND, f"{KIND}:{adoption.uuid}:{start}", at, group=group_of(adoption), size=len(part), items=part)
        for start in range(0, len(keys), CHUNK)
        for part in [keys[start : start + CHUNK]]
    ])  # fmt: skip
    return adoption


def case_of(item: AdoptionItem) -> Any:
    """The case of an item as it stands now, or None."""
    model = MODELS[item.model]
    return model.objects.select_related(*model.related).filter(uuid=item.case_uuid).first()


def back(adoption, *, reason, by, at):
    """The decision that takes another one back: every case that went over returns to the version it came from.

    Returns one adoption per version that cases came from; usually there is one.
    """
    made = []
    done = list(adoption.items.filter(state=AdoptionItem.State.DONE).select_related("before"))
    for version in {item.before_id: item.before for item in done}.values():
        cases = [
            (case, item.undo) for item in done if item.before_id == version.pk and (case := case_of(item)) is not None
        ]
        cases = [(case, undo) for case, undo in cases if inflight.pinned(case).pk == adoption.version_id]
        if cases:
            made.append(
                decide(adoption.programme, version, cases, mapping={}, reason=reason, by=by, at=at, reverts=adoption)
            )
    return made


def answers_for(adoption: RulesAdoption, case: Any, at: datetime) -> dict[str, str]:
    """The mapping with which one case goes over. On the way back, what only the newer form asked is not carried on."""
    needs = inflight.judge(case, adoption.version, at).needs
    if adoption.reverts_id is None:
        return {need.key: adoption.mapping[need.key] for need in needs if need.key in adoption.mapping}
    return {need.key: inflight.DROP if inflight.DROP in dict(need.choices) else need.choices[0][0] for need in needs}
