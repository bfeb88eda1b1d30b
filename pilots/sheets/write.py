"""Writing the workbook: every text as text, lists to choose from, the codes on a hidden sheet."""

from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from pilots.forms.tables import number_of
from pilots.sheets.layout import CODES, FORMAT, NUMERIC, Slot, comparable, sheets
from pilots.views.seen import fingerprint

_LINE = Side(style="thin", color="B8B0A0")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_INPUT = PatternFill("solid", fgColor="FFFBEF")
_BOLD, _QUIET, _WRAP = Font(bold=True), Font(color="6B6252", size=9), Alignment(wrap_text=True, vertical="top")
YES_NO = {"yes": "是", "no": "否"}


def template(application: Any, at: Any) -> bytes:
    """The form of an application with what is typed so far, to be filled in elsewhere and brought back."""
    rules, book = application.rules, Workbook()
    book.remove(book.active)
    codes = book.create_sheet(CODES)
    codes.sheet_state = "hidden"
    for pair in (
        ("format", FORMAT), ("application", str(application.uuid)), ("programme", rules.code), ("rules", rules.version),
        ("written", at.isoformat()),
    ):  # fmt: skip
        codes.append(pair)
    lists = _Lists(codes)
    for sheet in sheets(rules):
        _fill(book, sheet, application.answers.get(sheet.section.code, {}), lists)
    book.move_sheet(codes, offset=len(book.sheetnames) - 1)
    book.active = 0 if len(book.sheetnames) > 1 else None
    out = BytesIO()
    book.save(out)
    return out.getvalue()


class _Lists:
    """Choices stand in columns of the hidden sheet: a list within a cell rule may not hold commas."""

    def __init__(self, codes: Any) -> None:
        self.codes, self.column = codes, 10

    def put(self, words: list[str]) -> str:
        self.column += 1
        for row, word in enumerate(words, 1):
            _text(self.codes.cell(row, self.column), word)
        letter = get_column_letter(self.column)
        return f"{quote_sheetname(CODES)}!${letter}$1:${letter}${len(words)}"


def _fill(book: Any, sheet: Any, answers: dict[str, Any], lists: _Lists) -> None:
    page = book.create_sheet(sheet.title)
    for column, width in (("A", 30), ("B", 44), ("C", 30), ("D", 18)):
        page.column_dimensions[column].width = width
    for row, column, text, bold in sheet.captions:
        cell = page.cell(row, column)
        _text(cell, text)
        cell.font = _BOLD if bold else _QUIET if column == 3 else Font()
        cell.alignment = _WRAP
    rules = {}
    for slot in sheet.slots:
        cell = page.cell(slot.row, slot.column)
        cell.border, cell.fill, cell.alignment = _BOX, _INPUT, _WRAP
        _put(cell, slot, value_of(slot, answers.get(slot.spec.code)))
        _allow(page, cell, slot, lists, rules)
    for spec in sheet.section.fields:
        lists.codes.append((sheet.section.code, spec.code, fingerprint(comparable(spec, answers.get(spec.code, "")))))


def value_of(slot: Slot, answer: Any) -> Any:
    """What the cell of a slot holds, out of the whole answer of its question."""
    if not slot.part:
        return answer
    if isinstance(answer, dict):
        return (answer.get(slot.line) or {}).get(slot.part, "")
    if isinstance(answer, list) and isinstance(slot.line, int) and slot.line < len(answer):
        return answer[slot.line].get(slot.part, "")
    return ""


def _put(cell: Any, slot: Slot, value: Any) -> None:
    if value in ("", None, []):
        return
    if slot.kind in NUMERIC:
        number = number_of(value)
        if number is not None:
            cell.value = number
            return
    if slot.kind == "date":
        try:
            cell.value, cell.number_format = date.fromisoformat(str(value)), "yyyy-mm-dd"
        except ValueError:
            _text(cell, value)
        return
    _text(cell, _named(slot, value))


def _named(slot: Slot, value: Any) -> Any:
    """Codes of choices as their names."""
    names = YES_NO if slot.kind == "yes_no" else {one.code: one.name.zh for one in slot.spec.choices}
    if isinstance(value, list):
        return "、".join(names.get(code, code) for code in value)
    return names.get(value, value)


def _text(cell: Any, value: Any) -> None:
    # Nothing typed becomes a formula.
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    cell.data_type = "s"


def _allow(page: Any, cell: Any, slot: Slot, lists: _Lists, rules: dict[Any, DataValidation]) -> None:
    """A list to choose from, or "numbers only"; one rule serves all cells of a kind."""
    if slot.kind in ("choice", "yes_no"):
        words = list(YES_NO.values()) if slot.kind == "yes_no" else [one.name.zh for one in slot.spec.choices]
        rule = DataValidation(type="list", formula1=lists.put(words), allow_blank=True, showErrorMessage=True)
        page.add_data_validation(rule)
    elif slot.kind in NUMERIC:
        rule = rules.get("number")
        if rule is None:
            rule = rules["number"] = DataValidation(
                type="decimal", operator="between", formula1="-1E15", formula2="1E15", allow_blank=True,
                showErrorMessage=True, errorTitle="只能填数字", error="请填写数字。",
            )  # fmt: skip
            page.add_data_validation(rule)
    else:
        return
    rule.add(cell)
