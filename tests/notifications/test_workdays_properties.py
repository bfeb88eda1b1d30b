"""What holds for every start and every length, and a second library as judge."""

import os
import time as clock
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.workdays.arithmetic import Period, due, shanghai_date
from notifications.workdays.seed import library_calendar

CALENDAR = library_calendar()
DAY = timedelta(days=1)

starts = st.dates(min_value=date(2004, 1, 1), max_value=date(2031, 12, 31))
counts = st.integers(min_value=0, max_value=80)


def working(n: int, **options) -> Period:
    return Period(n, "working", **options)


@pytest.mark.parametrize("n", [1, 3, 5, 10, 20, 60])
def test_every_start_from_2018_to_2026_agrees_with_the_other_library(n):
    days = [date(2018, 1, 1) + DAY * offset for offset in range(9 * 366)]
    days = [day for day in days if day <= date(2026, 12, 31)]
    worked = [day for day in days if chinese_calendar.is_workday(day)]
    judged, wrong = 0, []
    for start in days:
        place = bisect_right(worked, start) + n - 1
        if place < len(worked):
            judged += 1
            if due(start, working(n), CALENDAR).on != worked[place]:
                wrong.append(start)
    assert wrong == []
    assert judged > 3150


@given(starts, counts, st.booleans())
def test_working_periods_end_on_worked_days_after_exactly_n_of_them(start, n, first):
    count_first = first and n > 0
    answer = due(start, working(n, count_first_day=count_first), CALENDAR)
    assert CALENDAR.is_working(answer.on)
    if n:
        day, seen = (start if count_first else start + DAY), 0
        while day <= answer.on:
            seen += CALENDAR.is_working(day)
            day += DAY
        assert seen == n


@given(starts, counts, st.sampled_from(["working", "calendar", "month"]), st.booleans())
def test_a_longer_period_or_a_later_start_never_ends_earlier(start, n, unit, roll):
    here = due(start, Period(n, unit, roll=roll), CALENDAR)
    assert due(start, Period(n + 1, unit, roll=roll), CALENDAR).on >= here.on
    assert due(start + DAY, Period(n, unit, roll=roll), CALENDAR).on >= here.on
    assert here.on >= start


@given(starts, counts, st.sampled_from(["calendar", "month", "year"]))
def test_rolled_periods_end_on_a_worked_day_and_pass_only_days_off(start, n, unit):
    answer = due(start, Period(n % 40, unit, roll=True), CALENDAR)
    assert CALENDAR.is_working(answer.on)
    assert (answer.on - answer.nominal).days == len(answer.skipped)
    assert not any(CALENDAR.is_working(day) for day, _ in answer.skipped)


@given(starts, st.integers(min_value=1, max_value=60))
def test_counting_back_undoes_counting_on_from_a_worked_day(start, n):
    worked = CALENDAR.next_working(start)
    there = due(worked, working(n), CALENDAR).on
    assert due(there, working(-n), CALENDAR).on == worked


@given(starts, counts)
def test_the_instant_lies_on_the_boundary_of_the_due_day(start, n):
    answer = due(start, working(n), CALENDAR)
    assert shanghai_date(answer.at) == answer.on + DAY
    assert shanghai_date(answer.at - timedelta(microseconds=1)) == answer.on


@pytest.fixture
def zone():
    before = os.environ.get("TZ")

    def use(name: str) -> None:
        os.environ["TZ"] = name
        clock.tzset()

    yield use
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    clock.tzset()


def test_the_time_zone_of_the_process_does_not_matter(zone):
    seen = []
    for name in (
        "UTC",
        "Asia/Shanghai",
        "America/New_York",
        "Asia/Kolkata",
        "America/Los_Angeles",
        "Pacific/Kiritimati",
    ):
        zone(name)
        instant = datetime.fromtimestamp(1507482000, tz=UTC)  # 2017-10-08T17:00Z
        answers = [
            due(shanghai_date(instant) + DAY * shift, working(5, cut_off=time(17, 30)), CALENDAR) for shift in range(40)
        ]
        seen.append([(answer.on, answer.at) for answer in answers])
    assert seen[0][0][0] == date(2017, 10, 16)
    assert all(other == seen[0] for other in seen)
