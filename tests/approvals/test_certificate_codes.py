"""Check codes and Chinese dates."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.certificates.codes import ALPHABET, new_code, normalise, pretty
from approvals.certificates.numerals import chinese_date, chinese_year_month

seeds = st.integers(min_value=0, max_value=2**32)


@given(seeds)
def test_a_code_survives_its_printed_form(seed):
    code = new_code(random.Random(seed))
    assert len(code) == 10
    assert set(code) <= set(ALPHABET)
    assert normalise(code) == code
    assert normalise(pretty(code)) == code
    assert normalise(pretty(code).lower().replace(" ", "-")) == code


def test_codes_come_from_the_system_source_and_differ():
    assert len({new_code() for _ in range(1000)}) == 1000


@given(seeds)
def test_every_single_wrong_symbol_is_found(seed):
    code = new_code(random.Random(seed))
    for place, right in enumerate(code):
        for wrong in ALPHABET.replace(right, ""):
            assert normalise(code[:place] + wrong + code[place + 1 :]) is None


@given(seeds)
def test_every_exchange_of_two_symbols_is_found(seed):
    code = new_code(random.Random(seed))
    for first in range(10):
        for second in range(first + 1, 10):
            symbols = list(code)
            symbols[first], symbols[second] = symbols[second], symbols[first]
            if symbols[first] != symbols[second]:
                assert normalise("".join(symbols)) is None


def test_lookalikes_and_full_width_letters_are_read():
    code = next(c for c in (new_code(random.Random(s)) for s in range(1000)) if {"0", "1"} <= set(c))
    assert normalise(code.replace("0", "o")) == code
    assert normalise(code.replace("1", "l")) == code
    assert normalise(code.replace("1", "I")) == code
    assert normalise("".join(chr(ord(c) + 0xFEE0) for c in code)) == code


@pytest.mark.parametrize("text", ["", "076A9", "U76A99B44C", "076A99B44C0", "核验码核验码核验码核", "*" * 10])
def test_what_cannot_be_a_code_is_none(text):
    assert normalise(text) is None


def test_alphabet_has_no_confusable_letter():
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 9, 18), "二〇二六年九月十八日"),
        (date(2017, 12, 1), "二〇一七年十二月一日"),
        (date(2020, 10, 10), "二〇二〇年十月十日"),
        (date(2000, 11, 20), "二〇〇〇年十一月二十日"),
        (date(2024, 2, 29), "二〇二四年二月二十九日"),
        (date(1999, 1, 31), "一九九九年一月三十一日"),
        (date(2021, 5, 30), "二〇二一年五月三十日"),
        (date(2010, 8, 11), "二〇一〇年八月十一日"),
    ],
)
def test_chinese_date(day, text):
    assert chinese_date(day) == text
    assert text.startswith(chinese_year_month(day))


def test_chinese_year_month():
    assert chinese_year_month(date(2017, 12, 6)) == "二〇一七年十二月"
