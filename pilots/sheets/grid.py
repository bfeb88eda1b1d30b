"""The one reader of sheets people send to be read row by row: an XLSX or a CSV file as rows of cells.

Archives are looked at before they are opened, workbooks are opened in the limited child; CSV is read in both encodings
in use. What the rows mean is the caller's business.
"""

import csv
import io
from typing import Any

from django.utils.translation import gettext as _

from accounts.encodings import decoded
from pilots.sheets import workbook
from pilots.uploads import zip_fault


class Unreadable(ValueError):
    """The file as a whole cannot be read; the message says why, to whoever sent it."""


def is_workbook(name: str, data: bytes) -> bool:
    """True for what is named as a workbook or looks like an archive: people rename files."""
    return name.lower().endswith(".xlsx") or data[:2] == b"PK"


def rows(name: str, data: bytes, *, most: int, columns: int) -> list[list[Any]]:
    """Every row of the first sheet, or of the CSV file; of a workbook `most` rows of `columns` cells. Cells of a workbook
    have their types, those of a CSV file are texts. Raises Unreadable."""
    return _workbook(data, most, columns) if is_workbook(name, data) else _csv(data)


def _workbook(data: bytes, most: int, columns: int) -> list[list[Any]]:
    if fault := zip_fault(data):
        raise Unreadable(fault)
    try:
        return workbook.open_book(data, rows=most, columns=columns).rows()
    except workbook.Unreadable:
        raise Unreadable(_("文件不是可读的 XLSX；请另存为 XLSX 或 CSV。")) from None


def text_of(data: bytes) -> str:
    """A CSV file as text. Raises Unreadable."""
    try:
        return decoded(data)
    except UnicodeDecodeError:
        raise Unreadable(_("文件编码无法识别；请另存为 UTF-8 的 CSV 或 XLSX。")) from None


def _csv(data: bytes) -> list[list[Any]]:
    try:
        return list(csv.reader(io.StringIO(text_of(data), newline="")))
    except csv.Error:
        raise Unreadable(_("CSV 文件的格式有误；请另存为 CSV 或 XLSX 后再选。")) from None
