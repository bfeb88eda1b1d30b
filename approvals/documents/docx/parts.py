"""The parts of a sheet as paragraphs and tables."""

from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_BREAK
from docx.enum.text import WD_TAB_ALIGNMENT as TAB
from docx.shared import Mm, Pt

from approvals.documents import typography as t
from approvals.documents.breaking import title_lines
from approvals.documents.docx import styles as s
from approvals.documents.docx.imprint import imprint
from approvals.documents.docx.ooxml import border, element, field_run, fonts, indent
from approvals.documents.metrics import width
from approvals.documents.model import Sheet, Signature, Table, day_words

DOCUMENT_WORD = "文件"


def write(document: Any, sheet: Sheet) -> None:
    """Everything of *sheet*, into an empty document that was set up."""
    _around(document, sheet)
    _head(document, sheet)
    _title(document, sheet.title, sheet.protected)
    if sheet.form == "plain" and sheet.number:
        document.add_paragraph(sheet.number, style=s.NUMBER)
    document.add_paragraph(style=s.BODY)
    if sheet.addressee:
        document.add_paragraph(f"{sheet.addressee}：", style=s.ADDRESSEE)
    blocks(document, sheet.blocks)
    if sheet.closing:
        document.add_paragraph(sheet.closing, style=s.BODY)
    _annex_lines(document, sheet)
    if sheet.signature:
        _signature(document, sheet.signature, kept=bool(sheet.note))
    if sheet.note:
        document.add_paragraph(sheet.note, style=s.NOTE)
    for index, annex in enumerate(sheet.annexes, 1):
        label = document.add_paragraph(sheet.annex_label(index), style=s.ANNEX_LABEL)
        label.paragraph_format.page_break_before = True
        document.add_paragraph(style=s.BODY)
        _title(document, annex.title, sheet.protected)
        document.add_paragraph(style=s.BODY)
        blocks(document, annex.blocks)
    if sheet.imprint:
        imprint(document, sheet, sheet.imprint)


def blocks(document: Any, found: Any) -> None:
    """Paragraphs in the style of their level, and tables."""
    for block in found:
        if isinstance(block, Table):
            table(document, block)
        else:
            paragraph = document.add_paragraph(block.text, style=s.LEVELS[block.level - 1] if block.level else s.BODY)
            paragraph.paragraph_format.keep_with_next = bool(block.level)
            if not block.indent:
                indent(paragraph, firstLineChars=0)


def table(document: Any, block: Table) -> None:
    """A table with rules; its head is repeated on every page, and no row is torn apart."""
    columns = len(block.head) or (len(block.rows[0]) if block.rows else 1)
    found = document.add_table(rows=0, cols=columns, style="Table Grid")
    found.alignment, found.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = block.widths or (1,) * columns
    sizes = [Mm(t.BLOCK[0] * part / sum(widths)) for part in widths]
    for column, size in zip(found.columns, sizes, strict=True):
        column.width = size
    # Looked up once: a list of a thousand lines has five thousand cells.
    text_style, head_style = document.styles[s.CELL], document.styles[s.CELL_HEAD]
    rows = [(block.head, True)] * bool(block.head) + [(row, False) for row in block.rows]
    if not block.rows and block.empty:
        rows.append(((block.empty, *("",) * (columns - 1)), False))
    for texts, head in rows:
        row = found.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(element("cantSplit"))
        if head:
            properties.append(element("tblHeader"))
        for index, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = sizes[index]
            first = cell.paragraphs[0]
            first.style = head_style if head or (not block.head and index == 0) else text_style
            if index in block.numbers:
                first.alignment = ALIGN.CENTER
            first.add_run(text)
    document.add_paragraph(style=s.CELL)


def _title(document: Any, text: str, known: tuple[str, ...]) -> None:
    """The title as one paragraph whose lines are broken by sense."""
    paragraph = document.add_paragraph(style=s.TITLE)
    for index, part in enumerate(title_lines(text, t.TITLE_MOST, known)):
        run = paragraph.add_run()
        if index:
            run.add_break(WD_BREAK.LINE)
        run.add_text(part)


# --- Head ----------------------------------------------------------------------------------------------------------


def _head(document: Any, sheet: Sheet) -> None:
    if sheet.form == "file":
        _file_head(document, sheet)
    elif sheet.form == "letter":
        number = document.add_paragraph(sheet.number, style=s.NUMBER)
        number.alignment = ALIGN.RIGHT
        _empty(document, 2)
    else:
        _empty(document, 2)


def _empty(document: Any, count: int) -> None:
    for _n in range(count):
        document.add_paragraph(style=s.BODY)


def _file_head(document: Any, sheet: Sheet) -> None:
    """The mark 35 mm below the block's top, two blank lines, the number (and the signer), the red rule."""
    names = sheet.mark
    longest = max(width(name, t.TITLE, 1.0) for name in names) + len(DOCUMENT_WORD)
    size = min(54.0, (t.WIDTH - 12) / longest)
    for index, name in enumerate(names):
        word = DOCUMENT_WORD if index == len(names) - 1 else ""
        mark = document.add_paragraph(f"{name}{word}", style=s.MARK)
        mark.runs[0].font.size = Pt(int(size))
        if index == 0:
            mark.paragraph_format.space_before = Mm(t.MARK_TOP)
    _empty(document, 2)
    number = document.add_paragraph(style=s.NUMBER)
    # Tabs and no indents: an indent would shorten the rule.
    number.add_run(f"\t{sheet.number}" if sheet.signer else sheet.number)
    if sheet.signer:
        number.alignment = ALIGN.LEFT
        number.paragraph_format.tab_stops.add_tab_stop(Pt(t.CELL))
        number.paragraph_format.tab_stops.add_tab_stop(Pt(t.WIDTH - t.CELL), TAB.RIGHT)
        number.add_run("\t签发人：")
        fonts(number.add_run(sheet.signer)._r.get_or_add_rPr(), s.KAI)
    border(number, "bottom", eighths=16, space=round(t.RULE_GAP * t.PT_PER_MM))
    _empty(document, 2)


# --- End -----------------------------------------------------------------------------------------------------------


def _annex_lines(document: Any, sheet: Sheet) -> None:
    if not sheet.annex_lines:
        return
    _empty(document, 1)
    for row in sheet.annex_lines:
        paragraph = document.add_paragraph(row, style=s.ANNEX_LINE)
        if row.startswith("附件："):
            # The next line begins under the first character of the name.
            indent(paragraph, leftChars=500, hangingChars=300)
        else:
            indent(paragraph, leftChars=500)


def _signature(document: Any, sign: Signature, *, kept: bool) -> None:
    """Agency and date as `html` places them; indents in hundredths of a character, so that they survive editing."""
    _empty(document, 2 if sign.sealed else 1)
    date = day_words(sign.dated)
    date_wide = _cells(date)
    for name in sign.agencies:
        paragraph = document.add_paragraph(name, style=s.AGENCY)
        right = max(4 + date_wide / 2 - _cells(name) / 2, 0) if sign.sealed else 2
        indent(paragraph, rightChars=round(right * 100))
        paragraph.paragraph_format.keep_with_next = True
    widest = max((_cells(name) for name in sign.agencies), default=0)
    right = 4 if sign.sealed else max(widest - date_wide, 2)
    paragraph = document.add_paragraph(date, style=s.DATE)
    indent(paragraph, rightChars=round(right * 100))
    # The note is not left alone on the next page.
    paragraph.paragraph_format.keep_with_next = kept


def _cells(text: str) -> float:
    return width(text, t.BODY, t.SAN, t.TIGHT) / t.CELL


# --- Headers and footers -------------------------------------------------------------------------------------------


def _around(document: Any, sheet: Sheet) -> None:
    """Page numbers, odd right and even left; 样章 at the top of a specimen; the double rules of a letter's first page."""
    section = document.sections[0]
    letter = sheet.form == "letter"
    section.different_first_page_header_footer = letter
    if letter:
        # The first page's second rule lies 20 mm from the edge; the numbers are lifted to where they belong.
        section.footer_distance = Mm(t.LETTER_FOOT)
    lift = Mm(s.FOOTER - t.LETTER_FOOT) if letter else 0
    for footer, align, side in (
        (section.footer, ALIGN.RIGHT, "rightChars"),
        (section.even_page_footer, ALIGN.LEFT, "leftChars"),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.style, paragraph.alignment = s.PAGE_NUMBER, align
        indent(paragraph, **{side: 100})
        paragraph.paragraph_format.space_after = lift
        paragraph.add_run("— ")
        field_run(paragraph, "PAGE")
        paragraph.add_run(" —")
    headers = [section.header, section.even_page_header, *([section.first_page_header] if letter else [])]
    for header in headers:
        paragraph = header.paragraphs[0]
        paragraph.style = s.SPECIMEN
        if sheet.specimen:
            paragraph.add_run("样章／示例")
    if letter:
        _letter_rules(section, sheet)


def _letter_rules(section: Any, sheet: Sheet) -> None:
    """The mark and the first double rule in the first page's header, the second one in its footer; 170 mm long."""
    side = (t.PAGE[0] - t.LETTER_RULE) / 2
    mark = section.first_page_header.add_paragraph(sheet.mark[0], style=s.MARK)
    mark.runs[0].font.size = Pt(int(min(34.0, (t.WIDTH - 12) / width(sheet.mark[0], t.TITLE, 1.0))))
    mark.paragraph_format.space_before = Mm(t.LETTER_TOP - 14 - 5)
    border(mark, "bottom", style="thickThinSmallGap", eighths=36, space=round(t.RULE_GAP * t.PT_PER_MM))
    foot = section.first_page_footer.paragraphs[0]
    border(foot, "bottom", style="thinThickSmallGap", eighths=36, space=1)
    for paragraph in (mark, foot):
        # Centred on the page, whose margins differ.
        paragraph.paragraph_format.left_indent = Mm(side - t.LEFT)
        paragraph.paragraph_format.right_indent = Mm(side - t.RIGHT)
