"""`./manage.py workdays DATE N`: when a period ends, and why; for people who check a deadline."""

import json
from argparse import RawDescriptionHelpFormatter
from datetime import date

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter
from django.db import DatabaseError
from django.utils.translation import get_language

from notifications import calendars
from notifications.workdays.arithmetic import Period, due, explain

# The keys of --json; a test holds them against what is printed.
SHAPE = """\
N 为负数时往前数；N 为 0 时是起始日本身，遇休息日则为其后第一个工作日（只对 working 和 --roll）。

--json 输出一个对象：
  start            起始日，YYYY-MM-DD
  n, unit          个数与单位：working、calendar、month、year
  count_first_day  起始日是否计入，true 或 false
  roll             末日遇休息日是否顺延，true 或 false
  on               最后一日，YYYY-MM-DD
  too_late_at      逾期的第一个时刻，UTC，ISO 8601
  nominal          顺延之前的末日
  provisional      true：有关年度的放假安排没有装入，日期为暂定
  calendar_version 工作日历的版本
  skipped          跳过的日子：[{"date": "YYYY-MM-DD", "why": "原因"}]
  made_up          计入的调休上班日：["YYYY-MM-DD"]
  explanation      一句话的说明，中文或英文

例：
  workdays 2026-09-28 5
  workdays 2026-09-28 -5
  workdays 2026-01-31 1 --unit month --roll --json
"""


class _AsWritten(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the lines of the text below the options."""


_WEEKDAYS = "一二三四五六日"


class Command(BaseCommand):
    help = "计算期限：从 DATE 起 N 个工作日（或日、月、年）到哪一天为止，跳过了哪些日子，为什么。"

    def create_parser(self, prog_name, subcommand, **kwargs):
        """Adds the shape of --json to the help."""
        return super().create_parser(prog_name, subcommand, epilog=SHAPE, formatter_class=_AsWritten, **kwargs)

    def add_arguments(self, parser):
        parser.add_argument("date", metavar="DATE", help="起始日，如 2026-09-28")
        parser.add_argument("n", type=int, metavar="N", help="个数；负数往前数")
        parser.add_argument("--unit", choices=["working", "calendar", "month", "year"], default="working")
        parser.add_argument("--count-first", action="store_true", help="起始日计入（公示）")
        parser.add_argument("--roll", action="store_true", help="末日遇休息日顺延（法定期限）")
        parser.add_argument("--json", action="store_true", help="供程序读取")

    def handle(self, *args, n, unit, count_first, roll, **options):
        try:
            start = date.fromisoformat(options["date"])
        except ValueError as error:
            raise CommandError(f"{options['date']} 不是日期，须写成 2026-09-28 的样子") from error
        if count_first and n < 1:
            raise CommandError("起始日计入时 N 至少为 1")
        period = Period(n, unit, count_first_day=count_first, roll=roll)
        try:
            calendar = calendars.current()
        except DatabaseError as error:
            raise CommandError("数据库还没有建立：请先运行 migrate 和 load_calendar") from error
        try:
            answer = due(start, period, calendar)
        except (OverflowError, ValueError) as error:
            raise CommandError(f"从 {start} 起数 {n}，超出了日历的范围") from error
        if not calendar.years:
            self.stderr.write("数据库中还没有工作日历，请先运行 load_calendar；以下只按周末和固定节日计算。")
        words = explain(answer, period, start, get_language() or "zh-hans")
        if options["json"]:
            self.stdout.write(json.dumps(_facts(start, period, answer, words), ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{_long(answer.on)} {'暂定' if answer.provisional else '确定'}")
        for day, reason in answer.skipped:
            self.stdout.write(f"  跳过 {_long(day)} {reason}")
        for day in answer.made_up:
            self.stdout.write(f"  计入 {_long(day)} 调休上班")
        self.stdout.write(words)


def _long(day):
    return f"{day.isoformat()} 星期{_WEEKDAYS[day.weekday()]}"


def _facts(start, period, answer, words):
    return {
        "start": start.isoformat(),
        "n": period.n,
        "unit": period.unit,
        "count_first_day": period.count_first_day,
        "roll": period.roll,
        "on": answer.on.isoformat(),
        "too_late_at": answer.at.isoformat(),
        "nominal": answer.nominal.isoformat(),
        "provisional": answer.provisional,
        "calendar_version": answer.calendar_version,
        "skipped": [{"date": day.isoformat(), "why": why} for day, why in answer.skipped],
        "made_up": [day.isoformat() for day in answer.made_up],
        "explanation": words,
    }
