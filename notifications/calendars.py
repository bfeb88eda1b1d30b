"""The working-day calendar of the database, kept in memory until a table is imported."""

from functools import lru_cache

from django.db.models import Count, Max

from notifications.models import WorkCalendar
from notifications.workdays.days import Calendar
from notifications.workdays.seed import calendar_of


def current() -> Calendar:
    """The calendar as loaded. One small query; the days themselves are read once per version."""
    mark = WorkCalendar.objects.aggregate(rows=Count("pk"), newest=Max("pk"), version=Max("version"))
    return _read((mark["rows"], mark["newest"], mark["version"] or "none"))


@lru_cache(maxsize=4)
def _read(mark):
    rows = list(WorkCalendar.objects.values_list("date", "kind", "name", "year"))
    return calendar_of(
        [(date, kind, name) for date, kind, name, _year in rows],
        {year for *_rest, year in rows},
        mark[2],
    )
