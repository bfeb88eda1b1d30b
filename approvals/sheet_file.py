"""Sheets people send: rows of an XLSX or CSV file, columns by their headings, days as they are written."""

import csv
import io
from datetime import date, datetime

from django.utils.translation import gettext as _t
from django.utils.translation import override

from pilots.sheets import workbook
from pilots.sheets.workbook import open_book
from pilots.uploads import zip_fault

MOST_ROWS, MOST_COLUMNS = 3000, 100
MOST_BYTES = 2 * 1024 * 1024


class Unreadable(ValueError):
    """The file as a whole cannot be read; the message says why."""


def table(name, data, columns):
    """[(number, cells in the order of `columns`)] of every row that is not empty; numbers count as the sheet does, from 1
    with the heading. Headings are read in the language of the page and in Chinese. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_t("文件超过 %(max)s MB。") % {"max": MOST_BYTES // 1024 // 1024})
    rows = _xlsx(data) if name.lower().endswith(".xlsx") else _csv(data)
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


def _xlsx(data):
    fault = zip_fault(data)
    if fault:
        raise Unreadable(fault)
    try:
        return open_book(data, rows=MOST_ROWS + 2, columns=MOST_COLUMNS).rows()
    except workbook.Unreadable:
        raise Unreadable(_t("文件不是可读的 XLSX；请另存为 XLSX 或 CSV。")) from None


def _csv(data):
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(data.decode(encoding))))
        except (UnicodeDecodeError, csv.Error):
            continue
    raise Unreadable(_t("文件编码无法识别；请另存为 UTF-8 的 CSV 或 XLSX。"))


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
