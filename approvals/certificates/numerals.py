"""Dates in Chinese numerals, as certificates and plaques print them (programmes.md §7.3)."""

from datetime import date

_DIGITS = "〇一二三四五六七八九"
_TEN = 10


def _counted(number: int) -> str:
    """*number* (1…31) as it is spoken: 十, 十八, 二十, 三十一."""
    tens, units = divmod(number, _TEN)
    head = ("" if tens <= 1 else _DIGITS[tens]) + ("十" if tens else "")
    return head + (_DIGITS[units] if units else "")


def chinese_year(year: int) -> str:
    """2026 → 二〇二六: the year is spelled digit by digit and its zero is 〇 (GB/T 15835-2011)."""
    return "".join(_DIGITS[int(digit)] for digit in f"{year:04d}")


def chinese_year_month(day: date) -> str:
    """2026-09-18 → 二〇二六年九月."""
    return f"{chinese_year(day.year)}年{_counted(day.month)}月"


def chinese_date(day: date) -> str:
    """2026-09-18 → 二〇二六年九月十八日."""
    return f"{chinese_year_month(day)}{_counted(day.day)}日"
