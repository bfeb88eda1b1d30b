"""Which cell of the workbook holds which answer. Made from the rules alone, so that writing and reading agree."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from pilots.forms.tables import MOST_ROWS
from pilots.views.seen import tidy

CODES = "_codes"
FORMAT = "pilotage-form-1"
NUMERIC = ("integer", "decimal", "money", "percent")
# Widest table a form may have in a sheet; what stands beyond is not read.
MOST_COLUMNS = 30
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Slot:
    """One cell: its address, the question, and for tables which row and column of it. Rows of free tables are numbers."""

    row: int
    column: int
    spec: Any
    kind: str
    label: str
    line: Any = None
    part: str = ""

    @property
    def cell(self) -> str:
        return f"{get_column_letter(self.column)}{self.row}"


@dataclass
class Sheet:
    """One section: its title and its cells. `captions` are fixed texts: (row, column, text, bold)."""

    section: Any
    title: str
    slots: list[Slot] = field(default_factory=list)
    captions: list[tuple[int, int, str, bool]] = field(default_factory=list)
    last_row: int = 1


def sheets(rules: Any) -> list[Sheet]:
    """A sheet per section, in the order of the form; questions first, then indicators, then free tables."""
    found: list[Sheet] = []
    for number, section in enumerate(rules.sections, 1):
        title = _FORBIDDEN.sub(" ", section.name.zh).strip("'")[:24] or section.code
        if title in {one.title for one in found} or title == CODES:
            title = f"{title} {number}"
        found.append(_sheet(rules, section, title))
    return found


def _sheet(rules: Any, section: Any, title: str) -> Sheet:
    sheet = Sheet(section, title)
    sheet.captions.append((1, 1, section.name.zh, True))
    row = 3
    for spec in section.fields:
        if spec.type in ("table", "indicators"):
            continue
        sheet.captions.append((row, 1, spec.name.zh + ("" if spec.required else "（选填）"), False))
        sheet.captions.append((row, 3, _hint(spec), False))
        sheet.slots.append(Slot(row, 2, spec, spec.type, spec.name.zh))
        row += 1
    for spec in section.fields:
        if spec.type == "indicators":
            row = _indicators(sheet, rules, spec, row + 1)
    for spec in section.fields:
        if spec.type == "table":
            row = _table(sheet, spec, row + 1)
    sheet.last_row = row
    return sheet


def _hint(spec: Any) -> str:
    parts = [spec.unit or ("万元" if spec.type == "money" else ""), spec.help.zh if spec.help else ""]
    if spec.type == "choices":
        parts.append("可多选，用顿号隔开：" + "、".join(one.name.zh for one in spec.choices))
    if spec.type == "date":
        parts.append("日期，如 2026-03-01")
    return " ".join(part for part in parts if part)


def _indicators(sheet: Sheet, rules: Any, spec: Any, row: int) -> int:
    sheet.captions.append((row, 1, spec.name.zh, True))
    for column, text in enumerate(("指标", "现状值", "目标值", "单位"), 1):
        sheet.captions.append((row + 1, column, text, True))
    row += 2
    for code in spec.indicators:
        indicator = rules.indicator(code)
        sheet.captions.append((row, 1, indicator.name.zh, False))
        sheet.captions.append((row, 4, indicator.unit.zh, False))
        for column, part, text in ((2, "baseline", "现状值"), (3, "target", "目标值")):
            sheet.slots.append(Slot(row, column, spec, "decimal", f"{indicator.name.zh} {text}", code, part))
        row += 1
    return row


def _table(sheet: Sheet, spec: Any, row: int) -> int:
    sheet.captions.append((row, 1, spec.name.zh, True))
    columns = spec.columns[:MOST_COLUMNS]
    for column, one in enumerate(columns, 1):
        sheet.captions.append((row + 1, column, one.name.zh, True))
    row += 2
    for line in range(MOST_ROWS):
        for column, one in enumerate(columns, 1):
            sheet.slots.append(Slot(row, column, spec, one.type, one.name.zh, line, one.code))
        row += 1
    return row


def plain(kind: str, value: Any) -> Any:
    """A value as it is compared: numbers without idle zeros, texts without what no cell can hold."""
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("", value).strip()
        return _number(text) if kind in NUMERIC else text
    return value


def _number(text: str) -> str:
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return text
    return f"{number.normalize():f}" if number.is_finite() else text


def comparable(spec: Any, value: Any) -> Any:
    """A whole answer as it is compared."""
    if spec.type == "indicators":
        return tidy({
            code: {part: plain("decimal", text) for part, text in (row or {}).items()}
            for code, row in (value or {}).items()
        })  # fmt: skip
    if spec.type == "table":
        kinds = {one.code: one.type for one in spec.columns}
        return tidy([
            {part: plain(kinds.get(part, "text"), text) for part, text in row.items()} for row in (value or [])
        ])  # fmt: skip
    if spec.type == "choices":
        return tidy(sorted(value) if isinstance(value, list) else value)
    return tidy(plain(spec.type, value))
