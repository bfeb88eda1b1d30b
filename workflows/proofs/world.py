"""The abstract world of a proof: where each of the cases stands, and the few facts the guards ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pilots.models.application import ENDED
from pilots.models.batch import BatchState as B
from pilots.models.designation import HELD, OVER
from pilots.rules import Rules
from pilots.rules.parts import Period

# States of a batch in which nothing is decided any more.
BATCH_OVER = frozenset({B.ISSUED, B.CANCELLED})
OBJECTION_OVER = frozenset({"rejected", "upheld", "lead", "dismissed"})


@dataclass(frozen=True)
class World:
    """One batch, one application in it, its site, its newest certificate, one objection against it.

    Empty: not there yet. `facts` are what guards ask for beside the states: "others" (there are other applications
    that could stand on the list), "signed", "noticed", "sheets", "proposal" and so on.
    """

    batch: str = "draft"
    application: str = ""
    site: str = ""
    certificate: str = ""
    objection: str = ""
    facts: frozenset[str] = frozenset()

    def has(self, *facts: str) -> bool:
        return self.facts.issuperset(facts)

    def to(self, *add: str, drop: tuple[str, ...] = (), **states: str) -> World:
        """The world after a step: states changed, facts added and dropped."""
        facts = (self.facts | set(add)) - set(drop)
        return replace(self, facts=facts, **{name: str(value) for name, value in states.items()})


@dataclass(frozen=True)
class Step:
    """One act in one world: which case it is done on, by which seat, and the world after it.

    `days` is how long the story waits before it (calendar days, an estimate); `says` is added to the act's own words.
    """

    case: str
    act: str
    seat: str
    after: World
    days: int = 1
    says: str = ""


@dataclass(frozen=True)
class Owed:
    """Something somebody owes in a world: the seat, how long it takes, what the system does when it is over.

    `blocks` is False for what is owed beside the road (a report, a payment): the case goes on without it.
    """

    case: str
    code: str
    seat: str
    days: int
    then: str = ""
    blocks: bool = True


def days_of(period: Period | None, otherwise: int = 5) -> int:
    """A period in calendar days, roughly: stories are told in days, not counted by law."""
    if period is None:
        return otherwise
    factor = {"working": 1.4, "calendar": 1, "month": 30, "year": 365}[period.unit]
    return round(period.n * factor)


def finished(world: World, rules: Rules) -> bool:
    """True when nothing of it waits for anybody: every case has come to an end or rests with a title without one."""
    return not any(open_cases(world, rules))


def open_cases(world: World, rules: Rules) -> Iterator[str]:
    """Cases that are not at an end."""
    if world.batch not in BATCH_OVER:
        yield "batch"
    if world.application and world.application not in ENDED:
        yield "application"
    if world.site and not resting(world, rules):
        yield "site"
    if world.objection and world.objection not in OBJECTION_OVER:
        yield "objection"
    if world.certificate == "pending":
        yield "certificate"


def resting(world: World, rules: Rules) -> bool:
    """True for a site that is over, or holds a title that has no last day: both may stay as they are for ever."""
    if world.has("proposal") and world.site not in _LOST:
        return False
    if world.site in OVER:
        return not (world.has("follow_up") or world.has("counts"))
    return world.site in HELD and world.site != "restricted" and (rules.open_ended or world.site == "operating")


_LOST = frozenset({"revoked", "exited", "lapsed", "merged", "succeeded"})


def lost(world: World) -> bool:
    """True when the site's title is gone."""
    return world.site in _LOST


Facts = dict[str, Any]
