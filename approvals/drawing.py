"""A draw for a whole batch: the plan before anything is stored, and the plan as it is kept."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from approvals import panel
from approvals.models import Draw, DrawnPanel
from approvals.rules import draw
from pilots.models import Application, ApplicationState

# A seed people can read to each other on the telephone.
MOST_SEED = 999_999


@dataclass(frozen=True)
class Plan:
    """One possible draw. `sha256` is over everything a reader of the preview sees."""

    seed: int
    applications: list[Application]
    experts: dict[int, User]
    result: draw.Result
    sha256: str

    @property
    def facts(self) -> dict[str, Any]:
        """Counts for the page and the ledger; the histogram counts members by load after the draw."""
        loads = Counter(self.result.loads.values())
        return {
            "pool": len(self.experts),
            "able": len(self.result.loads),
            "seats": sum(len(one.seats) for one in self.result.panels),
            "spread": self.result.spread,
            "loads": {str(load): loads[load] for load in sorted(loads)},
        }


def waiting(batch):
    """Applications that wait for a panel, with all that the draw asks of them."""
    rows = (
        Application.objects.filter(batch=batch, state=ApplicationState.PANEL_DRAW)
        .select_related("place", "province", "organisation")
        .prefetch_related("reviews__expert")
        .defer("answers")
        .order_by("pk")
    )
    for row in rows:
        # They share one batch, and its rules are long.
        row.batch = batch
    return list(rows)


def plan(batch, seed, at):
    """The draw of this seed as things stand; the same seed gives the same plan until something changes."""
    applications = waiting(batch)
    experts = panel.experts_of(batch.programme.code, at)
    wanted = batch.rules.scoring.experts
    result = draw.draw(
        [panel.subject_of(row, wanted) for row in applications],
        list(panel.members_of(experts, at).values()),
        panel.terms_of(batch.rules, at),
        seed,
    )
    return Plan(seed, applications, {one.pk: one for one in experts}, result, _digest(seed, result))


def _digest(seed, result):
    lines = [[one.subject, [seat.member for seat in one.seats], sorted(one.excluded.items())] for one in result.panels]
    return hashlib.sha256(json.dumps([seed, lines]).encode()).hexdigest()


def keep(batch, made, *, by, at):
    """Stores a plan: one row for the draw, one for every panel that was filled. Returns (draw, panels)."""
    row = Draw.objects.create(batch=batch, seed=made.seed, sha256=made.sha256, facts=made.facts, at=at, by=by)
    panels = DrawnPanel.objects.bulk_create(
        DrawnPanel(draw=row, application_id=one.subject, seats=[_seat(seat) for seat in one.seats],
                   excluded=dict(one.excluded))
        for one in made.result.panels
        if not one.short
    )  # fmt: skip
    return row, panels


def _seat(seat):
    return {"expert": seat.member, "load": seat.load, "place": seat.place, "eligible": seat.eligible,
            "fields": list(seat.fields)}  # fmt: skip
