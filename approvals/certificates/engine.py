"""Everything that touches WeasyPrint. Imported late, because importing WeasyPrint fails without pango.

The engine reaches nothing outside the package: its fetcher knows the prepared fonts and refuses every other address, and
the pictures of a certificate are objects handed over, so neither a design nor a holder's name can make it read a file
or call a host (trust.md §2).
"""

import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import cssselect2
from weasyprint import CSS, HTML
from weasyprint.formatting_structure.boxes import TextBox
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from approvals.certificates.attachments import Attachment, embed
from approvals.certificates.design import Design
from approvals.certificates.drawing import Picture
from approvals.certificates.errors import AddressRefused
from approvals.certificates.fonts import ROLES, Face, Fonts
from approvals.certificates.metadata import declare_accessible

SCHEME = "certificate:/"
PDF_VARIANT = "pdf/a-3b"  # of plain papers
CERTIFICATE_VARIANT = "pdf/a-3a"  # tagged; PDF/UA-1 is declared beside it

# One font configuration is shared by all certificates: loading the fonts costs as much as several pages;
# Pango's font map must not be used by two threads at once.
lock = threading.RLock()
_fonts = FontConfiguration()
_sheets: dict[Any, CSS] = {}
_MOST_SHEETS = 64


class ClosedFetcher(URLFetcher):
    """Serves the packaged fonts, the given faces and art, and raises AddressRefused for everything else."""

    def __init__(self, art: Mapping[str, str] | None = None, faces: Mapping[str, Face] | None = None) -> None:
        # An address that is refused stops the rendering instead of leaving a hole in the page.
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._art = dict(art or {})
        self._faces = dict(faces or {})

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The asset behind ``certificate:/NAME`` or ``certificate:/fonts/ROLE`` (or the family of a face)."""
        name = url.removeprefix(SCHEME) if url.startswith(SCHEME) else ""
        if name in self._art:
            return URLFetcherResponse(url, self._art[name], {"Content-Type": "image/svg+xml"})
        role = name.removeprefix("fonts/") if name.startswith("fonts/") else ""
        if role in self._faces:
            return URLFetcherResponse(url, self._faces[role].data, {"Content-Type": "font/otf"})
        if role in ROLES:
            return URLFetcherResponse(url, ROLES[role].read_bytes(), {"Content-Type": "font/otf"})
        raise AddressRefused(f"a certificate may not load {url}")

    def open(self, url: Any, data: Any = None, timeout: Any = None) -> URLFetcherResponse:
        """The same door for callers that use it as an opener of urllib."""
        return self.fetch(getattr(url, "full_url", url))


class _Tree(HTML):
    """A document given as the element tree that was checked, so that nothing is parsed a second time."""

    def __init__(self, root: Element) -> None:
        self.base_url = None
        self.url_fetcher = ClosedFetcher()
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


def page_tree(title: str, meta: Mapping[str, str], sheets: Sequence[tuple[str, Element]]) -> Element:
    """A whole document of *sheets*, each with the class of its size."""
    root = Element("html", {"lang": "zh-CN"})
    head = SubElement(root, "head")
    SubElement(head, "title").text = title
    for name, content in meta.items():
        SubElement(head, "meta", {"name": name, "content": content})
    body = SubElement(root, "body")
    for size, sheet in sheets:
        sheet.set("class", f"sheet size-{size}")
        body.append(sheet)
    return root


def base_css(design: Design, fonts: Fonts) -> tuple[str, dict[str, Face]]:
    """The rules every design stands on, and the faces they name by family.

    Each role becomes a list of our own families in the order of its chain. Weight and slant are those of the file:
    a second weight is another role, and nothing is ever made bold artificially.
    """
    chains = {role: fonts.chain(face) for role, face in design.roles.items()}
    faces = {face.family: face for chain in chains.values() for face in chain}
    width, height = design.size
    top, right, bottom, left = design.margin
    rules = [f'@font-face {{ font-family: "{name}"; src: url({SCHEME}fonts/{name}) }}' for name in faces]
    families = {role: ", ".join(f'"{face.family}"' for face in chain) for role, chain in chains.items()}
    first = next(iter(families.values()), "serif")
    rules += [
        "html {" + "".join(f"--{role}: {names};" for role, names in families.items()) + f"font-family: {first}}}",
        f"@page {{ size: {width}mm {height}mm; margin: {top}mm {right}mm {bottom}mm {left}mm; "
        f"background: url({SCHEME}art) no-repeat -{left}mm -{top}mm / {width}mm {height}mm }}",
        # Without kerning the place of a character is a sum of widths, which the compiled path relies on.
        "* { margin: 0; padding: 0; font-weight: 400; font-style: normal; box-sizing: border-box; font-kerning: none; "
        "font-variant-ligatures: none }",
        "html, body, .sheet { display: block } .sheet { position: relative } .sheet + .sheet { break-before: page }",
    ]
    return "\n".join(rules), faces


def _sheet(css: str, faces: Mapping[str, Face] | None = None) -> CSS:
    if css not in _sheets:
        if len(_sheets) >= _MOST_SHEETS:
            _sheets.clear()
        _sheets[css] = CSS(string=css, url_fetcher=ClosedFetcher(faces=faces), font_config=_fonts)
    return _sheets[css]


def lay_out_tree(root: Element, design: Design, fonts: Fonts, pictures: Mapping[str, Picture]) -> Any:
    """Lay a document of `page_tree` out: WeasyPrint's document with ``pages``. Raises AddressRefused."""
    base, faces = base_css(design, fonts)
    with lock:
        try:
            return _Tree(root).render(
                stylesheets=[_sheet(base, faces), _sheet(design.css)],
                font_config=_fonts,
                pdf_variant=CERTIFICATE_VARIANT,
                cache={SCHEME + name: picture for name, picture in pictures.items()},
            )
        except FatalURLFetchingError as error:
            raise AddressRefused(str(error)) from error


def fits(document: Any, root: Element) -> bool:
    """Whether *document* of *root* is one page that holds all of its text, none of it cut off or beyond the paper."""
    if len(document.pages) != 1:
        return False
    page = document.pages[0]
    printed = 0
    for box in text_boxes(page._page_box):
        printed += len("".join(box.text.split()))
        # Overhang of a hair is rounding, or the space after the last letter of a spaced line.
        if (
            box.position_x < 0
            or box.position_x + box.width > page.width + 1
            or box.position_y + box.height > page.height
        ):
            return False
    body = root.find("body")
    return printed == sum(len("".join(piece.split())) for piece in body.itertext())


def text_boxes(box: Any) -> Iterator[Any]:
    """Every piece of text below *box* in order of the page."""
    for child in getattr(box, "children", ()):
        inner = getattr(child, "_box", child)
        if isinstance(inner, TextBox):
            yield inner
        else:
            yield from text_boxes(inner)


def certificate_bytes(document: Any, attachments: tuple[Attachment, ...], day: date) -> bytes:
    """*document* as PDF/A-3a and PDF/UA-1 in one file, with *attachments* dated *day*."""

    def finish(_document: Any, pdf: Any) -> None:
        declare_accessible(pdf)
        embed(pdf, attachments, day)

    return _write(document, pdf_variant=CERTIFICATE_VARIANT, finisher=finish)


def write_certificate(document: Any, finisher: Any) -> bytes:
    """*document* written as a certificate, with *finisher* called before the bytes are."""
    return _write(document, pdf_variant=CERTIFICATE_VARIANT, finisher=finisher)


def lay_out(html: str, css: str, art: Mapping[str, str]) -> Any:
    """Lay the *html* of a plain paper out and return WeasyPrint's document: it has ``pages``.

    Raises AddressRefused; WeasyPrint's own error would be a BaseException and end a worker.
    """
    with lock:
        try:
            source = HTML(string=html, url_fetcher=ClosedFetcher(art), base_url=None)
            return source.render(stylesheets=[_sheet(css)], font_config=_fonts, pdf_variant=PDF_VARIANT)
        except FatalURLFetchingError as error:
            raise AddressRefused(str(error)) from error


def pdf_bytes(document: Any) -> bytes:
    """*document* as a PDF/A-3b file."""
    return _write(document, pdf_variant=PDF_VARIANT)


def _write(document: Any, **options: Any) -> bytes:
    with lock, warnings.catch_warnings():
        # WeasyPrint leaves its colour profile to the garbage collector, which Python reports as unclosed.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            return document.write_pdf(**options)
        except FatalURLFetchingError as error:
            raise AddressRefused(str(error)) from error
