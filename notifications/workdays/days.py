"""Which days are worked in mainland China, as far as the yearly notices are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

Kind = Literal["holiday", "workday"]  # a day off, and a weekend day worked in exchange (调休上班)

WEEKEND = "周末"
UNNAMED = "节假日"
# Not a day off: a day on which the clock of one period stood still.
STOPPED = "停止计算"

# Statutory holidays that have the same date every year (programmes.md §8.3); all that is certain about a year
# whose notice the State Council has not published.
FIXED = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}

_SATURDAY = 5
_DECEMBER, _LAST_WEEK = 12, 25
ONE_DAY = timedelta(days=1)


class Fact(NamedTuple):
    """What is to be known of a day: what makes it free ("" where it is worked), whether that is certain, whether it is a
    worked weekend day."""

    off: str
    settled: bool
    made_up: bool


class Year(NamedTuple):
    """The days of one year in order, sorted by what they are."""

    worked: list[date]
    off: list[tuple[date, str]]
    made_up: list[date]
    unsettled: list[date]


@dataclass(frozen=True, eq=False)
class Calendar:
    """Rows that differ from Monday–Friday, the years they are complete for, and the version of this table.

    ``names`` says what a day off is called, for explanations. Raises ValueError for an unknown kind.
    """

    rows: Mapping[date, Kind]
    years: frozenset[int]
    version: str
    names: Mapping[date, str] = field(default_factory=dict)
    _facts: dict[date, Fact] = field(default_factory=dict, init=False, repr=False)
    _years: dict[int, Year] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if unknown := set(self.rows.values()) - set(get_args(Kind)):
            raise ValueError(f"unknown kinds of day: {sorted(unknown)}")
        # Copies behind a read-only view: a calendar that changed under a stored version would be a lie.
        object.__setattr__(self, "rows", MappingProxyType(dict(self.rows)))
        object.__setattr__(self, "names", MappingProxyType(dict(self.names)))
        object.__setattr__(self, "years", frozenset(self.years))

    def covers(self, day: date) -> bool:
        """Whether the table of *day*'s year is loaded."""
        return day.year in self.years

    def is_settled(self, day: date) -> bool:
        """Whether no later notice can change *day*.

        The last week of December also needs the next year's table, whose notice may exchange days around
        1 January (2007-12-29, 2011-12-31 and 2018-12-29 were worked Saturdays that way).
        """
        ends_the_year = (day.month, day.day) >= (_DECEMBER, _LAST_WEEK)
        return self.covers(day) and (not ends_the_year or day.year + 1 in self.years)

    def is_working(self, day: date) -> bool:
        """Whether *day* is worked: by its row, else by the weekend rule.

        In a year without table the fixed-date holidays are off as well; ask `is_settled` how sure that is.
        """
        kind = self.rows.get(day)
        if kind is not None:
            return kind == "workday"
        if day.weekday() >= _SATURDAY:
            return False
        return self.covers(day) or (day.month, day.day) not in FIXED

    def is_made_up(self, day: date) -> bool:
        """Whether *day* is a Saturday or Sunday that is worked."""
        return day.weekday() >= _SATURDAY and self.is_working(day)

    def reason_off(self, day: date) -> str:
        """The Chinese name of what makes *day* free: a festival, or the weekend."""
        if named := self.names.get(day):
            return named
        if day in self.rows:
            return UNNAMED
        if not self.covers(day) and (day.month, day.day) in FIXED:
            return FIXED[day.month, day.day]
        return WEEKEND

    def fact(self, day: date) -> Fact:
        """All of the above about *day* at once; kept, because ledgers ask about the same days again and again."""
        known = self._facts.get(day)
        if known is None:
            off = "" if self.is_working(day) else self.reason_off(day)
            known = self._facts[day] = Fact(off, self.is_settled(day), self.is_made_up(day))
        return known

    def year(self, number: int) -> Year:
        """A whole year in lists; kept."""
        known = self._years.get(number)
        if known is None:
            first = date(number, 1, 1)
            days = [first + ONE_DAY * n for n in range((date(number, 12, 31) - first).days + 1)]
            facts = [(day, self.fact(day)) for day in days]
            known = self._years[number] = Year(
                worked=[day for day, fact in facts if not fact.off],
                off=[(day, fact.off) for day, fact in facts if fact.off],
                made_up=[day for day, fact in facts if fact.made_up],
                unsettled=[day for day, fact in facts if not fact.settled],
            )
        return known

    def next_working(self, day: date) -> date:
        """*day* itself if it is worked, else the first worked day after it."""
        while not self.is_working(day):
            day += ONE_DAY
        return day
