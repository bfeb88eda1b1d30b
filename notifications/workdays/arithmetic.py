"""The last day of a period, by the law and by the notices (programmes.md §8, trust.md §5).

Days are days of Asia/Shanghai, whatever the time zone of the process. Nothing here reads the clock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from notifications.workdays.days import ONE_DAY, STOPPED, Calendar, Kind
from notifications.workdays.sentences import explain
from notifications.workdays.terms import Style, add_months, term

__all__ = [
    "SHANGHAI", "Calendar", "Due", "Kind", "Period", "Stop", "Style", "Unit",
    "add_months", "due", "explain", "shanghai_date", "term",
]  # fmt: skip

SHANGHAI = ZoneInfo("Asia/Shanghai")

Unit = Literal["working", "calendar", "month", "year"]
_UNITS = ("working", "calendar", "month", "year")
_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class Period:
    """*n* units, and how they are counted.

    Statutory periods leave out the first day and roll forward from a day off (Civil Code arts 201, 203);
    public notices count the day of publication and do not roll (programmes.md §8.2). ``cut_off`` is a
    wall-clock time in Shanghai, None the end of the day. A negative *n* counts back, as the rungs of a
    reminder ladder do. *grace* moves nothing: the due day stays. Raises ValueError for an unknown unit, an aware
    cut-off, a negative grace, or counting the first day of a period that has none.
    """

    n: int
    unit: Unit
    count_first_day: bool = False
    roll: bool = False
    cut_off: time | None = None
    basis: str = ""
    # Calendar days after the due date in which the system still does nothing by itself.
    grace: int = 0
    # States of the case in which the clock stands still.
    stop_clock: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.unit not in _UNITS:
            raise ValueError(f"unknown unit: {self.unit}")
        if self.count_first_day and self.n < 1:
            raise ValueError("the first day can only be counted in a period of at least one unit")
        if self.cut_off is not None and self.cut_off.tzinfo is not None:
            raise ValueError("a cut-off is a wall-clock time in Shanghai, without time zone")
        if self.grace < 0:
            raise ValueError("grace is a number of days, not less than none")


@dataclass(frozen=True)
class Due:
    """The answer. ``on`` is the last permitted day, ``at`` the first instant (UTC) that is too late.

    ``provisional``: a day that decided the result has no published table yet; compute again with the next
    version of the calendar. ``skipped`` are the days off that were passed over, with their Chinese names;
    ``made_up`` the worked weekend days that were counted; ``nominal`` the last day before rolling.
    """

    on: date
    at: datetime
    provisional: bool
    calendar_version: str
    skipped: tuple[tuple[date, str], ...]
    made_up: tuple[date, ...]
    nominal: date


# A stretch in which the clock stood still: the day it stopped (that day still counts), the day it went on (it does not).
Stop = tuple[date, date]


class _Walk:
    """Goes through days and remembers what it met."""

    def __init__(self, calendar: Calendar, stops: Sequence[Stop] = ()) -> None:
        self.calendar = calendar
        self.stops = stops
        self.provisional = False
        self.skipped: list[tuple[date, str]] = []
        self.made_up: list[date] = []

    def worked(self, day: date) -> bool:
        if self.stops and self.stopped(day):
            # Whatever day it is: nobody's time ran.
            self.skipped.append((day, STOPPED))
            return False
        fact = self.calendar.fact(day)
        if not fact.settled:
            self.provisional = True
        if fact.off:
            self.skipped.append((day, fact.off))
            return False
        if fact.made_up:
            self.made_up.append(day)
        return True

    def _leap(self, day: date, n: int) -> date:
        """The *n*-th worked day from *day* on, found year by year instead of day by day: ledgers ask it thousands of times."""
        while True:
            year = self.calendar.year(day.year)
            first = bisect_left(year.worked, day)
            left = n - (len(year.worked) - first)
            last = year.worked[first + n - 1] if left <= 0 else date(day.year, 12, 31)
            self.skipped += year.off[bisect_left(year.off, (day, "")) : bisect_left(year.off, (last, ""))]
            if left > 0 and year.off and year.off[-1][0] == last:
                self.skipped.append(year.off[-1])
            self.made_up += year.made_up[bisect_left(year.made_up, day) : bisect_right(year.made_up, last)]
            position = bisect_left(year.unsettled, day)
            if position < len(year.unsettled) and year.unsettled[position] <= last:
                self.provisional = True
            if left <= 0:
                return last
            n, day = left, last + ONE_DAY

    def stopped(self, day: date) -> bool:
        return any(first < day <= last for first, last in self.stops)

    def past_stops(self, day: date) -> date:
        """*day* moved on by the days before it on which the clock stood still, stretch after stretch."""
        for first, last in sorted(self.stops):
            if first < day:
                day += last - first
                self.skipped += [(first + ONE_DAY * n, STOPPED) for n in range(1, (last - first).days + 1)]
        return day

    def first_worked(self, day: date) -> date:
        """*day* or the first worked day after it."""
        while not self.worked(day):
            day += ONE_DAY
        return day

    def count(self, start: date, n: int, *, first_counts: bool) -> date:
        """The *n*-th worked day after *start* (before it if negative); with *first_counts*, start may be one.

        Day 1 is the first worked day, so a period that starts on a day off is not a day longer: from
        2017-10-03 five working days end on 2017-10-13 (programmes.md §8.3, trap b).
        """
        if n == 0:
            return self.first_worked(start)
        step = ONE_DAY if n > 0 else -ONE_DAY
        day = start if first_counts else start + step
        if n > 0 and not self.stops:
            return self._leap(day, n)
        left = abs(n)
        while True:
            left -= self.worked(day)
            if left == 0:
                return day
            day += step


def _nominal(start: date, period: Period, walk: _Walk) -> date:
    if period.unit == "working":
        return walk.count(start, period.n, first_counts=period.count_first_day)
    return walk.past_stops(_by_date(start, period))


def _by_date(start: date, period: Period) -> date:
    """The last day of a period that is not counted in working days."""
    if period.unit == "calendar":
        return start + timedelta(days=period.n - period.count_first_day)
    months = period.n * (_MONTHS_OF_A_YEAR if period.unit == "year" else 1)
    end = add_months(start, months)
    # The day before the corresponding day; where the month has none, its last day is that day before.
    return end - ONE_DAY if period.count_first_day and end.day == start.day else end


def due(start: date, period: Period, calendar: Calendar, stops: Sequence[Stop] = ()) -> Due:
    """The last day of *period* from *start*, a date in Shanghai (see `shanghai_date`).

    *stops* are the stretches in which the clock stood still; working days of them are not counted, and any other
    period ends as many calendar days later (Administrative Licensing Law art. 45: expert review is not in the period).

    A working-day period ends on a worked day in any case; *roll* moves the end of any other period from a day
    off to the next worked day. Raises TypeError for a datetime, whose day would depend on a time zone.
    """
    if isinstance(start, datetime):
        raise TypeError("start is a date; use shanghai_date() to take one from an instant")
    walk = _Walk(calendar, stops)
    nominal = _nominal(start, period, walk)
    on = walk.first_worked(nominal) if period.roll and period.unit != "working" else nominal
    return Due(
        on=on,
        at=_too_late(on, period.cut_off),
        provisional=walk.provisional,
        calendar_version=calendar.version,
        skipped=tuple(sorted(walk.skipped)),
        made_up=tuple(sorted(walk.made_up)),
        nominal=nominal,
    )


def _too_late(on: date, cut_off: time | None) -> datetime:
    last = on + ONE_DAY if cut_off is None else on
    return datetime.combine(last, cut_off or time.min, SHANGHAI).astimezone(UTC)


def shanghai_date(instant: datetime) -> date:
    """The day it is in Shanghai at *instant*. Raises ValueError for a naive datetime (§8.3, trap a)."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("a naive datetime has no day in Shanghai")
    return instant.astimezone(SHANGHAI).date()
