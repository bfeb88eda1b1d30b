"""The table of one year as somebody typed it from the State Council's notice: date,kind,name."""

import csv
import hashlib
import io
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import holidays as library
from django.utils.translation import gettext as _

from accounts.encodings import decoded
from notifications.models import WorkCalendar
from notifications.workdays.days import FIXED
from notifications.workdays.seed import MADE_UP, Row
from notifications.workdays.written import HEADINGS, KINDS, MOVABLE

COLUMNS = ["date", "kind", "name"]
_SATURDAY = 5
_LONGEST_NAME = WorkCalendar._meta.get_field("name").max_length
# 2 May is a statutory holiday since this year (programmes.md §8.1).
_SECOND_OF_MAY_SINCE = 2025


class TableError(ValueError):
    """A table that is not loaded. `faults` are (line, words); line 0 means the table as a whole."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Each fault as a sentence that begins with its line."""
        return [
            _("第 %(line)s 行：%(text)s") % {"line": line, "text": text} if line else text for line, text in self.faults
        ]


def text_of(rows: Iterable[Row]) -> str:
    """The table as CSV, as `parse` reads it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([COLUMNS, *([day.isoformat(), kind, name] for day, kind, name in sorted(rows))])
    return out.getvalue()


def version_of(data: bytes, year: int) -> str:
    """The version of a year's table: which year, and which text of it."""
    return f"published-{year}-{hashlib.sha256(data).hexdigest()[:8]}"


def parse(data: bytes, year: int | None = None) -> tuple[int, list[Row]]:
    """The year and its rows in order. Without `year`, the first row says which year it is.

    Raises TableError with every fault: a day of another year, a day twice, an unknown kind, a workday that is
    no Saturday or Sunday, a fixed-date holiday that is missing, a hole in the days of one festival.
    """
    reader = csv.reader(io.StringIO(_decoded(data), newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    if header not in (COLUMNS, HEADINGS):
        raise TableError([(1, _("表头须为 %(columns)s") % {"columns": ",".join(COLUMNS)})])
    faults: list[tuple[int, str]] = []
    lines: dict[date, int] = {}
    rows: list[Row] = []
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        day, text = _day(cells[0])
        if day is None:
            faults.append((line, text))
            continue
        year = year or day.year
        wrong = _wrong(day, cells, year)
        if day in lines:
            wrong.append(_("%(day)s 与第 %(line)s 行重复") % {"day": day, "line": lines[day]})
        lines.setdefault(day, line)
        faults += [(line, text) for text in wrong]
        if not wrong:
            kind = _kind(cells[1])
            name = cells[2].strip() if len(cells) == len(COLUMNS) else ""
            rows.append((day, kind, name or (MADE_UP if kind == "workday" else "")))
    if year is None:
        faults.append((0, _("表中没有一天")))
    elif not faults:
        faults = _gaps(year, {day for day, kind, _name in rows if kind == "holiday"}) or _holes(rows, lines)
    if year is None or faults:
        raise TableError(faults)
    return year, sorted(rows)


def _decoded(data: bytes) -> str:
    try:
        return decoded(data)
    except UnicodeDecodeError:
        raise TableError([(1, _("文件既不是 UTF-8 也不是 GB18030 编码"))]) from None


def _day(cell: str) -> tuple[date | None, str]:
    try:
        return date.fromisoformat(cell.strip()), ""
    except ValueError:
        return None, _("%(text)s 不是日期，须写成 2027-10-01 的样子") % {"text": cell.strip() or _("（空）")}


def _kind(cell: str) -> str:
    return KINDS.get(cell.strip(), cell.strip())


def _wrong(day: date, cells: list[str], year: int) -> list[str]:
    if len(cells) not in (2, 3):
        return [_("有 %(n)s 格，须为 %(columns)s") % {"n": len(cells), "columns": ",".join(COLUMNS)}]
    kind, found = _kind(cells[1]), []
    if day.year != year:
        found.append(_("%(day)s 不在 %(year)s 年；其他年份的日子请放在那一年的表中") % {"day": day, "year": year})
    if kind not in WorkCalendar.Kind.values:
        found.append(_("不认识的类别 %(kind)s；放假写 holiday，调休上班写 workday") % {"kind": kind or _("（空）")})
    if kind == "workday" and day.weekday() < _SATURDAY:
        found.append(_("%(day)s 不是周六或周日，不会是调休上班") % {"day": day})
    if len(cells[2:]) and len(cells[2].strip()) > _LONGEST_NAME:
        found.append(_("名称超过 %(max)s 个字符") % {"max": _LONGEST_NAME})
    return found


def _gaps(year: int, holidays: set[date]) -> list[tuple[int, str]]:
    """A year's table is complete or it is none: holidays with a fixed date must all be in it."""
    wanted = {
        date(year, month, day): name
        for (month, day), name in FIXED.items()
        if (month, day) != (5, 2) or year >= _SECOND_OF_MAY_SINCE
    }
    return [
        (0, _("缺少 %(day)s（%(name)s）：表不完整") % {"day": day, "name": name})
        for day, name in wanted.items()
        if day not in holidays
    ]


# Days of one festival further apart than this are two festivals (元旦 stands in January and, some years, in December).
_NEIGHBOURS = timedelta(days=4)


def _holes(rows: list[Row], lines: dict[date, int]) -> list[tuple[int, str]]:
    """A weekday in the middle of a festival about which the table says nothing: a line was forgotten."""
    found, known = [], {day for day, _kind, _name in rows}
    last: dict[str, date] = {}
    for day, name in sorted((day, name) for day, kind, name in rows if kind == "holiday" and name):
        before, last[name] = last.get(name), day
        if before is None or day - before > _NEIGHBOURS:
            continue
        between = [before + timedelta(days=n) for n in range(1, (day - before).days)]
        missing = [one for one in between if one.weekday() < _SATURDAY and one not in known]
        if missing:
            named = {"name": name, "first": before, "last": day, "missing": "、".join(map(str, missing))}
            found.append((lines[day], _("%(name)s在 %(first)s 与 %(last)s 之间缺少 %(missing)s") % named))
    return found


@lru_cache(maxsize=8)
def _by_the_moon(year: int) -> dict[date, str]:
    """The festivals of *year* whose dates the moon and the sun decide, as far as they can be computed beforehand."""
    source = library.country_holidays("CN", years=year, language="zh_CN")
    return {day: name for day, name in source.items() if day.year == year and name in MOVABLE}


def doubts(year: int, rows: Iterable[Row]) -> list[str]:
    """What a person should look at before loading: computed festivals that are worked by this table."""
    off = {day for day, kind, _name in rows if kind == "holiday"}
    return [
        _("%(name)s（推算为 %(day)s）不在表中，请对照通知核实") % {"name": name, "day": day}
        for day, name in sorted(_by_the_moon(year).items())
        if day not in off and day.weekday() < _SATURDAY
    ]
