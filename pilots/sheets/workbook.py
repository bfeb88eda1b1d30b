"""Workbooks of strangers are opened in a child process that may use so much and no more (trust.md H2, H3).

What a file says of its size is checked before (`pilots.uploads.zip_fault`); this is for what only shows on reading.
"""

import json
import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts import confined

log = logging.getLogger(__name__)
CPU_SECONDS, WALL_SECONDS = 10, 30
MEMORY_BYTES = 512 * 1024 * 1024


class Unreadable(ValueError):
    """The file is no workbook, or took more time or memory than one may. What to tell people is the caller's to say."""


@dataclass(frozen=True)
class Cell:
    """One cell that is not empty; `row` and `column` count from 1. `data_type` is openpyxl's letter (s, n, b, d, f, e, …)."""

    row: int
    column: int
    value: Any
    data_type: str


@dataclass(frozen=True)
class Book:
    """The names of all sheets, and the cells of those that were asked for."""

    sheetnames: list[str]
    pages: dict[str, list[list[Cell | None]]]

    def cells(self, sheet: str) -> list[Cell]:
        """The cells of a sheet that are not empty, row by row."""
        return [cell for row in self.pages.get(sheet, []) for cell in row if cell is not None]

    def rows(self, sheet: str | None = None) -> list[list[Any]]:
        """The values of a sheet (the first one) by row; empty cells are None, those at the end of a row are missing."""
        page = self.pages[sheet] if sheet else next(iter(self.pages.values()), [])
        return [[cell.value if cell else None for cell in row] for row in page]


def open_book(
    data: bytes, *, rows: int, columns: int, sheets: list[str] | None = None, computed: bool = True,
    cpu: int = CPU_SECONDS, memory: int = MEMORY_BYTES,
) -> Book:  # fmt: skip
    """Up to `rows` × `columns` cells of the named sheets, or of the first one. Raises Unreadable.

    `computed`: formulas give the value that was saved with them, otherwise their own text.
    """
    wanted = {
        "rows": rows, "columns": columns, "sheets": sheets, "computed": computed, "cpu": cpu, "memory": memory,
    }  # fmt: skip
    try:
        answer = json.loads(confined.ask("pilots.sheets.child", wanted, data, wall=WALL_SECONDS))
    except confined.Ended as ended:
        log.warning("a workbook ended its reader: %s", ended)
        raise Unreadable("the reader was ended by its limits") from None
    if "fault" in answer:
        log.info("a workbook could not be read: %s", answer["fault"])
        raise Unreadable(answer["fault"])
    return Book(answer["sheets"], {name: _page(page) for name, page in answer["pages"].items()})


def _page(page: list[list[list | None]]) -> list[list[Cell | None]]:
    return [
        [Cell(row, column, _value(*cell), cell[0]) if cell else None for column, cell in enumerate(cells, 1)]
        for row, cells in enumerate(page, 1)
    ]  # fmt: skip


def _value(kind: str, value: Any) -> Any:
    if kind != "d" or not isinstance(value, str):
        return value
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
