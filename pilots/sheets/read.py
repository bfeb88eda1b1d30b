"""Reading a workbook back: hostile files are refused, faults are named by sheet and cell, nothing is stored here."""

import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pilots import uploads
from pilots.forms.build import make_field
from pilots.forms.tables import number_of
from pilots.sheets.layout import CODES, FORMAT, MOST_COLUMNS, NUMERIC, Sheet, Slot, comparable, plain, sheets
from pilots.sheets.workbook import Book, Cell, Unreadable, open_book
from pilots.sheets.write import YES_NO, value_of
from pilots.views.answers import words
from pilots.views.seen import fingerprint

# A form is small; what is larger is something else. Unpacked sizes are of the whole archive.
LIMITS = uploads.Limits(formats=("xlsx",), max_mb=5)
UNPACKED = 20 * 1024 * 1024
MOST_TEXT = 20000
# No form has more questions; what a file says of itself does not count.
MOST_CODES = 1000


class NotThisForm(Exception):
    """The file is not the form of this application; the message says why, in words."""


@dataclass(frozen=True)
class Fault:
    """One cell that cannot be taken."""

    sheet: str
    cell: str
    text: str

    def __str__(self) -> str:
        return _("“%(sheet)s”%(cell)s：%(text)s") % {"sheet": self.sheet, "cell": self.cell, "text": self.text}


@dataclass(frozen=True)
class Difference:
    """One answer that the file would change. `cells` are [(cell, label, before, after)] of what differs in it.

    `clash`: somebody changed the same answer here after the file was made.
    """

    section: str
    sheet: str
    field: str
    label: str
    value: Any
    cells: list[tuple[str, str, str, str]]
    clash: bool


@dataclass
class Reading:
    faults: list[Fault] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


def read(application: Any, file: Any) -> Reading:
    """What a workbook would change, and every fault in it. Raises NotThisForm, ValidationError (hostile files)."""
    given = uploads.read(file, LIMITS)
    _small_enough(given.data)
    wanted = sheets(application.rules)
    titles, rows = (
        [CODES, *(sheet.title for sheet in wanted)],
        max(MOST_CODES, *(sheet.last_row + 1 for sheet in wanted)),
    )
    try:
        book = open_book(given.data, sheets=titles, rows=rows, columns=MOST_COLUMNS, computed=False)
    except Unreadable as error:
        raise NotThisForm(_("文件打不开，请用系统下载的模板填写后另存为 xlsx。")) from error
    return _reading(application, book)


def _small_enough(data: bytes) -> None:
    """Sizes are read from the table of contents; entities in its XML would grow without limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > UNPACKED:
                raise NotThisForm(_("文件展开后过大；请只填写模板中的单元格，不要加入其他数据。"))
            for member in members:
                if member.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(member)[:4096].upper():
                    raise NotThisForm(_("文件结构异常，没有读取。"))
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise NotThisForm(_("压缩包已损坏。")) from error


def _reading(application: Any, book: Book) -> Reading:
    prints, reading = _prints(application, book), Reading()
    for sheet in sheets(application.rules):
        if sheet.title not in book.sheetnames:
            reading.faults.append(Fault(sheet.title, "A1", _("缺少这张工作表。")))
            continue
        _one(application, book.cells(sheet.title), sheet, prints, reading)
    return reading


def _prints(application: Any, book: Book) -> dict[tuple[str, str], str]:
    """{(section, field): print of the answer when the file was made}. Raises NotThisForm."""
    if CODES not in book.sheetnames:
        raise NotThisForm(_("这不是系统下载的模板，请在本页下载后填写。"))
    rows = [
        [str(cell) if cell is not None else "" for cell in (*row, None, None, None)[:3]] for row in book.rows(CODES)
    ]
    told = {row[0]: row[1] for row in rows[:5]}
    rules = application.rules
    if told.get("format") != FORMAT:
        raise NotThisForm(_("这不是系统下载的模板，请在本页下载后填写。"))
    if told.get("programme") != rules.code or told.get("rules") != rules.version:
        raise NotThisForm(_("模板按规则 %(old)s 生成，本申报适用 %(new)s；请重新下载模板。") % {
            "old": f"{told.get('programme')} {told.get('rules')}"[:80], "new": f"{rules.code} {rules.version}"})  # fmt: skip
    if told.get("application") != str(application.uuid):
        raise NotThisForm(_("这是另一份申报的表格，请下载本申报的模板填写。"))
    return {(row[0], row[1]): row[2] for row in rows[5:] if row[1]}


def _one(
    application: Any, page: list[Cell], sheet: Sheet, prints: dict[tuple[str, str], str], reading: Reading
) -> None:
    stored = application.answers.get(sheet.section.code, {})
    cells, bad = _values(page, sheet, reading)
    for spec in sheet.section.fields:
        if spec.code in bad:
            continue
        value = _answer(sheet, spec, cells)
        now, new = comparable(spec, stored.get(spec.code, "")), comparable(spec, value)
        base = prints.get((sheet.section.code, spec.code), "")
        # What the file leaves as it was is left as it is now; only what was changed in it counts.
        if new == now or fingerprint(new) == base:
            continue
        found = _faults(application.rules, sheet, spec, value, cells)
        reading.faults += found
        if not found:
            reading.differences.append(
                Difference(
                    sheet.section.code,
                    sheet.title,
                    spec.code,
                    str(spec.name),
                    value,
                    _changed_cells(sheet, spec, stored.get(spec.code), value),
                    clash=fingerprint(now) != base,
                )
            )


def _values(page: list[Cell], sheet: Sheet, reading: Reading) -> tuple[dict[tuple[int, int], Any], set[str]]:
    """({(row, column): text}, codes of questions with a cell that cannot be read). Bounded, whatever a file says of itself."""
    slots = {(slot.row, slot.column): slot for slot in sheet.slots}
    cells: dict[tuple[int, int], Any] = {}
    bad: set[str] = set()
    for cell in page:
        slot = slots.get((cell.row, cell.column))
        if slot is None:
            continue
        try:
            cells[cell.row, cell.column] = _cell(slot, cell)
        except ValidationError as error:
            reading.faults.append(Fault(sheet.title, slot.cell, error.messages[0]))
            bad.add(slot.spec.code)
    return cells, bad


def _cell(slot: Slot, cell: Cell) -> Any:
    """One cell as it would have been typed. Raises ValidationError."""
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and cell.data_type != "s" and value.startswith("=")):
        raise ValidationError(_("是公式；请改为数值或文字。"))
    if cell.data_type == "e":
        raise ValidationError(_("是错误值 %(value)s。") % {"value": str(value)[:20]})
    if isinstance(value, bool):
        text = YES_NO["yes" if value else "no"]
    elif isinstance(value, (int, float, Decimal)):
        text = f"{Decimal(repr(value) if isinstance(value, float) else value).normalize():f}"
    elif isinstance(value, (datetime, date)):
        text = (value.date() if isinstance(value, datetime) else value).isoformat()
    else:
        text = str(value)
    if len(text) > MOST_TEXT:
        raise ValidationError(_("文字超过 %(n)s 字。") % {"n": MOST_TEXT})
    return _coded(slot, plain(slot.kind, text.replace("\r\n", "\n").replace("_x000D_", "")))


def _coded(slot: Slot, text: str) -> Any:
    """Names of choices as their codes; what is no choice is refused."""
    if slot.kind == "yes_no" and text:
        codes = {name: code for code, name in YES_NO.items()} | {code: code for code in YES_NO}
        return _pick(codes, text)
    if slot.kind in ("choice", "choices") and text:
        codes = {code: one.code for one in slot.spec.choices for code in (one.name.zh, one.name.en, one.code) if code}
        if slot.kind == "choice":
            return _pick(codes, text)
        for mark in ("，", ",", "；", ";", "\n"):
            text = text.replace(mark, "、")
        return [_pick(codes, part.strip()) for part in text.split("、") if part.strip()]
    return text


def _pick(codes: dict[str, str], text: str) -> str:
    if text not in codes:
        raise ValidationError(_("“%(text)s”不在可选项中。") % {"text": text[:20]})
    return codes[text]


def _answer(sheet: Sheet, spec: Any, cells: dict[tuple[int, int], Any]) -> Any:
    """The whole answer of a question, put together from its cells."""
    slots = [slot for slot in sheet.slots if slot.spec.code == spec.code]
    if spec.type == "indicators":
        found: dict[str, dict[str, str]] = {code: {} for code in spec.indicators}
        for slot in slots:
            found[slot.line][slot.part] = cells.get((slot.row, slot.column), "")
        return found
    if spec.type == "table":
        rows: dict[int, dict[str, str]] = {}
        for slot in slots:
            rows.setdefault(slot.line, {})[slot.part] = cells.get((slot.row, slot.column), "")
        return [row for _line, row in sorted(rows.items()) if any(row.values())]
    return cells.get((slots[0].row, slots[0].column), [] if spec.type == "choices" else "")


def _faults(rules: Any, sheet: Sheet, spec: Any, value: Any, cells: dict[tuple[int, int], Any]) -> list[Fault]:
    """What the form itself would say about an answer, by cell. What is merely missing may be missing in a draft."""
    slots = [slot for slot in sheet.slots if slot.spec.code == spec.code]
    if spec.type in ("indicators", "table"):
        return [
            Fault(sheet.title, slot.cell, _("“%(text)s”不是数字。") % {"text": str(text)[:20]})
            for slot in slots
            if slot.kind in NUMERIC and (text := cells.get((slot.row, slot.column), "")) and number_of(text) is None
        ]
    if value in ("", []):
        return []
    try:
        make_field(rules, spec).clean(value)
    except ValidationError as error:
        return [Fault(sheet.title, slots[0].cell, text) for text in error.messages]
    return []


def _changed_cells(sheet: Sheet, spec: Any, before: Any, after: Any) -> list[tuple[str, str, str, str]]:
    if spec.type not in ("indicators", "table"):
        slot = next(slot for slot in sheet.slots if slot.spec.code == spec.code)
        return [(slot.cell, slot.label, words(spec, before), words(spec, after))]
    found = []
    for slot in sheet.slots:
        if slot.spec.code != spec.code:
            continue
        old, new = value_of(slot, before), value_of(slot, after)
        if plain(slot.kind, old or "") != plain(slot.kind, new or ""):
            found.append((slot.cell, slot.label, str(old or ""), str(new or "")))
    return found
