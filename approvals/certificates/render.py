"""The text of a certificate in, one page of PDF out. The same text always gives the same bytes.

This is the reference: whatever is faster has to give the same page, and steps aside where it is not sure.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from approvals.certificates import art, language, seal
from approvals.certificates.attachments import Attachment
from approvals.certificates.design import Design, designs, load
from approvals.certificates.errors import DoesNotFit, MissingGlyphs, PdfLibraryMissing
from approvals.certificates.fonts import DEFAULT, Fonts
from approvals.certificates.preflight import missing
from approvals.certificates.text import CertificateText, bold, paragraph, values

__all__ = ["CertificateText", "bold", "designs", "engine", "missing", "paragraph", "render"]


def engine() -> ModuleType:
    """WeasyPrint's side of the house. Raises PdfLibraryMissing with the line that mends it."""
    try:
        from approvals.certificates import engine  # noqa: PLC0415 - late on purpose, see above
    except OSError as error:
        raise PdfLibraryMissing(
            "Certificates need pango. Install it with: apt-get install libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from error
    return engine


@lru_cache(maxsize=32)
def _art(kind: tuple[tuple[str, Any], ...], size: tuple[float, float]) -> str:
    return art.draw(dict(kind), size)


@lru_cache(maxsize=32)
def _seal(words: tuple[tuple[str, str], ...]) -> str:
    return seal.draw(**dict(words))


def pictures(text: CertificateText, design: Design) -> dict[str, Any]:
    """The pictures of a page by name: ground, QR code, and the demonstration seal where the design has one."""
    from approvals.certificates import drawing, qr  # noqa: PLC0415 - WeasyPrint's side, imported late

    found: dict[str, Any] = {
        "art": drawing.Vector("art", design.size, _art(tuple(sorted(design.art.items())), design.size)),
        "qr": drawing.Qr(qr.code(text.verify_url)),
    }
    if design.seal:
        found["seal"] = drawing.Vector("seal", (seal.SIZE, seal.SIZE), _seal(tuple(sorted(design.seal.items()))))
    return found


def sheet(text: CertificateText, design: Design, lines: Mapping[str, str]) -> Element:
    """The page of *design* with *text* in its places."""
    steps = {slot: design.step(slot, lines[slot]) for slot in design.steps}
    words = {"qr": language.IMAGES["qr"], "seal": language.IMAGES["seal"].format(word=design.seal.get("word", ""))}
    return language.fill(design.sheet, lines, text.paragraphs, steps, words)


def head(text: CertificateText) -> tuple[str, dict[str, str]]:
    """Title and metadata of the file; its dates are the day of issue, so that the bytes can be made again."""
    instant = f"{text.issued_on.isoformat()}T00:00:00+08:00"
    meta = {
        "author": text.issuer,
        "description": f"{text.programme} {text.holder}",
        "dcterms.created": instant,
        "dcterms.modified": instant,
    }
    return f"{text.title} {text.serial}", meta


class Attempt(NamedTuple):
    """One size a text was laid out in: WeasyPrint's document, the page, and whether all of it fits."""

    size: str
    document: Any
    page: Element
    fits: bool


def attempts(text: CertificateText, design: Design, fonts: Fonts = DEFAULT) -> Iterator[Attempt]:
    """Each size of *design* worth trying, the largest first, with the text laid out in it."""
    pdf = engine()
    drawn = pictures(text, design)
    lines = values(text)
    title, meta = head(text)
    for size in design.sizes_for(text):
        page = sheet(text, design, lines)
        tree = pdf.page_tree(title, meta, [(size, page)])
        document = pdf.lay_out_tree(tree, design, fonts, drawn)
        yield Attempt(size, document, page, pdf.fits(document, tree))


def render(
    text: CertificateText, design: Design | None = None, attachments: Iterable[Attachment] = (), *,
    fonts: Fonts = DEFAULT,
) -> bytes:  # fmt: skip
    """*text* as a PDF/A-3a and PDF/UA-1 file of one page, in *design* or the packaged one ``text.design`` names.

    Raises MissingGlyphs, DoesNotFit, CertificateError for an unknown design, and PdfLibraryMissing.
    """
    design = design or load(text.design)
    if characters := missing(text, design, fonts):
        raise MissingGlyphs(characters)
    for attempt in attempts(text, design, fonts):
        if attempt.fits:
            return engine().certificate_bytes(attempt.document, tuple(attachments), text.issued_on)
    raise DoesNotFit("the text does not fit on one page; shorten the paragraphs")
