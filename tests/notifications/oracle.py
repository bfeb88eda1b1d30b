"""An independent count of working days: prefix sums over another library, no walking. Run as a script, in a time zone:

    TZ=America/New_York python -m tests.notifications.oracle

compares every start day 2018-01-01 … 2026-12-31 and 1 … 60 working days, and prints how many agreed.
"""

import sys
from bisect import bisect_right
from calendar import timegm
from datetime import date, timedelta

import chinese_calendar

FIRST, LAST, MOST = date(2018, 1, 1), date(2026, 12, 31), 60
# What is certain of a year without notice: holidays whose date never changes.
_ALWAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
_SHANGHAI_SECONDS = 8 * 3600
# From here on a notice that is not published yet may still change days (of December, those around the New Year).
UNCERTAIN = date(2026, 12, 25)


def worked(ordinal):
    """Whether the day is worked, by the other library, or by weekday and date where that ends."""
    day = date.fromordinal(ordinal)
    if day <= LAST:
        return chinese_calendar.is_workday(day)
    return day.isoweekday() <= 5 and (day.month, day.day) not in _ALWAYS


WORKED = [n for n in range(FIRST.toordinal(), LAST.toordinal() + 150) if worked(n)]


def answer(start, n):
    """(last day, first instant too late in epoch seconds, provisional) of `n` working days after `start`."""
    last = WORKED[bisect_right(WORKED, start.toordinal()) + n - 1]
    too_late = timegm(date.fromordinal(last + 1).timetuple()) - _SHANGHAI_SECONDS
    return last, too_late, last >= UNCERTAIN.toordinal()


def compare():
    """(pairs that agree, the first that do not)."""
    from notifications.workdays.arithmetic import Period, due
    from notifications.workdays.seed import calendar_of, library_rows

    # The years the other library knows, whatever ours has learned since.
    table = calendar_of(library_rows(range(2017, 2027)), range(2017, 2027), "oracle")
    periods = [(n, Period(n, "working")) for n in range(1, MOST + 1)]
    same, wrong, day = 0, [], FIRST
    while day <= LAST:
        for n, period in periods:
            found = due(day, period, table)
            if (found.on.toordinal(), int(found.at.timestamp()), found.provisional) == answer(day, n):
                same += 1
            elif len(wrong) < 10:
                wrong.append((day.isoformat(), n, found.on.isoformat()))
        day += timedelta(days=1)
    return same, wrong


if __name__ == "__main__":
    agreed, different = compare()
    print(agreed, *different)  # noqa: T201
    sys.exit(bool(different))
