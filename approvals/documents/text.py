"""Stored text as blocks: one line is one paragraph, and numbered headings find their level (programmes.md §7.4)."""

import re

from approvals.documents.model import Paragraph

_HAN = "一二三四五六七八九十"
_LEVELS = (
    re.compile(rf"^[{_HAN}]+、"), re.compile(rf"^（[{_HAN}]+）"), re.compile(r"^\d{1,2}\.\s?"), re.compile(r"^（\d{1,2}）")
)  # fmt: skip
# A heading is a phrase; a numbered sentence is body text, in the body's face.
_MOST = 28
_STOPS = ("。", "；", "：", "，", "！", "？")
_CLOSING = re.compile(r"^(?:特此[\u4e00-\u9fff]{2,4}|此复|专此[\u4e00-\u9fff]{2})。?$")


def level_of(text: str) -> int:
    """1–4 for a heading of that level, 0 for body text: numbered sentences are body text."""
    if len(text) > _MOST or text.endswith(_STOPS):
        return 0
    return next((level for level, pattern in enumerate(_LEVELS, 1) if pattern.match(text)), 0)


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a text; empty lines are dropped."""
    lines = (line.strip() for line in text.replace("\r\n", "\n").split("\n"))
    return tuple(Paragraph(line, level_of(line)) for line in lines if line)


def apart(text: str) -> tuple[tuple[Paragraph, ...], str]:
    """(paragraphs, closing formula): a last line like 「此复。」 or 「特此通知。」 is the formula, "" where there is none."""
    rows = paragraphs(text)
    if rows and _CLOSING.match(rows[-1].text):
        return rows[:-1], rows[-1].text
    return rows, ""
