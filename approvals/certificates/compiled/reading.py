"""What WeasyPrint laid out, read back: flows of lines, the place each piece of text came from, widths of characters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.layout.percent import percentage
from weasyprint.pdf.stream import Stream
from weasyprint.text.ffi import FROM_UNITS, ffi, pango
from weasyprint.text.fonts import get_pango_font_key
from weasyprint.text.line_break import Layout

from approvals.certificates.compiled.errors import Unsure

SCALE = 0.75  # points per CSS pixel


@dataclass(frozen=True)
class Source:
    """Where a run of text comes from: a slot, a run of a paragraph, or the design itself."""

    kind: str  # "slot", "run" or "static"
    name: str = ""  # of the slot
    paragraph: int = 0
    run: int = 0
    text: str = ""  # of a static run

    @property
    def group(self) -> str:
        """Sources that share their characters: what one certificate puts into a paragraph another may as well."""
        return self.kind if self.kind == "run" else self.name


@dataclass(frozen=True)
class Piece:
    """One text box on the page: the part of a run that stands on one line."""

    run: int  # index in the flow's runs
    text: str
    x: float  # pixels from the left of the page
    width: float
    box: Any


@dataclass(frozen=True)
class Flow:
    """A block of lines: its runs, its lines, and how they are placed. Lengths are pixels."""

    runs: tuple[Source, ...]
    styles: tuple[Any, ...]  # of each run
    lines: tuple[tuple[Piece, ...], ...]
    limit: float
    left: float  # of the block's content
    indent: float
    align: str

    @property
    def shape(self) -> tuple[tuple[int, ...], ...]:
        """Which runs stand on each line."""
        return tuple(tuple(piece.run for piece in line) for line in self.lines)


@dataclass(frozen=True)
class Width:
    """One character in one style: glyph, advance in Pango units (1/1024 px), width in 1/1000 em, font resource."""

    glyph: int
    units: int
    thousandths: int
    font: str


def _children(box: Any) -> Iterator[Any]:
    for child in getattr(box, "children", ()):
        yield child._box if isinstance(child, AbsolutePlaceholder) else child


def _text_boxes(box: Any) -> Iterator[Any]:
    for child in _children(box):
        if isinstance(child, boxes.TextBox):
            if child.text.strip():
                yield child
        elif not isinstance(child, boxes.BlockLevelBox):
            yield from _text_boxes(child)


def _lines(box: Any, found: dict[int, tuple[Any, list[Any]]]) -> None:
    for child in _children(box):
        if isinstance(child, boxes.LineBox):
            found.setdefault(id(child.element), (box, []))[1].append(child)
            # An inline block or an absolute box may stand within a line and has lines of its own.
            for inner in _children(child):
                _lines(inner, found)
        else:
            _lines(child, found)


def flows(document: Any, sheet: Element) -> list[Flow]:
    """Every flow of *document*, which holds *sheet* alone, in order of the page; lines of later pages are joined on."""
    found: dict[int, tuple[Any, list[Any]]] = {}
    for page in document.pages:
        _lines(page._page_box, found)
    parents = {id(child): parent for parent in sheet.iter() for child in parent}
    return [flow for block, lines in found.values() if (flow := _flow(block, lines, parents)) is not None]


def _flow(block: Any, lines: list[Any], parents: dict[int, Element]) -> Flow | None:
    runs: list[Source] = []
    styles: list[Any] = []
    placed: list[tuple[Piece, ...]] = []
    last: Any = None
    for line in lines:
        pieces = []
        for box in _text_boxes(line):
            # A text box that follows one of another element begins a run; a run broken over lines goes on.
            if last is None or box.element is not last.element:
                runs.append(_source(box, runs, parents))
                styles.append(box.style)
            elif runs[-1].kind == "static":
                runs[-1] = Source("static", text=runs[-1].text + box.text)
            last = box
            pieces.append(Piece(len(runs) - 1, box.text, box.position_x, box.width, box))
        if pieces:
            placed.append(tuple(pieces))
    if not placed:
        return None
    style = block.style
    indent = percentage(style["text_indent"], style, block.width)
    align = {"start": "left", "end": "right"}.get(style["text_align_all"], style["text_align_all"])
    return Flow(
        tuple(runs),
        tuple(styles),
        tuple(placed),
        float(block.width),
        float(block.content_box_x()),
        float(indent),
        align,
    )


def _source(box: Any, before: list[Source], parents: dict[int, Element]) -> Source:
    element = box.element
    paragraph = element if element.get("data-paragraph") else parents.get(id(element))
    if paragraph is not None and paragraph.get("data-paragraph"):
        number = int(paragraph.get("data-paragraph"))
        return Source("run", paragraph=number, run=len(before))
    if slot := element.get("data-slot"):
        return Source("slot", name=slot)
    return Source("static", text=box.text)


def marks(document: Any) -> dict[Any, int]:
    """Text box → marked-content number on the single page, as WeasyPrint numbers them while painting."""
    page = document.pages[0]
    tags: dict[Any, dict[str, Any]] = {}
    resources = {name: {} for name in ("ExtGState", "XObject", "Pattern", "Shading")} | {
        "ColorSpace": b"",
        "Font": None,
    }
    stream = Stream(document.fonts, (0, 0, page.width, page.height), resources, {}, tags, {}, "srgb")
    page.paint(stream, SCALE)
    return {box: tag["mcid"] for box, tag in tags.items()}


def widths(style: Any, characters: Iterable[str]) -> dict[str, Width]:
    """How Pango sets each of *characters* in *style*. Raises Unsure when it makes anything but one glyph of each."""
    text = "".join(sorted(set(characters)))
    if not text:
        return {}
    layout = Layout(style)
    layout.set_text(text)
    line, _index = layout.get_first_line()
    data = text.encode()
    found: dict[str, Width] = {}
    run = line.runs[0]
    while run != ffi.NULL:
        item = run.data
        run = run.next
        glyphs = item.glyphs
        key_font = item.item.analysis.font
        _key, description, size = get_pango_font_key(key_font)
        name = _resource_name(description)
        for index in range(glyphs.num_glyphs):
            start = item.item.offset + glyphs.log_clusters[index]
            character = data[start:].decode(errors="ignore")[:1]
            info = glyphs.glyphs[index]
            if info.glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG or info.geometry.x_offset or info.geometry.y_offset:
                continue
            if character in found:
                raise Unsure("shaping", character)
            units = info.geometry.width
            found[character] = Width(info.glyph, units, round(units * 1000 * FROM_UNITS / size), name)
    return found


def _resource_name(description: Any) -> str:
    """The name WeasyPrint gives the font in a page's resources (weasyprint/pdf/fonts.py, Font.hash)."""
    from hashlib import md5  # noqa: PLC0415

    text = ffi.string(pango.pango_font_description_to_string(description))
    return "".join(chr(65 + letter % 26) for letter in md5(text, usedforsecurity=False).digest()[:6])


def is_spaced(style: Any) -> bool:
    """Whether letters or words are spaced out in *style*: Pango shares that space out in ways a sum does not follow."""
    return style["letter_spacing"] not in ("normal", 0) or bool(style["word_spacing"])
