"""Numbers of a request: what is one, what is none, and what a garbled version means."""

from datetime import date

import pytest
from django import forms

from accounts import clock
from accounts.days import FIRST, LAST, DayField
from accounts.digits import version_seen, whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("１２", 12), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("9" * 5000, None),
     ("", None), ("-1", None), ("²", None), ("1.0", None), (" 1", None)],
)  # fmt: skip
def test_whole_numbers(text, number):
    assert whole(text) == number


def test_a_form_that_names_no_version_is_told_from_one_that_is_garbled():
    assert version_seen({}) is None
    assert version_seen({"version": ""}) is None
    assert version_seen({"version": "3"}) == 3
    assert version_seen({"version": "x"}) == version_seen({"version": "9" * 99}) == -1
    assert version_seen({"version-a": "4"}, "version-a") == 4


def test_months():
    assert clock.month_of("2026-03") == clock.month_of("2026-3") == date(2026, 3, 1)
    assert [clock.month_of(text) for text in ("", "2026", "2026-13", "2026-00", "9999-12", "0001-01", "9" * 99)] == [
        None
    ] * 7


@pytest.mark.parametrize(
    ("text", "good"), [(str(FIRST), True), (str(LAST), True), ("9999-12-31", False), ("1799-12-31", False)]
)
def test_days_that_can_be_reckoned_with(text, good):
    field = DayField(label="日期")
    if good:
        assert str(field.clean(text)) == text
    else:
        with pytest.raises(forms.ValidationError, match="1800"):
            field.clean(text)
