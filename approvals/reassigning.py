"""Open sheets of a batch whose experts have left, and who would take them: the plan before anything is changed."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch

from accounts.models import User
from accounts.roles import Role
from approvals import panel
from approvals.models import Review
from approvals.rules import draw
from notifications.models import Deadline
from notifications.orphans import orphans
from pilots.models import Application, ApplicationState

# Given on in one press; what is left is shown again.
MOST = 30


@dataclass(frozen=True)
class Line:
    """One application: the sheets nobody will hand in, and who would come in their place (fewer where the pool is short)."""

    application: Application
    left: list[Review]
    heirs: list[User]

    @property
    def short(self) -> int:
        """How many places nobody is found for."""
        return len(self.left) - len(self.heirs)


@dataclass(frozen=True)
class Plan:
    """`sha256` is over everything a reader of the preview sees, and over the state of each application."""

    lines: list[Line]
    sha256: str

    @property
    def people(self) -> list[tuple[User, int]]:
        """(who has left, how many sheets hang on them), most first."""
        found: dict[User, int] = {}
        for line in self.lines:
            for review in line.left:
                found[review.expert] = found.get(review.expert, 0) + 1
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0].pk))


def open_sheets(batch: Any) -> Any:
    """Reviews of a batch that are waited for; a queryset."""
    return Review.objects.filter(
        application__batch=batch, state=Review.State.ASSIGNED, round=F("application__round"),
        application__state=ApplicationState.EXPERT_REVIEW,
    )  # fmt: skip


def waiting(batch: Any, at: Any) -> int:
    """How many sheets of a batch hang on experts who cannot hand them in any more; one statement."""
    rows = Deadline.objects.filter(
        role=str(Role.EXPERT), subject_model="pilots.application", subject_uuid__in=batch.applications.values("uuid")
    )
    return orphans(rows, at).count()


def plan(batch: Any, at: Any) -> Plan:
    """Who would take what, drawn evenly over all of it and the same at every look until something changes."""
    # Whoever is not among these cannot hand in a sheet any more, either.
    experts = {one.pk: one for one in panel.experts_of(batch.programme.code, at)}
    left: dict[int, list[Review]] = {}
    for review in open_sheets(batch).select_related("expert__organisation").order_by("pk"):
        if review.expert_id not in experts:
            left.setdefault(review.application_id, []).append(review)
    sheets = Prefetch("reviews", Review.objects.select_related("expert"))
    rows = (
        Application.objects.filter(pk__in=left).select_related("place", "province", "organisation", "rules_version")
        .prefetch_related(sheets).defer("answers").order_by("pk")
    )  # fmt: skip
    applications = []
    for row in rows:
        # They share one batch, and its rules are long.
        row.batch = batch
        applications.append(row)
    if not applications:
        return Plan([], "")
    result = draw.draw(
        [panel.subject_of(row, len(left[row.pk]), left[row.pk]) for row in applications],
        list(panel.members_of(list(experts.values()), at).values()), panel.terms_of(batch.rules, at), batch.pk,
    )  # fmt: skip
    heirs = {one.subject: [experts[seat.member] for seat in one.seats] for one in result.panels}
    lines = [Line(row, left[row.pk], heirs[row.pk]) for row in applications]
    return Plan(lines, _digest(lines))


def _digest(lines: list[Line]) -> str:
    told = [
        [line.application.pk, line.application.version, [review.pk for review in line.left],
         [user.pk for user in line.heirs]]
        for line in lines
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
