"""Working-day arithmetic against the oracle of programmes.md §8, and a second library."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from notifications.workdays.arithmetic import (
    Calendar,
    Period,
    due,
    shanghai_date,
)
from notifications.workdays.seed import SOURCE, known_years, library_calendar, library_rows

CALENDAR = library_calendar()
DAY = timedelta(days=1)


def working(n: int, **options) -> Period:
    return Period(n, "working", **options)


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2017, 9, 25), 5, date(2017, 9, 30)),  # a worked Saturday
        (date(2017, 1, 20), 10, date(2017, 2, 8)),
        (date(2017, 12, 26), 5, date(2018, 1, 3)),
        (date(2024, 9, 27), 5, date(2024, 10, 10)),
        (date(2017, 10, 3), 5, date(2017, 10, 13)),  # a start on a day off does not lengthen the period
    ],
)
def test_statutory_counting(start, n, end):
    answer = due(start, working(n), CALENDAR)
    assert answer.on == end
    assert not answer.provisional
    assert answer.calendar_version == CALENDAR.version


@pytest.mark.parametrize(
    ("first", "last", "calendar_days", "working_days"),
    [
        (date(2023, 2, 17), date(2023, 2, 23), 7, 5),
        (date(2022, 4, 15), date(2022, 4, 21), 7, 5),
        (date(2013, 7, 24), date(2013, 8, 6), 14, 10),
        (date(2023, 11, 28), date(2023, 12, 2), 5, None),  # ends on a Saturday
        (date(2017, 4, 24), date(2017, 5, 15), 22, 15),
        (date(2014, 11, 18), date(2014, 12, 7), 20, None),  # ends on a Sunday
    ],
)
def test_public_notices_count_their_first_day(first, last, calendar_days, working_days):
    assert due(first, Period(calendar_days, "calendar", count_first_day=True), CALENDAR).on == last
    if working_days:
        assert due(first, working(working_days, count_first_day=True), CALENDAR).on == last


def test_a_notice_published_on_a_day_off_counts_from_the_next_working_day():
    saturday = date(2023, 2, 18)
    assert due(saturday, working(1, count_first_day=True), CALENDAR).on == date(2023, 2, 20)
    assert due(saturday, working(5, count_first_day=True), CALENDAR).on == date(2023, 2, 24)


def test_every_day_agrees_with_the_other_library():
    day, wrong = date(2008, 1, 1), []
    while day <= date(2026, 12, 31):
        if CALENDAR.is_working(day) != chinese_calendar.is_workday(day):
            wrong.append(day)
        day += DAY
    assert wrong == []
    assert day == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("year", "days"),
    list(enumerate((250, 249, 250, 250, 249, 250, 249, 249, 251, 248, 248), start=2016)),
)
def test_working_days_of_a_year(year, days):
    every = (date(year, 1, 1) + DAY * offset for offset in range(366))
    assert sum(CALENDAR.is_working(day) for day in every if day.year == year) == days


def test_made_up_weekends_of_2017_are_worked():
    made_up = [day for day, kind, _ in library_rows([2017]) if kind == "workday"]
    expected = [(1, 22), (2, 4), (4, 1), (5, 27), (9, 30)]
    assert made_up == [date(2017, month, day) for month, day in expected]


def test_one_year_asked_alone_gives_the_same_rows_as_all_together():
    together = library_rows(range(2004, 2030))
    for year in (2007, 2011, 2018, 2026):
        assert library_rows([year]) == [row for row in together if row[0].year == year]


def test_unknown_years_give_no_rows_and_the_source_is_named():
    assert set(range(2004, 2027)) <= known_years()
    assert library_rows([max(known_years()) + 1]) == []
    assert "国务院办公厅" in SOURCE


def test_beyond_the_data_dates_are_provisional_and_fixed_holidays_still_count():
    small = Calendar({}, frozenset({2025, 2026}), "test")
    answer = due(date(2028, 9, 29), working(5), small)  # a Friday; 2–3 October are fixed holidays
    assert answer.provisional
    assert answer.on == date(2028, 10, 10)
    assert answer.calendar_version == "test"
    for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)):
        assert not small.is_working(date(2029, month, day))
    assert small.is_working(date(2029, 10, 4))
    assert not due(date(2026, 3, 2), working(5), small).provisional
    assert not small.covers(date(2027, 1, 1))


def test_the_last_week_of_december_waits_for_the_next_notice():
    known = Calendar({}, frozenset({2026}), "one")
    assert due(date(2026, 12, 23), working(3), known).provisional
    assert not due(date(2026, 12, 21), working(3), known).provisional
    both = Calendar({}, frozenset({2026, 2027}), "two")
    assert not due(date(2026, 12, 23), working(3), both).provisional


def test_a_calendar_period_needs_no_table_unless_it_rolls():
    none = Calendar({}, frozenset(), "empty")
    assert not due(date(2029, 1, 1), Period(3, "year"), none).provisional
    assert due(date(2029, 1, 1), Period(3, "year", roll=True), none).provisional


def test_a_loaded_table_changes_the_answer():
    before = Calendar({}, frozenset(), "before")
    rows = {date(2031, 1, 24): "holiday", date(2031, 1, 25): "workday"}
    after = Calendar(rows, frozenset({2031}), "after", {date(2031, 1, 24): "春节"})
    assert due(date(2031, 1, 23), working(1), before).on == date(2031, 1, 24)
    answer = due(date(2031, 1, 23), working(1), after)
    assert answer.on == date(2031, 1, 25)
    assert answer.skipped == ((date(2031, 1, 24), "春节"),)
    assert answer.made_up == (date(2031, 1, 25),)
    assert not answer.provisional


def test_a_calendar_cannot_be_changed_after_the_fact():
    rows = {date(2031, 1, 24): "holiday"}
    calendar = Calendar(rows, frozenset({2031}), "v")
    rows.clear()
    assert not calendar.is_working(date(2031, 1, 24))
    with pytest.raises(TypeError):
        calendar.rows[date(2031, 1, 25)] = "holiday"  # type: ignore[index]
    with pytest.raises(ValueError, match="unknown kinds"):
        Calendar({date(2031, 1, 24): "off"}, frozenset(), "v")  # type: ignore[dict-item]


def test_the_last_day_rolls_past_a_holiday():
    answer = due(date(2026, 9, 1), Period(1, "month", roll=True), CALENDAR)
    assert (answer.nominal, answer.on) == (date(2026, 10, 1), date(2026, 10, 8))
    assert [day for day, _ in answer.skipped] == [date(2026, 10, day) for day in range(1, 8)]
    assert due(date(2026, 9, 1), Period(1, "month"), CALENDAR).on == date(2026, 10, 1)


def test_a_worked_sunday_does_not_roll():
    answer = due(date(2026, 8, 20), Period(1, "month", roll=True), CALENDAR)
    assert answer.on == answer.nominal == date(2026, 9, 20)
    assert answer.made_up == (date(2026, 9, 20),)


def test_the_first_instant_that_is_too_late():
    whole_day = due(date(2026, 3, 2), Period(1, "calendar"), CALENDAR)
    assert whole_day.at == datetime(2026, 3, 3, 16, 0, tzinfo=UTC)  # midnight in Shanghai after 3 March
    assert whole_day.at.tzinfo is UTC
    office = due(date(2026, 3, 2), Period(1, "calendar", cut_off=time(17, 30)), CALENDAR)
    assert office.at == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    midnight = due(date(2026, 3, 2), Period(1, "calendar", cut_off=time(0, 0)), CALENDAR)
    assert midnight.at == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def test_rungs_count_back():
    assert due(date(2029, 9, 17), Period(-90, "calendar"), CALENDAR).on == date(2029, 6, 19)
    assert due(date(2024, 10, 10), working(-5), CALENDAR).on == date(2024, 9, 27)


def test_shanghai_date():
    assert shanghai_date(datetime(2017, 10, 8, 17, 0, tzinfo=UTC)) == date(2017, 10, 9)
    assert shanghai_date(datetime(2017, 10, 8, 15, 59, tzinfo=UTC)) == date(2017, 10, 8)
    assert shanghai_date(datetime(2026, 1, 1, 23, 0, tzinfo=ZoneInfo("America/New_York"))) == date(2026, 1, 2)
    with pytest.raises(ValueError, match="naive"):
        shanghai_date(datetime(2017, 10, 8, 17, 0))  # noqa: DTZ001


def test_wrong_questions_are_refused():
    with pytest.raises(TypeError):
        due(datetime(2026, 3, 2, tzinfo=UTC), working(1), CALENDAR)
    with pytest.raises(ValueError, match="unknown unit"):
        Period(1, "week")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="first day"):
        Period(0, "calendar", count_first_day=True)
    with pytest.raises(ValueError, match="wall-clock"):
        Period(1, "calendar", cut_off=time(17, 30, tzinfo=UTC))
