"""What an official document is made of, whatever it is written as. Frozen and hashable: the same sheet is the same bytes.

Texts are Chinese, as the paper is. Nothing here knows a database, a page or a font file.
"""

import re
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Literal

#: file: red head, number, red rule (文件格式). letter: double red rules, number at the right (信函格式).
#: plain: neither head nor number, as public notices, conclusions and receipts have it.
Form = Literal["file", "letter", "plain"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, its first line indented by two characters. *level* 1–4 makes it a heading of that level."""

    text: str
    level: int = 0
    indent: bool = True


@dataclass(frozen=True)
class Table:
    """Rows under a head that is repeated on every page. *widths* are parts of the whole, one per column.

    *numbers* names columns that are centred. Without a head the first column is the head of its row.
    """

    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    empty: str = ""


Block = Paragraph | Table


@dataclass(frozen=True)
class Annex:
    """An annex: it begins on a page of its own, with 附件N at the left of the first line and its title on the third."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Signature:
    """Who signs and when. *sealed*: room for the seal over agency and date, the date four characters from the right."""

    agencies: tuple[str, ...]
    dated: date
    sealed: bool = True


@dataclass(frozen=True)
class Imprint:
    """版记: to whom copies go, which office printed it and when; at the foot of the last even page."""

    copies: str
    office: str
    printed: date


@dataclass(frozen=True)
class Sheet:
    """One document. *at* is the instant its bytes are dated; *specimen* marks everything 样章／示例."""

    form: Form
    title: str
    blocks: tuple[Block, ...]
    at: datetime
    agencies: tuple[str, ...] = ()
    number: str = ""
    signer: str = ""
    addressee: str = ""
    closing: str = ""
    annexes: tuple[Annex, ...] = ()
    signature: Signature | None = None
    note: str = ""
    imprint: Imprint | None = None
    specimen: bool = False
    protected: tuple[str, ...] = field(default=())

    @property
    def annex_lines(self) -> tuple[str, ...]:
        """The lines that name the annexes, without full stop: 「附件：1. …」, or 「附件：…」 where there is one."""
        names = [one.title for one in self.annexes]
        if len(names) < 2:
            return tuple(f"附件：{name}" for name in names)
        return tuple(f"{'附件：' if index == 1 else ''}{index}. {name}" for index, name in enumerate(names, 1))

    def annex_label(self, index: int) -> str:
        """「附件1」; 「附件」 where it is the only one."""
        return f"附件{index}" if len(self.annexes) > 1 else "附件"

    @property
    def mark(self) -> tuple[str, ...]:
        """Names of the red head; a specimen says of every name that it is none of a real office."""
        return tuple(f"{name}（示例）" if self.specimen else name for name in self.agencies)


# What XML has no place for; people paste it without seeing it.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def cleaned(value: Any) -> Any:
    """A sheet, or any part of one, without characters that no file can hold (control characters of pasted text)."""
    if isinstance(value, str):
        return _UNSEEN.sub("", value)
    if isinstance(value, tuple):
        return tuple(cleaned(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{one.name: cleaned(getattr(value, one.name)) for one in fields(value)})
    return value


def day_words(day: date) -> str:
    """「2017年12月6日」: Arabic digits without leading zeros (programmes.md §7.4)."""
    return f"{day.year}年{day.month}月{day.day}日"
