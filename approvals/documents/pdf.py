"""A sheet as PDF/A. The same sheet always gives the same bytes.

The imprint lies at the foot of the last page, which has to be an even one (programmes.md §7.4). Where it goes is only
known when everything else is laid out, so the engine lays out twice.
"""

from functools import lru_cache
from html import escape
from math import ceil
from typing import Any

from approvals.certificates.render import engine
from approvals.documents import typography as t
from approvals.documents.html import html, page_name
from approvals.documents.metrics import printable, width
from approvals.documents.model import Imprint, Sheet
from approvals.documents.stylesheet import css

# A line of the imprint, mm; between the text and the imprint at least one line stays free.
ROW = 8.0
_PX_PER_MM = 96 / 25.4


@lru_cache(maxsize=32)
def pdf_bytes(sheet: Sheet) -> bytes:
    """The PDF of a sheet. Raises PdfLibraryMissing where pango is not installed.

    Kept in the process for the last few sheets: the page about a document shows its pages as pictures one by one.
    """
    pdf = engine()
    return pdf.pdf_bytes(_laid_out(sheet))


@lru_cache(maxsize=64)
def pages_before_imprint(sheet: Sheet) -> int:
    """How many page breaks stand before the imprint: 0 where it fits onto an even last page, 1 after an odd one, 2 after
    an even one that is full. Remembered, because PDF and DOCX both ask. Raises ValueError for a sheet without imprint."""
    if sheet.imprint is None:
        raise ValueError("the sheet has no imprint")
    return _breaks(sheet, sheet.imprint, engine().lay_out(html(sheet), css(), {}))


def _laid_out(sheet: Sheet) -> Any:
    tail = "" if sheet.imprint is None else _tail(sheet, sheet.imprint, pages_before_imprint(sheet))
    return engine().lay_out(html(sheet, tail), css(), {})


def _breaks(sheet: Sheet, imprint: Imprint, document: Any) -> int:
    if not _rows(sheet, imprint):
        return 0
    if len(document.pages) % 2:
        return 1
    end = document.pages[-1].anchors["end"][1] / _PX_PER_MM
    return 0 if end + t.PITCH <= t.TOP + t.BLOCK[1] - _height(sheet, imprint) else 2


def _tail(sheet: Sheet, imprint: Imprint, breaks: int) -> str:
    """The imprint with the pages that have to come before it."""
    block = _imprint(sheet, imprint)
    if breaks == 1:
        # The back of the last leaf: it is the page of the imprint and keeps its number.
        return f'<div class="page"></div>{block}'
    if breaks == 0:
        return block
    # A blank page comes before the page of the imprint, and neither of the two has a number (GB/T 9704-2012, 7.5).
    bare = page_name(sheet, bare=True)
    return f'<div style="page:{bare}"><div class="page l"> </div><div class="page"></div>{block}</div>'


def _rows(sheet: Sheet, imprint: Imprint) -> bool:
    """Whether anything is printed: a letter's imprint names copies only (GB/T 9704-2012, 10.1)."""
    return bool(imprint.copies) or sheet.form != "letter"


def _copies(imprint: Imprint) -> str:
    return f"抄送：{imprint.copies}。" if imprint.copies else ""


def _height(sheet: Sheet, imprint: Imprint) -> float:
    """Millimetres the imprint takes."""
    room = t.WIDTH - 5 * t.SI
    copies = ceil((width(_copies(imprint), t.BODY, t.SI) - 3 * t.SI) / room * 1.03) if imprint.copies else 0
    return ROW * (max(copies, bool(imprint.copies)) + (sheet.form != "letter")) + 1


def _imprint(sheet: Sheet, imprint: Imprint) -> str:
    day = imprint.printed
    copies = _copies(imprint)
    rows = f'<div class="copies">{escape(printable(copies, t.BODY))}</div>' if copies else ""
    if sheet.form == "letter":
        # No rules and no printing office on a letter (GB/T 9704-2012, 10.1).
        return f'<div class="imprint bare-rules">{rows}</div>' if rows else ""
    printed = f"{day.year}年{day.month}月{day.day}日印发"
    office = escape(printable(imprint.office, t.BODY))
    return f'<div class="imprint">{rows}<div class="printed">{office}<span>{printed}</span></div></div>'
