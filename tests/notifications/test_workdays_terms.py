"""Months, years and printed terms (programmes.md §6.1)."""

from datetime import date, timedelta

import pytest

from notifications.workdays.arithmetic import Period, add_months, due, term
from notifications.workdays.seed import library_calendar

CALENDAR = library_calendar()
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2025, 2, 28), 36, date(2028, 2, 28)),
        (date(2024, 1, 31), 36, date(2027, 1, 31)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
        (date(2024, 5, 5), 0, date(2024, 5, 5)),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_month_end(start, months, end):
    assert add_months(start, months) == end
    assert due(start, Period(months, "month"), CALENDAR).on == end


def test_years_are_months():
    assert due(date(2024, 2, 29), Period(3, "year"), CALENDAR).on == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2024, 3, 1), date(2027, 2, 28)),
        (date(2024, 3, 15), date(2027, 3, 14)),
        (date(2024, 2, 29), date(2027, 2, 28)),
    ],
)
def test_an_inclusive_span_ends_the_day_before(start, end):
    assert due(start, Period(3, "year", count_first_day=True), CALENDAR).on == end


TERMS = [
    ((2016, 12), (2019, 11), 36, "end_month_inclusive"),
    ((2018, 8), (2021, 7), 36, "end_month_inclusive"),
    ((2017, 1), (2019, 12), 36, "end_month_inclusive"),
    ((2018, 1), (2020, 12), 36, "end_month_inclusive"),
    ((2020, 1), (2022, 12), 36, "end_month_inclusive"),
    ((2019, 2), (2022, 1), 36, "end_month_inclusive"),
    ((2022, 7), (2025, 6), 36, "end_month_inclusive"),
    ((2024, 3), (2025, 2), 12, "end_month_inclusive"),
    ((2017, 12), (2020, 12), 36, "anniversary"),
    ((2020, 12), (2023, 12), 36, "anniversary"),
    ((2017, 6), (2019, 6), 24, "anniversary"),
]


@pytest.mark.parametrize(("first", "last", "months", "style"), TERMS)
@pytest.mark.parametrize("day", [1, 17, 28])
def test_terms_as_printed(first, last, months, style, day):
    start, end = term(date(*first, day), months, style, month_only=True)
    assert start == date(*first, 1)
    assert (end.year, end.month) == last
    assert (end + DAY).day == 1


def test_terms_with_days():
    assert term(date(2024, 3, 15), 36, "anniversary") == (date(2024, 3, 15), date(2027, 3, 15))
    assert term(date(2024, 2, 29), 36, "anniversary") == (date(2024, 2, 29), date(2027, 2, 28))
    assert term(date(2024, 3, 15), 36, "end_month_inclusive") == (date(2024, 3, 15), date(2027, 2, 28))
    assert term(date(2024, 1, 31), 2, "end_month_inclusive") == (date(2024, 1, 31), date(2024, 2, 29))
    with pytest.raises(ValueError, match="at least one month"):
        term(date(2024, 3, 15), 0, "anniversary")
    with pytest.raises(ValueError, match="unknown style"):
        term(date(2024, 3, 15), 1, "other")  # type: ignore[arg-type]
