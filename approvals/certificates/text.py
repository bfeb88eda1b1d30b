"""The words of a certificate: plain text, frozen when it was decided, whatever design prints them."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from approvals.certificates.codes import pretty
from approvals.certificates.numerals import chinese_date, chinese_year_month

Run = tuple[str, bool]  # a piece of text, and whether it is bold
Paragraph = tuple[Run, ...]


@dataclass(frozen=True)
class CertificateText:
    """What is printed. All of it is plain text: nothing in it is read as HTML.

    ``serial`` is the whole line as printed. ``check_code`` is the stored form, ten symbols. ``valid_from`` and
    ``valid_to`` are the two dates of a term, both printed, both inclusive; ``None`` where there is no term. An empty
    ``mark`` leaves out the sample tag and the demonstration seal, for a site that seals the file itself.
    """

    title: str
    programme: str
    serial: str
    holder: str
    paragraphs: tuple[Paragraph, ...]
    issuer: str
    issued_on: date
    verify_url: str
    check_code: str
    mark: str = "样章／示例"
    design: str = "award_landscape"
    kind: str = "certificate"
    valid_from: date | None = None
    valid_to: date | None = None
    grade: str = ""


def paragraph(*parts: str | Run) -> Paragraph:
    """A paragraph of plain strings and `bold` pieces."""
    return tuple((part, False) if isinstance(part, str) else part for part in parts)


def bold(text: str) -> Run:
    """*text* as a bold piece of a paragraph."""
    return (text, True)


def marked_up(line: str) -> Paragraph:
    """A paragraph written with ``**bold**`` pieces, as samples in design.toml are."""
    pieces = line.split("**")
    return tuple((piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece)


def printed_address(address: str) -> str:
    """*address* without its scheme, as people read and type it."""
    parts = urlsplit(address)
    return (parts.netloc + parts.path).rstrip("/") or address


def values(text: CertificateText) -> dict[str, str]:
    """What each line slot prints, "" where the text has nothing to say; the keys are the slots of `language.LINES`."""
    issued, start, end = (chinese_date(day) if day else "" for day in (text.issued_on, text.valid_from, text.valid_to))
    return {
        "title": text.title, "programme": text.programme, "serial": text.serial, "holder": text.holder,
        "issuer": text.issuer, "grade": text.grade, "mark": text.mark,
        "date": issued, "year_month": chinese_year_month(text.issued_on) if text.issued_on else "",
        "valid_from": start, "valid_to": end, "term": f"{start}至{end}" if start and end else "",
        "address": printed_address(text.verify_url), "code": pretty(text.check_code),
    }  # fmt: skip
