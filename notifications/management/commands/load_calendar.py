"""`./manage.py load_calendar [--file FILE.csv [--year YEAR]]`: the working-day calendar of the database."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import clock
from notifications.recount import recount
from notifications.workdays.seed import LIBRARY
from notifications.years import store
from notifications.years.table import TableError, parse, version_of


class Command(BaseCommand):
    help = "装入工作日历：不带参数时装入随附的历年放假安排；--file 装入一年的放假安排。可重复执行。"

    def add_arguments(self, parser):
        parser.add_argument("--file", type=Path, metavar="FILE.csv", help="一年的放假安排，三列：date,kind,name")
        parser.add_argument("--year", type=int, help="文件应当是哪一年的；不写时以第一行为准")
        parser.add_argument("--source", metavar="TEXT", default="", help="依据文件，如 国办发明电〔2026〕7号")

    def handle(self, *args, file, year, source, **options):
        if file is None:
            if year is not None or source:
                raise CommandError("--year、--source 只与 --file 一起用")
            done = self._library()
        else:
            done = self._file(file, year, source)
        cases, moved = recount(clock.now(), done.changed)
        if cases:
            self.stdout.write(f"重算 {cases} 件的期限，{moved} 个日期有变，已通知相关人员")

    def _library(self):
        tables = store.library_tables()
        with transaction.atomic():
            before = store.stored()
            published = {year for year, table in before.items() if store.is_published(table)}
            mine = {year: table for year, table in tables.items() if year not in published}
            done = store.replace(mine, before)
        for year in sorted(published & set(tables)):
            self.stdout.write(f"{year} 年已按文件装入，保留不动")
        self.stdout.write(f"{LIBRARY}：{min(tables)} 至 {max(tables)} 年，{_changed(done)}")
        return done

    def _file(self, file, year, source):
        try:
            data = file.read_bytes()
            year, rows = parse(data, year)
        except OSError as error:
            raise CommandError(f"{file}: 不能读取：{error.strerror}") from error
        except TableError as error:
            lines = [f"{file}:{line}: {text}" if line else f"{file}: {text}" for line, text in error.faults]
            raise CommandError("\n".join([*lines, "没有装入任何日期"])) from error
        source, version = source or f"国务院办公厅 {year} 年放假安排，据 {file.name} 装入", version_of(data, year)
        with transaction.atomic():
            done = store.replace({year: store.table_of(rows, source, version)}, store.stored([year]))
        self.stdout.write(f"{version}：{_changed(done)}")
        return done


def _changed(done):
    return f"写入 {done.written} 天" if done.written else "没有变化"
