"""The table of one year as somebody typed it from the State Council's notice: date,kind,name."""

import csv
import hashlib
import io
from datetime import date

from notifications.models import WorkCalendar
from notifications.workdays.days import FIXED
from notifications.workdays.seed import MADE_UP, Row

COLUMNS = ["date", "kind", "name"]
_SATURDAY = 5
_LONGEST_NAME = WorkCalendar._meta.get_field("name").max_length
# 2 May is a statutory holiday since this year (programmes.md §8.1).
_SECOND_OF_MAY_SINCE = 2025


class TableError(ValueError):
    """A table that is not loaded. `faults` are (line, words); line 0 means the table as a whole."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(f"第 {line} 行：{text}" if line else text for line, text in self.faults))


def version_of(data: bytes, year: int) -> str:
    """The version of a year's table: which year, and which text of it."""
    return f"published-{year}-{hashlib.sha256(data).hexdigest()[:8]}"


def parse(data: bytes, year: int | None = None) -> tuple[int, list[Row]]:
    """The year and its rows in order. Without `year`, the first row says which year it is.

    Raises TableError with every fault: a day of another year, a day twice, an unknown kind, a workday that is
    no Saturday or Sunday, a fixed-date holiday that is missing.
    """
    reader = csv.reader(io.StringIO(_decoded(data), newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    if header != COLUMNS:
        raise TableError([(1, f"表头须为 {','.join(COLUMNS)}")])
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
            wrong.append(f"{day} 与第 {lines[day]} 行重复")
        lines.setdefault(day, line)
        faults += [(line, text) for text in wrong]
        if not wrong:
            kind = cells[1].strip()
            name = cells[2].strip() if len(cells) == len(COLUMNS) else ""
            rows.append((day, kind, name or (MADE_UP if kind == "workday" else "")))
    if year is None:
        faults.append((0, "表中没有一天"))
    elif not faults:
        faults = _gaps(year, {day for day, kind, _name in rows if kind == "holiday"})
    if year is None or faults:
        raise TableError(faults)
    return year, sorted(rows)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError([(1, "文件既不是 UTF-8 也不是 GB18030 编码")])


def _day(cell: str) -> tuple[date | None, str]:
    try:
        return date.fromisoformat(cell.strip()), ""
    except ValueError:
        return None, f"{cell.strip() or '（空）'} 不是日期，须写成 2027-10-01 的样子"


def _wrong(day: date, cells: list[str], year: int) -> list[str]:
    if len(cells) not in (2, 3):
        return [f"有 {len(cells)} 格，须为 {','.join(COLUMNS)}"]
    kind, found = cells[1].strip(), []
    if day.year != year:
        found.append(f"{day} 不在 {year} 年；其他年份的日子请放在那一年的表中")
    if kind not in WorkCalendar.Kind.values:
        found.append(f"不认识的类别 {kind or '（空）'}；放假写 holiday，调休上班写 workday")
    if kind == "workday" and day.weekday() < _SATURDAY:
        found.append(f"{day} 不是周六或周日，不会是调休上班")
    if len(cells[2:]) and len(cells[2].strip()) > _LONGEST_NAME:
        found.append(f"名称超过 {_LONGEST_NAME} 个字符")
    return found


def _gaps(year: int, holidays: set[date]) -> list[tuple[int, str]]:
    """A year's table is complete or it is none: holidays with a fixed date must all be in it."""
    wanted = {
        date(year, month, day): name
        for (month, day), name in FIXED.items()
        if (month, day) != (5, 2) or year >= _SECOND_OF_MAY_SINCE
    }
    return [(0, f"缺少 {day}（{name}）：表不完整") for day, name in wanted.items() if day not in holidays]
