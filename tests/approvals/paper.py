"""Sheets for tests, and where the characters of a PDF stand."""

from datetime import UTC, date, datetime
from typing import NamedTuple

import pypdfium2

from approvals.documents.model import Annex, Imprint, Paragraph, Sheet, Signature, Table

AT = datetime(2018, 6, 1, 1, tzinfo=UTC)
MM = 25.4 / 72
# A4 in points; the block of GB/T 9704-2012 in millimetres from the left and from the top.
HIGH, WIDE = 297 / MM, 210 / MM
LEFT, TOP, RIGHT, BOTTOM = 28.0, 37.0, 28.0 + 156, 37.0 + 225
FULL = "知" * 28


class Char(NamedTuple):
    """A character with its box, millimetres from the left and from the top of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self):
        return (self.top + self.bottom) / 2


def pages(pdf):
    """[[Char, …], …] of every page; spaces have no box."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    try:
        for index in range(len(document)):
            text = document[index].get_textpage()
            row = []
            for place in range(text.count_chars()):
                char = text.get_text_range(place, 1)
                if char.strip():
                    left, bottom, right, top = text.get_charbox(place, loose=True)
                    row.append(Char(char, left * MM, (HIGH - top) * MM, right * MM, (HIGH - bottom) * MM))
            text.close()
            found.append(row)
    finally:
        document.close()
    return found


def rows(chars):
    """The characters of a page by lines, from the top."""
    found = []
    for char in sorted(chars, key=lambda one: (one.middle, one.left)):
        if found and abs(found[-1][0].middle - char.middle) < 3:
            found[-1].append(char)
        else:
            found.append([char])
    return [sorted(row, key=lambda one: one.left) for row in found]


def text(row):
    return "".join(char.text for char in row)


def block(page):
    """Lines inside the text block: neither the page number nor the mark of a specimen."""
    return [row for row in rows(page) if TOP - 1 < row[0].middle < BOTTOM + 1]


def sheet(**given):
    """A file with a body of one paragraph; everything can be given otherwise."""
    usual = {
        "form": "file", "title": "关于同意建设国家知识产权服务业集聚发展试验区的批复", "at": AT,
        "blocks": (Paragraph("经研究，现批复如下。"),), "agencies": ("规划发展司",), "number": "国知发规字〔2018〕6号",
        "addressee": "上海市知识产权局", "closing": "此复。", "signature": Signature(("规划发展司",), date(2018, 6, 1)),
        "imprint": Imprint("徐汇区人民政府", "规划发展司", date(2018, 6, 2)),
    }  # fmt: skip
    return Sheet(**(usual | given))


def listing(count, title="名单"):
    """An annex with a table of so many rows."""
    lines = tuple((str(n), f"第{n}区", f"第{n}区人民政府", "三年") for n in range(1, count + 1))
    return Annex(title, (Table(lines, ("序号", "地方", "承担单位", "期限"), (1, 4, 5, 2), (0,)),))
