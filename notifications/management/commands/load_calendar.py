"""`./manage.py load_calendar [--file FILE.csv [--year YEAR]]`: the working-day calendar of the database."""

from collections import defaultdict
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import clock
from notifications.management.year_table import TableError, parse, version_of
from notifications.models import WorkCalendar
from notifications.recount import recount
from notifications.workdays.seed import LIBRARY, SOURCE, known_years, library_rows

# Tables the library made are its to replace; a table somebody published goes before it.
_OF_THE_LIBRARY = LIBRARY.split("-", maxsplit=1)[0] + "-"


class Command(BaseCommand):
    help = "装入工作日历：不带参数时装入随附的历年放假安排；--file 装入一年的放假安排。可重复执行。"

    def add_arguments(self, parser):
        parser.add_argument("--file", type=Path, metavar="FILE.csv", help="一年的放假安排，三列：date,kind,name")
        parser.add_argument("--year", type=int, help="文件应当是哪一年的；不写时以第一行为准")

    def handle(self, *args, file, year, **options):
        if file is None:
            if year is not None:
                raise CommandError("--year 只与 --file 一起用")
            self._library()
        else:
            self._file(file, year)
        cases, moved = recount(clock.now())
        if cases:
            self.stdout.write(f"重算 {cases} 件的暂定期限，{moved} 个日期有变，已通知相关人员")

    def _library(self):
        tables = defaultdict(dict)
        for day, kind, name in library_rows(known_years()):
            tables[day.year][day] = (kind, name, SOURCE, LIBRARY)
        with transaction.atomic():
            stored = _stored()
            published = {
                year for year, table in stored.items()
                if any(not row[-1].startswith(_OF_THE_LIBRARY) for row in table.values())
            }  # fmt: skip
            days = _replace({year: table for year, table in tables.items() if year not in published}, stored)
        for year in sorted(published & set(tables)):
            self.stdout.write(f"{year} 年已按文件装入，保留不动")
        self.stdout.write(f"{LIBRARY}：{min(tables)} 至 {max(tables)} 年，{_changed(days)}")

    def _file(self, file, year):
        try:
            data = file.read_bytes()
            year, rows = parse(data, year)
        except OSError as error:
            raise CommandError(f"{file}: 不能读取：{error.strerror}") from error
        except TableError as error:
            lines = [f"{file}:{line}: {text}" if line else f"{file}: {text}" for line, text in error.faults]
            raise CommandError("\n".join([*lines, "没有装入任何日期"])) from error
        source, version = f"国务院办公厅 {year} 年放假安排，据 {file.name} 装入"[:120], version_of(data, year)
        with transaction.atomic():
            days = _replace({year: {day: (kind, name, source, version) for day, kind, name in rows}}, _stored())
        self.stdout.write(f"{version}：{_changed(days)}")


def _changed(days):
    return f"写入 {days} 天" if days else "没有变化"


def _stored():
    """{year: {day: (kind, name, source, version)}} of the database."""
    tables = defaultdict(dict)
    for year, day, *row in WorkCalendar.objects.values_list("year", "date", "kind", "name", "source", "version"):
        tables[year][day] = tuple(row)
    return tables


def _replace(tables, stored):
    """Writes the years that differ, anew as a whole, and returns the number of days written.

    New rows, never updates: `notifications.calendars.current` knows a new table by its new keys.
    """
    different = {year: table for year, table in tables.items() if stored.get(year) != table}
    WorkCalendar.objects.filter(year__in=different).delete()
    rows = [
        WorkCalendar(year=year, date=day, kind=kind, name=name, source=source, version=version)
        for year, table in different.items()
        for day, (kind, name, source, version) in table.items()
    ]
    WorkCalendar.objects.bulk_create(rows, batch_size=500)
    return len(rows)
