"""Reads the operators of our PDF page (ISO 32000-1, annex A) into shapes."""

import io
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pikepdf

from approvals.certificates.ofd.shapes import (
    IDENTITY,
    Clip,
    Colour,
    Matrix,
    Page,
    Path,
    Picture,
    Segment,
    Text,
    apply,
    scale,
    times,
)

MM = 25.4 / 72
DEEPEST = 12
MOST_MODULES = 40_000  # a QR code of version 40 has 177 on a side; a picture is no stencil


class OfdRefused(ValueError):
    """The page uses something that is not carried over; the message names it."""


@dataclass(frozen=True)
class State:
    """The graphics state that `q` keeps and `Q` brings back."""

    matrix: Matrix
    fill: tuple[int, int, int] = (0, 0, 0)
    stroke: tuple[int, int, int] = (0, 0, 0)
    fill_alpha: float = 1
    stroke_alpha: float = 1
    group_alpha: float = 1
    width: float = 1
    cap: int = 0
    join: int = 0
    mitre: float = 10
    dash: tuple[float, ...] = ()
    offset: float = 0
    font: str = ""
    size: float = 0
    spacing: float = 0
    leading: float = 0
    clips: tuple[Clip, ...] = ()


def read(page: pikepdf.Page) -> Page:
    """The shapes of *page*. Raises OfdRefused."""
    left, bottom, right, top = (float(number) for number in page.mediabox)
    found = Page((right - left) * MM, (top - bottom) * MM)
    Reader(found, State((MM, 0, 0, -MM, -left * MM, top * MM))).run(page, page.obj.get("/Resources", {}), 0)
    return found


class Reader:
    """Runs content streams; what is painted is put on *page*."""

    def __init__(self, page: Page, state: State) -> None:
        self.page, self.state, self.kept = page, state, []
        self.path: list[Segment] = []
        self.clip: str = ""
        self.text: Matrix = IDENTITY
        self.line: Matrix = IDENTITY
        self.resources: Any = {}

    def run(self, content: Any, resources: Any, depth: int) -> None:
        """Does every operator of *content* in turn."""
        if depth > DEEPEST:
            raise OfdRefused("forms within forms without end")
        outer, self.resources = self.resources, resources
        for operands, operator in pikepdf.parse_content_stream(content):
            name = str(operator)
            if name in IGNORED:
                continue
            if name == "Do":
                self.draw(resources["/XObject"][str(operands[0])], depth)
                continue
            act = ACTS.get(name)
            if act is None:
                raise OfdRefused(f"the operator {name} is not carried over to OFD")
            act(self, operands)
        self.resources = outer

    # --- state ------------------------------------------------------------------------------------------------------

    def change(self, **values: Any) -> None:
        self.state = replace(self.state, **values)

    def push(self, _operands: Any = ()) -> None:
        self.kept.append(self.state)

    def pop(self, _operands: Any = ()) -> None:
        self.state = self.kept.pop()

    def concat(self, operands: Any) -> None:
        self.change(matrix=times(_matrix(operands), self.state.matrix))

    def extended(self, operands: Any) -> None:
        given = self.resources["/ExtGState"][str(operands[0])]
        if str(given.get("/BM", "/Normal")) not in ("/Normal", "/Compatible"):
            raise OfdRefused("blending is not carried over to OFD")
        if str(given.get("/SMask", "/None")) != "/None":
            raise OfdRefused("soft masks are not carried over to OFD")
        self.change(
            fill_alpha=float(given.get("/ca", self.state.fill_alpha)),
            stroke_alpha=float(given.get("/CA", self.state.stroke_alpha)),
        )

    def dash(self, operands: Any) -> None:
        self.change(dash=tuple(float(one) for one in operands[0]), offset=float(operands[1]))

    # --- paths ------------------------------------------------------------------------------------------------------

    def segment(self, name: str, operands: Any) -> None:
        self.path.append((name, apply(self.state.matrix, tuple(float(one) for one in operands))))

    def rectangle(self, operands: Any) -> None:
        x, y, w, h = (float(one) for one in operands)
        for name, points in (("M", (x, y)), ("L", (x + w, y)), ("L", (x + w, y + h)), ("L", (x, y + h)), ("C", ())):
            self.segment(name, points)

    def paint(self, *, fill: str = "", stroke: bool = False, close: bool = False) -> None:
        """Paints the path; *fill* is the rule, "nonzero" or "evenodd"."""
        if close:
            self.path.append(("C", ()))
        state, segments, wide = self.state, tuple(self.path), scale(self.state.matrix)
        if segments and (fill or stroke):
            made = Path(
                segments,
                self.colour(state.fill, state.fill_alpha) if fill else None,
                self.colour(state.stroke, state.stroke_alpha) if stroke else None,
                fill == "evenodd", state.width * wide, state.cap, state.join, state.mitre,
                tuple(length * wide for length in state.dash), state.offset * wide,
            )  # fmt: skip
            box = made.box()
            self.page.shapes.append(replace(made, clips=tuple(one for one in state.clips if one.hides(box))))
        if self.clip and segments:
            self.change(clips=(*state.clips, Clip(segments, self.clip == "evenodd")))
        self.path, self.clip = [], ""

    def colour(self, rgb: tuple[int, int, int], alpha: float) -> Colour:
        return Colour(rgb, round(255 * alpha * self.state.group_alpha))

    # --- text -------------------------------------------------------------------------------------------------------

    def begin(self, _operands: Any = ()) -> None:
        self.text = self.line = IDENTITY

    def move(self, operands: Any) -> None:
        self.text = self.line = times((1, 0, 0, 1, float(operands[0]), float(operands[1])), self.line)

    def place(self, operands: Any) -> None:
        self.text = self.line = _matrix(operands)

    def choose(self, operands: Any) -> None:
        name = str(operands[0])
        self.page.fonts[name] = self.resources["/Font"][name]
        self.change(font=name, size=float(operands[1]))

    def show(self, parts: Any) -> None:
        """Strings are glyphs of two bytes (Identity-H); numbers move back by thousandths of the size."""
        font, state = self.page.fonts[state_font(self.state)], self.state
        if str(font.get("/Encoding")) != "/Identity-H":
            raise OfdRefused("only fonts with two-byte glyph numbers are carried over to OFD")
        widths, glyphs, places, x = _widths(font), [], [], 0.0
        for part in parts:
            if not isinstance(part, pikepdf.String | bytes):
                x -= float(part) / 1000 * state.size
                continue
            data = bytes(part)
            for one in range(0, len(data), 2):
                glyph = data[one] << 8 | data[one + 1]
                glyphs.append(glyph)
                places.append(x)
                x += widths(glyph) / 1000 * state.size + state.spacing
        if glyphs:
            matrix = times((1, 0, 0, 1, places[0], 0), times(self.text, state.matrix))
            advances = tuple(after - before for before, after in itertools.pairwise(places))
            fill = self.colour(state.fill, state.fill_alpha)
            self.page.shapes.append(Text(state.font, state.size, matrix, tuple(glyphs), advances, fill, state.clips))
        self.text = times((1, 0, 0, 1, x, 0), self.text)

    # --- objects ----------------------------------------------------------------------------------------------------

    def draw(self, thing: Any, depth: int) -> None:
        kind = str(thing.get("/Subtype"))
        if kind == "/Form":
            self.push()
            if "/Group" in thing:
                self.change(group_alpha=self.state.group_alpha * self.state.fill_alpha, fill_alpha=1, stroke_alpha=1)
            if "/Matrix" in thing:
                self.concat(thing["/Matrix"])
            left, bottom, right, top = (float(one) for one in thing["/BBox"])
            self.rectangle((left, bottom, right - left, top - bottom))
            self.clip = "nonzero"
            self.paint()
            self.run(thing, thing.get("/Resources", self.resources), depth + 1)
            self.pop()
        elif kind == "/Image":
            self.picture(thing)
        else:
            raise OfdRefused(f"{kind} is not carried over to OFD")

    def picture(self, thing: Any) -> None:
        if thing.get("/ImageMask"):
            self.stencil(thing)
            return
        a, b, c, d, e, f = self.state.matrix
        if b or c or a <= 0 or d >= 0 or "/SMask" in thing or "/Mask" in thing:
            raise OfdRefused("turned, mirrored or masked pictures are not carried over to OFD")
        out = io.BytesIO()
        pikepdf.PdfImage(thing).as_pil_image().save(out, "PNG")
        alpha = round(255 * self.state.fill_alpha * self.state.group_alpha)
        self.page.shapes.append(Picture((e, f + d, e + a, f), out.getvalue(), alpha, self.state.clips))

    def stencil(self, thing: Any) -> None:
        """A mask of one bit, such as a QR code, as rectangles in the colour in force: sharp at any size, no picture."""
        width, height = int(thing["/Width"]), int(thing["/Height"])
        if width * height > MOST_MODULES:
            raise OfdRefused("large picture masks are not carried over to OFD")
        data, stride = thing.read_bytes(), (width + 7) // 8
        # A sample of 0 is painted, unless /Decode turns it round (ISO 32000-1, 8.9.6.2).
        painted = "1" if [int(one) for one in thing.get("/Decode", (0, 1))] == [1, 0] else "0"
        for row in range(height):
            bits = f"{int.from_bytes(data[row * stride : (row + 1) * stride], 'big'):0{stride * 8}b}"[:width]
            for run in re.finditer(f"{painted}+", bits):
                # The unit square of a picture has its first row at the top.
                self.rectangle((run.start() / width, 1 - (row + 1) / height, len(run[0]) / width, 1 / height))
        self.paint(fill="nonzero")


def state_font(state: State) -> str:
    """The font in force. Raises OfdRefused where text is shown without one."""
    if not state.font:
        raise OfdRefused("text without a font")
    return state.font


def _matrix(operands: Any) -> Matrix:
    a, b, c, d, e, f = (float(one) for one in operands)
    return a, b, c, d, e, f


def _widths(font: Any) -> Callable[[int], float]:
    """Widths of a composite font in thousandths (ISO 32000-1, 9.7.4.3)."""
    descendant = font["/DescendantFonts"][0]
    known: dict[int, float] = {}
    entries = list(descendant.get("/W", []))
    while entries:
        first, second = int(entries[0]), entries[1]
        if isinstance(second, pikepdf.Array):
            known.update((first + place, float(width)) for place, width in enumerate(second))
            entries = entries[2:]
        else:
            known.update((glyph, float(entries[2])) for glyph in range(first, int(second) + 1))
            entries = entries[3:]
    usual = float(descendant.get("/DW", 1000))
    return lambda glyph: known.get(glyph, usual)


def _rgb(operands: Any) -> tuple[int, int, int]:
    parts = [float(one) for one in operands]
    if len(parts) == 1:
        parts *= 3
    if len(parts) != 3:
        raise OfdRefused("only grey and RGB colours are carried over to OFD")
    red, green, blue = (round(255 * min(max(part, 0), 1)) for part in parts)
    return red, green, blue


def _clip(rule: str) -> Callable[[Reader, Any], None]:
    return lambda reader, _operands: setattr(reader, "clip", rule)


def _paint(**how: Any) -> Callable[[Reader, Any], None]:
    return lambda reader, _operands: reader.paint(**how)


# Marks and hints paint nothing; colours are told by their components.
IGNORED = frozenset({"BMC", "BDC", "EMC", "MP", "DP", "ri", "i", "cs", "CS", "ET"})
ACTS: dict[str, Callable[[Reader, Any], None]] = {
    "q": Reader.push, "Q": Reader.pop, "cm": Reader.concat, "gs": Reader.extended, "d": Reader.dash,
    "w": lambda reader, given: reader.change(width=float(given[0])),
    "J": lambda reader, given: reader.change(cap=int(given[0])),
    "j": lambda reader, given: reader.change(join=int(given[0])),
    "M": lambda reader, given: reader.change(mitre=float(given[0])),
    **dict.fromkeys(("g", "rg", "sc", "scn"), lambda reader, given: reader.change(fill=_rgb(given))),
    **dict.fromkeys(("G", "RG", "SC", "SCN"), lambda reader, given: reader.change(stroke=_rgb(given))),
    "m": lambda reader, given: reader.segment("M", given),
    "l": lambda reader, given: reader.segment("L", given),
    "c": lambda reader, given: reader.segment("B", given),
    "h": lambda reader, given: reader.segment("C", ()),
    "re": Reader.rectangle,
    "W": _clip("nonzero"), "W*": _clip("evenodd"), "n": _paint(),
    "S": _paint(stroke=True), "s": _paint(stroke=True, close=True),
    "f": _paint(fill="nonzero"), "F": _paint(fill="nonzero"), "f*": _paint(fill="evenodd"),
    "B": _paint(fill="nonzero", stroke=True), "B*": _paint(fill="evenodd", stroke=True),
    "b": _paint(fill="nonzero", stroke=True, close=True), "b*": _paint(fill="evenodd", stroke=True, close=True),
    "BT": Reader.begin, "Td": Reader.move, "Tm": Reader.place, "Tf": Reader.choose,
    "Tc": lambda reader, given: reader.change(spacing=float(given[0])),
    "Tj": lambda reader, given: reader.show(given), "TJ": lambda reader, given: reader.show(given[0]),
}  # fmt: skip
