"""Storing yearly tables: a year is replaced as a whole, or not at all. Pages, jobs and the command share this."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from notifications.models import WorkCalendar
from notifications.workdays.days import Calendar
from notifications.workdays.seed import LIBRARY, SOURCE, Row, calendar_of, known_years, library_rows

# (kind, name, source, version) of one day.
Cell = tuple[str, str, str, str]
Table = dict[date, Cell]

# Tables the library made are its to replace; a table somebody published goes before it.
_OF_THE_LIBRARY = LIBRARY.split("-", maxsplit=1)[0] + "-"
_LONGEST_SOURCE = WorkCalendar._meta.get_field("source").max_length


@dataclass(frozen=True)
class Replaced:
    """What a loading did: days written (0: nothing differed), and the days that are another kind of day than before."""

    written: int
    changed: frozenset[date] = field(default_factory=frozenset)


def is_published(table: Mapping[date, Cell]) -> bool:
    """True for a table that somebody loaded, False for one of the library's."""
    return any(not version.startswith(_OF_THE_LIBRARY) for *_row, version in table.values())


def stored(years: Iterable[int] | None = None) -> dict[int, Table]:
    """The tables of the database by year; of some years only, where they are named."""
    rows = WorkCalendar.objects.all() if years is None else WorkCalendar.objects.filter(year__in=list(years))
    tables: dict[int, Table] = defaultdict(dict)
    for year, day, *cell in rows.values_list("year", "date", "kind", "name", "source", "version"):
        tables[year][day] = tuple(cell)
    return tables


def table_of(rows: Iterable[Row], source: str, version: str) -> Table:
    """Rows of a year as they are stored."""
    return {day: (kind, name, source[:_LONGEST_SOURCE], version) for day, kind, name in rows}


def library_tables() -> dict[int, Table]:
    """Every year the library knows."""
    tables: dict[int, Table] = defaultdict(dict)
    for row in library_rows(known_years()):
        tables[row[0].year] |= table_of([row], SOURCE, LIBRARY)
    return tables


def differing(tables: Mapping[int, Table], before: Mapping[int, Table]) -> frozenset[date]:
    """The days whose kind `tables` changes: added, taken away, or turned round. In a year that was not known yet, the
    whole of it counts as changed: what was provisional is settled."""
    found: set[date] = set()
    for year, table in tables.items():
        old = before.get(year, {})
        found |= {day for day in {*table, *old} if table.get(day, ("",))[0] != old.get(day, ("",))[0]}
        if not old:
            found |= {date(year, 1, 1), date(year, 12, 31)}
    return frozenset(found)


def replace(tables: Mapping[int, Table], before: Mapping[int, Table]) -> Replaced:
    """Writes the years that differ, anew as a whole. Call inside a transaction.

    New rows, never updates: `notifications.calendars.current` knows a new table by its new keys.
    """
    different = {year: table for year, table in tables.items() if before.get(year) != table}
    WorkCalendar.objects.filter(year__in=different).delete()
    rows = [
        WorkCalendar(year=year, date=day, kind=kind, name=name, source=source, version=version)
        for year, table in different.items()
        for day, (kind, name, source, version) in table.items()
    ]
    WorkCalendar.objects.bulk_create(rows, batch_size=500)
    return Replaced(len(rows), differing(different, before))


def with_table(tables: Mapping[int, Table], year: int, table: Table, version: str) -> Calendar:
    """The calendar as it would be with `table` in place of what is stored for `year`."""
    together = {**tables, year: table}
    rows = [(day, cell[0], cell[1]) for one in together.values() for day, cell in one.items()]
    return calendar_of(rows, together, version)
