"""The door's twin: what may be done here, by whom, and why not. Feeds buttons, pages, commands and tests alike."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts import clock, wall
from accounts.acts import Act, Question, Unmet, acts_of
from accounts.authority import Authority
from accounts.holders import holders
from accounts.roles import Role
from workflows.door import absent, obstacles, seat_of
from workflows.refusals import Denied

_FACELESS = frozenset({Role.SYSTEM, Role.PUBLIC})


@dataclass
class Offer:
    """One act, seen by one person."""

    act: Act
    allowed: bool
    # Every reason why not, in words; empty when allowed.
    reasons: list[Unmet]
    # The seat from which this person may do it, or None.
    role: Role | None
    # Names of those who can, when this person cannot.
    who: list[str] = field(default_factory=list)
    # In the present state this act is on the road at all.
    current: bool = True
    since: datetime | None = None
    waiting_days: int = 0

    @property
    def code(self) -> str:
        return self.act.code


@wall.lifted()
def explain(obj: Any, user: Any, at: datetime | None = None, *, all_acts: bool = False) -> list[Offer]:
    """For every act that is on the road in the present state: allowed, or every reason why not, and who can.

    With `all_acts`, acts of other states are listed too, with the state as their reason.
    """
    at = at or clock.now()
    authority = Authority.of(user, at)
    scope = obj.scope()
    offers: list[Offer] = []
    seats_wanted: set[Role] = set()
    for act in acts_of(obj).values():
        if not act.offered and not all_acts:
            continue
        current = obj.state in act.sources(type(obj))
        if not current and not all_acts:
            continue
        seats = act.seats(obj)
        role = authority.seat(seats, scope) if authority.held else None
        question = Question(obj, user if role else None, role, at, absent(obj, user, role, at))
        if not act.applies(question):
            continue
        reasons = obstacles(act, question)
        if role is None:
            seats_wanted.update(seat for seat in seats if seat not in _FACELESS)
            names = _("、").join(str(Role(seat).label) for seat in seats if seat not in _FACELESS)
            reasons = [Unmet("no_seat", names), *reasons]
        offers.append(
            Offer(act, not reasons, reasons, role, current=current, since=obj.since,
                  waiting_days=(clock.today(at) - clock.today(obj.since)).days if obj.since else 0)
        )  # fmt: skip
    if seats_wanted:
        found = holders(seats_wanted, scope, at)
        for offer in offers:
            if offer.role is None:
                offer.who = list(
                    dict.fromkeys(
                        _("%(name)s（%(role)s）") % {"name": user.name, "role": Role(seat).label}
                        for seat in offer.act.seats(obj)
                        for user in found.get(seat, [])
                    )
                )
    return offers


@wall.lifted()
def seatless(obj: Any, act: Act, user: Any, at: datetime) -> Denied | None:
    """The door's refusal of somebody without a seat for `act`, before anything is pressed; None for those who have one."""
    try:
        seat_of(act, obj, user, at)
    except Denied as refusal:
        return refusal
    return None
