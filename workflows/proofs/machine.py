"""What the abstract world knows of the real acts: where they start, where they lead, who may do them.

Nothing of this is written down twice: sources and targets are read from the django-fsm transitions, seats from the acts,
and both are asked with the document's rules.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from accounts.acts import Act, acts_of
from accounts.roles import Role
from approvals.models import Certificate, Objection
from pilots.models import Application, Batch, Designation
from pilots.rules import Rules

MODELS: dict[str, Any] = {
    "batch": Batch,
    "application": Application,
    "site": Designation,
    "certificate": Certificate,
    "objection": Objection,
}
# States in which an act that the rules give to the channel's seat is done.
_PROVINCE = "province_review"


@lru_cache(maxsize=1)
def known() -> dict[str, dict[str, Act]]:
    """{case: {code: act}} of everything the proof speaks about."""
    return {name: acts_of(model) for name, model in MODELS.items()}


def state_label(case: str, state: str) -> str:
    """A state in the words of its model, in the reader's language."""
    return str(dict(MODELS[case]._meta.get_field("state").choices).get(state, state))


def seat_label(seat: str) -> str:
    """What a seat is called."""
    return str(Role(seat).label)


def act_label(case: str, code: str) -> str:
    """An act in its own words."""
    act = known()[case].get(code)
    return str(act.label) if act else code


class Machine:
    """The acts under one document. `own`: the applicant is a province-level unit, which nobody recommends."""

    def __init__(self, rules: Rules, *, own: bool = False) -> None:
        self.rules, self.own = rules, own
        self._seats: dict[tuple[str, str, str], str] = {}

    def act(self, case: str, code: str) -> Act:
        return known()[case][code]

    def sources(self, case: str, code: str) -> frozenset[str]:
        """The states an act starts from."""
        return self.act(case, code).sources(MODELS[case])

    def may(self, case: str, code: str, state: str) -> bool:
        return state in self.sources(case, code)

    def target(self, case: str, transition: str, state: str, *given: Any) -> str:
        """Where a transition of the model leads from `state` under these rules."""
        found = getattr(MODELS[case], transition)._django_fsm.transitions[state].target
        if hasattr(found, "func"):
            return str(found.func(self.stand_in(case, state), *given))
        return str(found)

    def stand_in(self, case: str, state: str) -> Any:
        """As much of a case as its transitions and seats ask about."""
        if case == "application":
            return SimpleNamespace(rules=self.rules, state=state, passes=self.passes, recommender=self.recommender)
        if case == "objection":
            return SimpleNamespace(rules=self.rules, state=state)
        return SimpleNamespace(rules=self.rules, state=state, signatures=SimpleNamespace(all=list), pk=None)

    def passes(self, code: Any) -> bool:
        """As `Application.passes`."""
        return self.rules.uses(code) and not (code == "PROV" and self.own)

    @property
    def recommender(self) -> Role:
        channels = self.rules.recommendation.channels
        return Role(channels[0].role) if channels else Role.PROVINCE_OFFICER

    def seat(self, case: str, code: str, state: str) -> str:
        """The first seat that may do an act in a state: whom a story names."""
        key = (case, code, state)
        if key not in self._seats:
            seats = self.act(case, code).seats(self.stand_in(case, state))
            self._seats[key] = str(seats[0])
        return self._seats[key]

    def seats(self, case: str, code: str, state: str) -> tuple[str, ...]:
        return tuple(str(seat) for seat in self.act(case, code).seats(self.stand_in(case, state)))
