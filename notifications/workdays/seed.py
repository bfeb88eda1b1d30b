"""The yearly tables to start with: what the package `holidays` knows of the State Council's notices.

The package is pure data and works offline. A year it knows no exchanged days for is a year whose notice it
does not have; such a year is left out, so that dates in it stay provisional instead of silently wrong.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from importlib.metadata import version

import holidays

from notifications.workdays.days import Calendar, Kind
from notifications.workdays.sentences import EXCHANGED

Row = tuple[date, Kind, str]

FIRST_YEAR = 2004
#: How far ahead to ask. Notices come in the autumn before their year.
LAST_YEAR = 2040
LIBRARY = f"holidays-{version('holidays')}"
SOURCE = f"国务院办公厅历年节假日安排的通知，据 {LIBRARY} 整理"
MADE_UP = "调休上班"


def _source(years: Iterable[int]) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=set(years), language="zh_CN")


@lru_cache(maxsize=1)
def known_years() -> frozenset[int]:
    """The years the library has a complete table for: every notice since 2004 exchanged some weekend days."""
    source = _source(range(FIRST_YEAR, LAST_YEAR))
    return frozenset(day.year for day in source.weekend_workdays if day.year >= FIRST_YEAR)


def _name(text: str) -> str:
    """The festival in the library's wording: 春节（补假） gives 春节, 休息日（由…调休） gives 调休."""
    parts = []
    for part in re.split("[;；]", text):
        bare = re.sub(r"（.*?）", "", part).strip()
        parts.append(EXCHANGED if bare == "休息日" else bare)
    return "、".join(dict.fromkeys(parts))


def library_rows(years: Iterable[int]) -> list[Row]:
    """Rows (day, kind, Chinese name) of those *years* the library knows, in order. Others give no row."""
    wanted = frozenset(years) & known_years()
    source = _source(wanted)
    off: list[Row] = [(day, "holiday", _name(name)) for day, name in source.items() if day.year in wanted]
    worked: list[Row] = [(day, "workday", MADE_UP) for day in source.weekend_workdays if day.year in wanted]
    return sorted(off + worked)


def calendar_of(rows: Iterable[Row], years: Iterable[int], name: str) -> Calendar:
    """A calendar of *rows*, complete for *years*, with *name* as its version."""
    kept = list(rows)
    return Calendar(
        rows={day: kind for day, kind, _ in kept},
        years=frozenset(years),
        version=name,
        names={day: name for day, kind, name in kept if kind == "holiday"},
    )


@lru_cache(maxsize=1)
def library_calendar() -> Calendar:
    """Everything the library knows, as a calendar named after its version."""
    years = known_years()
    return calendar_of(library_rows(years), years, LIBRARY)
