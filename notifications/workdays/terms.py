"""Months and years: the corresponding day, and the two ways terms are printed (programmes.md §6)."""

from calendar import monthrange
from datetime import date
from typing import Literal

Style = Literal["anniversary", "end_month_inclusive"]

_MONTHS = 12


def add_months(day: date, n: int) -> date:
    """The corresponding day *n* months later (earlier if negative), or that month's last day if it has none.

    Civil Code art. 202. Always count from the original day: 31 January plus one month twice is 28 March, plus
    two months is 31 March.
    """
    index = day.year * _MONTHS + day.month - 1 + n
    year, month = divmod(index, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """The last day of *day*'s month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def term(start: date, months: int, style: Style, *, month_only: bool = False) -> tuple[date, date]:
    """First and last day of a term of *months* (programmes.md §6.1 and its table).

    ``anniversary`` ends on the corresponding day; ``end_month_inclusive`` counts the start's month as the
    first and ends with the last day of the last one. *month_only* says that the document prints months
    without days: the term then runs from the first day of its first month to the last day of its last.
    Raises ValueError when *months* is not positive or the style is unknown.
    """
    if months <= 0:
        raise ValueError("a term has at least one month")
    first = start.replace(day=1) if month_only else start
    if style == "anniversary":
        end = add_months(first, months)
        return first, month_end(end) if month_only else end
    if style == "end_month_inclusive":
        return first, month_end(add_months(first.replace(day=1), months - 1))
    raise ValueError(f"unknown style of term: {style}")
