"""The text of a certificate in, one page of PDF out. The same text always gives the same bytes."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import segno
from django.template import Context, Engine, Template

from approvals.certificates import guilloche, seal
from approvals.certificates.codes import pretty
from approvals.certificates.coverage import missing_glyphs
from approvals.certificates.errors import CertificateError, DoesNotFit, MissingGlyphs, PdfLibraryMissing
from approvals.certificates.numerals import chinese_date

DESIGNS = Path(__file__).resolve().parent / "designs"

Run = tuple[str, bool]  # a piece of text, and whether it is bold
Paragraph = tuple[Run, ...]


@dataclass(frozen=True)
class CertificateText:
    """What is printed. All of it is plain text: nothing in it is read as HTML.

    ``serial`` is the whole line as printed. ``check_code`` is the stored form, ten symbols. An empty ``mark``
    leaves out the sample tag and the demonstration seal, for a site that seals the file itself.
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


@dataclass(frozen=True)
class Design:
    """A design folder, read once: its page template, style sheet, parameters and drawn art."""

    page: Template
    css: str
    parameters: dict[str, Any]
    art: dict[str, str]


def paragraph(*parts: str | Run) -> Paragraph:
    """A paragraph of plain strings and `bold` pieces."""
    return tuple((part, False) if isinstance(part, str) else part for part in parts)


def bold(text: str) -> Run:
    """*text* as a bold piece of a paragraph."""
    return (text, True)


def designs() -> list[str]:
    """The names of the designs, sorted."""
    return sorted(path.parent.name for path in DESIGNS.glob("*/design.toml"))


@lru_cache(maxsize=16)
def _design(name: str) -> Design:
    if name not in designs():
        raise CertificateError(f"there is no certificate design named {name!r}")
    folder = DESIGNS / name
    parameters = tomllib.loads((folder / "design.toml").read_text(encoding="utf-8"))
    # An engine of our own: no settings, and no template outside the design's folder.
    page = Engine(dirs=[str(folder)]).get_template("page.html")
    art = {
        "engraving.svg": guilloche.draw(guilloche.Inks(**parameters["inks"])),
        "seal.svg": seal.draw(**parameters["seal"]),
    }
    return Design(page, (folder / "page.css").read_text(encoding="utf-8"), parameters, art)


def engine() -> ModuleType:
    """WeasyPrint's side of the house. Raises PdfLibraryMissing with the line that mends it."""
    try:
        from approvals.certificates import engine  # noqa: PLC0415 - late on purpose, see above
    except OSError as error:
        raise PdfLibraryMissing(
            "Certificates need pango. Install it with: apt-get install libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from error
    return engine


def _step(steps: list[dict[str, Any]], text: str) -> str:
    return next(step["class"] for step in steps if len(text) <= step.get("upto", len(text)))


def _qr(address: str) -> str:
    """The QR code of *address* as SVG: level M survives a fold or a stamp; the border helps the reader."""
    code = segno.make(address, error="m", micro=False)
    return code.svg_inline(border=1, dark="#1d1a16", light="#ffffff", omitsize=True)


def _printed(address: str) -> str:
    parts = urlsplit(address)
    return (parts.netloc + parts.path).rstrip("/") or address


def missing(text: CertificateText) -> str:
    """Pre-flight: the characters of *text* that would not print, "" when all will."""
    plain = "".join((text.programme, text.serial, text.issuer, text.verify_url, text.mark))
    runs = [(text.title, True), (text.holder, True), (plain, False), (text.programme, True)]
    runs += [run for para in text.paragraphs for run in para]
    found = "".join(missing_glyphs(words, "strong" if strong else "body") for words, strong in runs)
    return "".join(dict.fromkeys(found))


def render(text: CertificateText) -> bytes:
    """*text* as a PDF/A-3b file of one A4 page.

    Raises MissingGlyphs, DoesNotFit, CertificateError for an unknown design, and PdfLibraryMissing.
    """
    if characters := missing(text):
        raise MissingGlyphs(characters)
    design = _design(text.design)
    pdf = engine()
    art = {**design.art, "qr.svg": _qr(text.verify_url)}
    context = {
        "text": text,
        "instant": f"{text.issued_on.isoformat()}T00:00:00+08:00",
        "date": chinese_date(text.issued_on),
        "address": _printed(text.verify_url),
        "code": pretty(text.check_code),
        "step": {field: _step(steps, getattr(text, field)) for field, steps in design.parameters["steps"].items()},
    }
    for size in design.parameters["sizes"]:
        html = design.page.render(Context({**context, "size": size}, autoescape=True))
        document = pdf.lay_out(html, design.css, art)
        if len(document.pages) == 1:
            return pdf.pdf_bytes(document)
    raise DoesNotFit("the text does not fit on one page; shorten the paragraphs")
