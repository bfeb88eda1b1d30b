"""The working-day calendar of the database, kept in memory until a table is imported."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from django.db.models import Count, Max

from notifications.models import WorkCalendar
from notifications.workdays.days import Calendar
from notifications.workdays.seed import calendar_of

_supposed: ContextVar[Calendar | None] = ContextVar("supposed_calendar", default=None)
_DECEMBER = 12


def current() -> Calendar:
    """The calendar as loaded. One small query; the days themselves are read once per version."""
    supposed = _supposed.get()
    if supposed is not None:
        return supposed
    mark = WorkCalendar.objects.aggregate(rows=Count("pk"), newest=Max("pk"), version=Max("version"))
    return _read((mark["rows"], mark["newest"], mark["version"] or "none"))


@contextmanager
def using(calendar: Calendar) -> Iterator[None]:
    """Inside, `current` answers with `calendar`: to see what a table would change before it is loaded."""
    token = _supposed.set(calendar)
    try:
        yield
    finally:
        _supposed.reset(token)


def forget() -> None:
    """Reads the days anew next time. A table that was rolled back gives its keys to the next one (tests do that)."""
    _read.cache_clear()


def year_wanted(today) -> int:
    """The newest year whose table should be there: from 1 December the next one (trust.md §5), before that this one."""
    return today.year + (today.month == _DECEMBER)


@lru_cache(maxsize=4)
def _read(mark):
    rows = list(WorkCalendar.objects.values_list("date", "kind", "name", "year"))
    return calendar_of(
        [(date, kind, name) for date, kind, name, _year in rows],
        {year for *_rest, year in rows},
        mark[2],
    )
