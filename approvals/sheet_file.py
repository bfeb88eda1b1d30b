"""Sheets people send: rows of an XLSX or CSV file, columns by their headings, days as they are written."""

from datetime import date, datetime

from django.utils.translation import gettext as _t
from django.utils.translation import override

from pilots.sheets import grid
from pilots.sheets.grid import Unreadable

__all__ = ["Unreadable", "day", "table"]

MOST_ROWS, MOST_COLUMNS = 3000, 100
MOST_BYTES = 2 * 1024 * 1024


def table(name, data, columns):
    """[(number, cells in the order of `columns`)] of every row that is not empty; numbers count as the sheet does, from 1
    with the heading. Headings are read in the language of the page and in Chinese. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_t("文件超过 %(max)s MB。") % {"max": MOST_BYTES // 1024 // 1024})
    rows = grid.rows(name, data, most=MOST_ROWS + 2, columns=MOST_COLUMNS)
    heading = [str(cell or "").strip() for cell in rows[0]] if rows else []
    where = [_column(heading, column) for column in columns]
    missing = [str(column) for column, index in zip(columns, where, strict=True) if index is None]
    if missing:
        raise Unreadable(_t("第 1 行须为表头，缺少：%(columns)s。") % {"columns": _t("、").join(missing)})
    found = []
    for number, row in enumerate(rows[1:], start=2):
        cells = [row[index] if index < len(row) else None for index in where]
        if any(str(cell or "").strip() for cell in cells):
            found.append((number, cells))
    if not found:
        raise Unreadable(_t("表头之下没有数据。"))
    if len(found) > MOST_ROWS:
        raise Unreadable(_t("一次至多导入 %(max)s 行。") % {"max": MOST_ROWS})
    return found


def _column(heading, column):
    """Where a column stands, or None."""
    names = [str(column)]
    with override("zh-hans"):
        names.append(str(column))
    return next((heading.index(name) for name in names if name in heading), None)


def day(value):
    """The day a cell names, or None."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or "").strip().replace("/", "-"))
    except ValueError:
        return None
