"""The imprint of an editable document: a frame at the foot of its page."""

from typing import Any

from docx.enum.text import WD_TAB_ALIGNMENT as TAB
from docx.shared import Mm, Pt

from approvals.documents import typography as t
from approvals.documents.docx import styles as s
from approvals.documents.docx.ooxml import TWIPS_PER_MM, border, element, put
from approvals.documents.model import Imprint, Sheet, day_words
from approvals.documents.pdf import pages_before_imprint

OUTER = 8  # eighths of a point: 0.35 mm
BLACK = "000000"
_EDGE = t.SI / t.PT_PER_MM  # one character of 四号, mm


def imprint(document: Any, sheet: Sheet, given: Imprint) -> None:
    """抄送 and 印发 at the foot of the last page, after as many page breaks as our own layout needed for an even page."""
    letter = sheet.form == "letter"
    rows = [f"抄送：{given.copies}。"] if given.copies else []
    if not letter:
        rows.append(f"{given.office}\t{day_words(given.printed)}印发")
    if not rows:
        return
    for _n in range(pages_before_imprint(sheet)):
        document.add_paragraph(style=s.CELL).paragraph_format.page_break_before = True
    for index, text in enumerate(rows):
        if index:
            _rule(_framed(document, ruled=True))
        paragraph = _framed(document, ruled=not letter)
        form = paragraph.paragraph_format
        form.left_indent = form.right_indent = Mm(_EDGE)
        form.tab_stops.add_tab_stop(Mm(t.BLOCK[0] - _EDGE), TAB.RIGHT)
        paragraph.add_run(text)
    # What a frame is anchored to.
    document.add_paragraph(style=s.CELL)


def _framed(document: Any, *, ruled: bool) -> Any:
    """A paragraph of the frame. All of them have the same rules, above and below: only so every program makes one block
    of them (a rule between, w:between, makes some drop the frame)."""
    paragraph = document.add_paragraph(style=s.IMPRINT)
    for side in ("top", "bottom") if ruled else ():
        border(paragraph, side, eighths=OUTER, space=1, color=BLACK)
    frame = element("framePr", w=round(t.BLOCK[0] * TWIPS_PER_MM), hSpace=0, wrap="around", vAnchor="margin",
                    hAnchor="margin", xAlign="left", yAlign="bottom")  # fmt: skip
    put(paragraph._p.get_or_add_pPr(), frame, "widowControl", "pBdr", "tabs", "snapToGrid", "spacing", "ind", "jc")
    return paragraph


def _rule(paragraph: Any) -> None:
    """The thin rule between the lines: a tab as wide as the block, underlined."""
    form = paragraph.paragraph_format
    form.line_spacing = Pt(3)
    form.tab_stops.add_tab_stop(Mm(t.BLOCK[0]), TAB.RIGHT)
    run = paragraph.add_run("\t")
    run.font.size, run.font.underline = Pt(2), True
