"""Drawing panels: who may judge what, and a draw that is even, explained and repeatable.

A function of (applications, members, terms, seed) without request and without database: the same input and the same
seed always give the same panels, so that an auditor can draw again and compare.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

# Why a member cannot judge an application. The first that holds, in this order, is the one that is counted.
TAKEN, AWAY, EMPLOYER, TIE, PROVINCE, FIELD = "taken", "away", "employer", "tie", "province", "field"
# Enough eligible members, but too many of them from one employer.
SAME_EMPLOYER = "same_employer"
REASONS = (TAKEN, AWAY, EMPLOYER, TIE, PROVINCE, FIELD)


@dataclass(frozen=True)
class Bond:
    """A declared tie to an organisation; `over` is the day it ended, None while it lasts."""

    organisation: int
    over: date | None = None


@dataclass(frozen=True)
class Member:
    """One expert. `home` is the path of the place of the employer, empty for national bodies.

    `load` counts the reviews of open batches they hold already; `away` is true for those suspended or out of term.
    """

    key: int
    organisation: int | None = None
    home: str = ""
    fields: frozenset[str] = frozenset()
    load: int = 0
    bonds: tuple[Bond, ...] = ()
    away: bool = False


@dataclass(frozen=True)
class Subject:
    """One application. `wanted` seats are to be filled; `taken` are those who sit on it already or have withdrawn;
    `employers` are the employers of those who sit on it."""

    key: int
    organisation: int
    province: str
    wanted: int
    taken: frozenset[int] = frozenset()
    employers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What the programme's rules say about a panel; `day` is the day of the draw."""

    day: date
    avoid_own_province: bool = True
    tie_years: int = 3
    max_same_employer: int = 1
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seat:
    """One chosen member, and why: present load, place in the drawn order, how many were eligible."""

    member: int
    load: int
    place: int
    eligible: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """What the draw says about one application. `excluded` counts members by reason; `short` seats stayed empty and
    `relax` names the one reason whose members alone would fill them, when there is one."""

    subject: int
    seats: tuple[Seat, ...]
    excluded: Mapping[str, int] = field(default_factory=dict)
    short: int = 0
    relax: str = ""


@dataclass(frozen=True)
class Result:
    """All panels in the order of the subjects given, and the loads of the members afterwards."""

    panels: tuple[Panel, ...]
    loads: Mapping[int, int]

    @property
    def spread(self) -> int:
        """Highest minus lowest load among members who may judge anything at all; 0 for nobody."""
        return max(self.loads.values()) - min(self.loads.values()) if self.loads else 0

    @property
    def short(self) -> list[Panel]:
        """The panels that could not be filled."""
        return [panel for panel in self.panels if panel.short]


def years_after(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def why_not(subject: Subject, member: Member, terms: Terms) -> str:
    """The reason this member cannot judge this application, or an empty string."""
    if member.key in subject.taken:
        return TAKEN
    if member.away:
        return AWAY
    if member.organisation is not None and member.organisation == subject.organisation:
        return EMPLOYER
    for bond in member.bonds:
        if bond.organisation == subject.organisation and (
            bond.over is None or years_after(bond.over, terms.tie_years) > terms.day
        ):
            return TIE
    if terms.avoid_own_province and member.home.startswith(subject.province):
        return PROVINCE
    if terms.fields and not terms.fields & member.fields:
        return FIELD
    return ""


def shuffled(members: Iterable[Member], seed: int) -> list[Member]:
    """The members in the order this seed draws them. Hashes, because a library's shuffle may change."""
    return sorted(members, key=lambda one: hashlib.sha256(f"{seed}:{one.key}".encode()).digest())


def draw(subjects: Sequence[Subject], members: Sequence[Member], terms: Terms, seed: int) -> Result:
    """Panels for all subjects. Every seat goes to the eligible member with the least work, equal ones by the drawn
    order; then work is passed on along chains of panels until no member has two more than another who could take it.
    """
    return _Drawing(subjects, members, terms, seed).result()


class _Drawing:
    """One draw in progress. Members are known by their place in the drawn order."""

    def __init__(self, subjects: Sequence[Subject], members: Sequence[Member], terms: Terms, seed: int) -> None:
        self.subjects, self.terms = subjects, terms
        self.members = shuffled(members, seed)
        self.loads = [member.load for member in self.members]
        self.free: list[list[int]] = []
        self.excluded: list[Counter[str]] = []
        self.panels: list[list[int]] = []
        # Where each member sits, for passing work on.
        self.sits: list[set[int]] = [set() for _member in self.members]
        for subject in subjects:
            self._look(subject)
        self.free_sets = [set(places) for places in self.free]

    def _look(self, subject: Subject) -> None:
        counts: Counter[str] = Counter()
        free = []
        for place, member in enumerate(self.members):
            reason = why_not(subject, member, self.terms)
            if reason:
                counts[reason] += 1
            else:
                free.append(place)
        self.free.append(free)
        self.excluded.append(counts)
        self.panels.append([])

    def result(self) -> Result:
        # Those with the fewest eligible members choose first.
        for index in sorted(range(len(self.subjects)), key=lambda index: len(self.free[index])):
            self._fill(index)
        self._even_out()
        able = {place for places in self.free for place in places}
        return Result(
            tuple(self._panel(index) for index in range(len(self.subjects))),
            {self.members[place].key: self.loads[place] for place in sorted(able)},
        )

    def _fill(self, index: int) -> None:
        wanted, panel = self.subjects[index].wanted, self.panels[index]
        employers = Counter(self.subjects[index].employers)
        loads = self.loads
        # Sorting is stable: among equals the drawn order decides.
        for place in sorted(self.free[index], key=loads.__getitem__):
            if len(panel) >= wanted:
                break
            employer = self.members[place].organisation
            if employer is not None:
                if employers[employer] >= self.terms.max_same_employer:
                    continue
                employers[employer] += 1
            self._seat(index, place)

    def _seat(self, index: int, place: int) -> None:
        self.panels[index].append(place)
        self.sits[place].add(index)
        self.loads[place] += 1

    def _unseat(self, index: int, place: int) -> None:
        self.panels[index].remove(place)
        self.sits[place].discard(index)
        self.loads[place] -= 1

    def _even_out(self) -> None:
        """Passes over the members until one changes nothing. Each chain lowers the sum of squares of the loads, so
        this ends."""
        while self._pass():
            pass

    def _pass(self) -> bool:
        """True when work was passed on."""
        changed, stuck = False, set[int]()
        lowest = min((self.loads[place] for places in self.free for place in places), default=0)
        while True:
            heavy = [
                place
                for place, load in enumerate(self.loads)
                if load > lowest + 1 and place not in stuck and self.sits[place]
            ]
            if not heavy:
                return changed
            top = max(heavy, key=self.loads.__getitem__)
            chain, seen = self._chain(top)
            for index, out, into in chain:
                self._unseat(index, out)
                self._seat(index, into)
            changed = changed or bool(chain)
            if not chain:
                # Whoever was reached from here reaches no further, and nobody there has less work to spare.
                stuck |= {place for place in seen if self.loads[place] <= self.loads[top]}

    def _chain(self, start: int) -> tuple[list[tuple[int, int, int]], set[int]]:
        """(The shortest chain of (panel, who leaves, who comes in) that takes one piece of work from `start` to
        somebody with at least two less, empty when there is none; everybody who was reached). No panel is touched
        twice."""
        goal = self.loads[start] - 2
        came: dict[int, tuple[int, int]] = {start: (-1, -1)}
        asked: set[int] = set()
        queue = deque([start])
        while queue:
            here = queue.popleft()
            for index in sorted(self.sits[here] - asked):
                asked.add(index)
                for place in self._takers(index, here, came):
                    came[place] = (here, index)
                    if self.loads[place] <= goal:
                        return list(self._back(place, came)), set(came)
                    queue.append(place)
        return [], set(came)

    def _takers(self, index: int, leaving: int, came: Mapping[int, tuple[int, int]]) -> Iterator[int]:
        """Members who could take the seat of `leaving` in a panel, least loaded first."""
        employers = Counter(self.subjects[index].employers)
        employers.update(
            employer
            for place in self.panels[index]
            if place != leaving and (employer := self.members[place].organisation) is not None
        )
        seated = set(self.panels[index])
        for place in sorted(self.free_sets[index] - seated - came.keys(), key=lambda place: (self.loads[place], place)):
            employer = self.members[place].organisation
            if employer is None or employers[employer] < self.terms.max_same_employer:
                yield place

    @staticmethod
    def _back(place: int, came: Mapping[int, tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
        while came[place][0] >= 0:
            before, index = came[place]
            yield index, before, place
            place = before

    def _panel(self, index: int) -> Panel:
        subject, excluded = self.subjects[index], dict(self.excluded[index])
        seats = tuple(
            Seat(
                self.members[place].key,
                self.members[place].load,
                place + 1,
                len(self.free[index]),
                tuple(sorted(self.terms.fields & self.members[place].fields)),
            )
            for place in sorted(self.panels[index])
        )
        short = subject.wanted - len(seats)
        if short and len(self.free[index]) > len(seats):
            excluded[SAME_EMPLOYER] = len(self.free[index]) - len(seats)
        return Panel(subject.key, seats, excluded, short, _smallest(excluded, short) if short else "")


def _smallest(excluded: Mapping[str, int], short: int) -> str:
    """The rule that keeps out the fewest members and yet enough to fill the panel. Ties and the own employer are
    never given up."""
    enough = [(count, reason) for reason, count in excluded.items()
              if count >= short and reason in (PROVINCE, FIELD, SAME_EMPLOYER)]  # fmt: skip
    return min(enough)[1] if enough else ""
