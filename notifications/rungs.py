"""On which day each rung of a reminder ladder speaks: the holder before and at the due day, the level above after it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from notifications.workdays.arithmetic import SHANGHAI, Period, due
from notifications.workdays.days import Calendar

# Reports to the level above: one and five working days after the due day, then weekly, six in all (trust.md §5.1).
UP_WORKING_DAYS = (1, 5)
UP_MOST = 6
WEEK = timedelta(days=7)
# A rung of the ladder is its number of days; a report upward is "up1" … "up6".
UP = "up"


def reports(due_on: date, calendar: Calendar) -> list[tuple[str, date]]:
    """The days on which a duty that is not done is reported to the level above, oldest first."""
    days = [due(due_on, Period(n, "working"), calendar).on for n in UP_WORKING_DAYS]
    while len(days) < UP_MOST:
        days.append(days[-1] + WEEK)
    return [(f"{UP}{number}", day) for number, day in enumerate(days, start=1)]


def days_of(due_on: date, ladder: Iterable[int], calendar: Calendar) -> list[tuple[str, date]]:
    """(rung, day) of a duty, oldest first; where a report falls on the day of a rung, the report is the newer.

    A duty without a ladder is a wait of the system: it has no rungs.
    """
    own = [(str(days), due_on + timedelta(days=days)) for days in sorted(set(ladder))]
    if not own:
        return []
    return sorted([*own, *reports(due_on, calendar)], key=lambda item: (item[1], item[0].startswith(UP)))


def plan(
    due_on: date, ladder: Iterable[int], calendar: Calendar, since: datetime, *, moved: bool = False
) -> list[tuple[str, datetime]]:
    """(rung, first instant it may speak) of everything still to be said of a duty that exists since `since`.

    A rung whose day had passed before was never owed to anybody. When a date has `moved`, the message about that
    stands for the rungs of the same day, unless it is the due day itself or later.
    """
    today = since.astimezone(SHANGHAI).date()
    found = []
    for rung, day in days_of(due_on, ladder, calendar):
        if day > today or (day == today and (not moved or day >= due_on)):
            found.append((rung, datetime.combine(day, time(0), SHANGHAI)))
    return found
