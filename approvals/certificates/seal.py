"""A round demonstration seal as SVG outlines.

It is page art that says 样章, never an imitation: the words are passed in by the design, no agency's name
comes near it, and a real seal belongs to an electronic-seal system (certificates.md §6).
"""

import math
from functools import lru_cache
from pathlib import Path
from threading import Lock

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from approvals.certificates.coverage import missing_glyphs
from approvals.certificates.curves import number
from approvals.certificates.fonts import ROLES

SIZE = 42.0  # millimetres, the usual size of an agency's seal
RING = 20.3
BASELINE = 14.1  # radius on which the ring's characters stand
RING_HEIGHT = 4.3
WORD_HEIGHT = 3.8
WORD_MIDDLE = 16.8
STAR = 5.2
# Star and ring text keep to the upper half, because the issuer's name and the date stand in the lower one.
STAR_Y = -5.4
RING_SPAN = math.radians(158)
WORD_SPAN = math.radians(34)

_reading = Lock()
_EM_MIDDLE = 0.38  # height of a hanzi's middle above the baseline, in em


@lru_cache(maxsize=1)
def _font(file: Path) -> TTFont:
    return TTFont(file)


def _glyph(character: str, height: float, turn: float, distance: float) -> str:
    """Outline of *character* at *distance* from the middle in the direction *turn* (0 = up, clockwise).

    A negative *distance* puts it on the lower arc with its feet outwards, so it reads from the left there.
    """
    font = _font(ROLES["seal"])
    glyphs = font.getGlyphSet()
    name = font.getBestCmap()[ord(character)]
    scale = height / font["head"].unitsPerEm
    cos, sin = math.cos(turn), math.sin(turn)
    ox, oy = sin * distance, -cos * distance
    half = glyphs[name].width / 2
    drop = _EM_MIDDLE * font["head"].unitsPerEm
    # Glyph space has y upwards: mirror it, move the glyph's middle to the origin, then turn and place it.
    matrix = (
        scale * cos, scale * sin, scale * sin, -scale * cos,
        ox - scale * (cos * half + sin * drop), oy - scale * (sin * half - cos * drop),
    )  # fmt: skip
    pen = SVGPathPen(glyphs, ntos=number)
    glyphs[name].draw(TransformPen(pen, matrix))
    return pen.getCommands()


def _star() -> str:
    inner = STAR * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points = []
    for index in range(10):
        radius = inner if index % 2 else STAR
        angle = math.pi * index / 5
        points.append(f"{number(radius * math.sin(angle))} {number(STAR_Y - radius * math.cos(angle))}")
    return "M" + "L".join(points) + "Z"


def _arc(text: str, height: float, widest: float, distance: float) -> str:
    """*text* spread over an arc, never wider apart than 1.35 of its height."""
    if not text:
        return ""
    pitch = min(widest / max(len(text) - 1, 1), 1.35 * height / abs(distance))
    first = -pitch * (len(text) - 1) / 2
    sign = 1 if distance > 0 else -1
    return "".join(
        _glyph(character, height, sign * (first + index * pitch), distance) for index, character in enumerate(text)
    )


def draw(ring: str, word: str = "样章", colour: str = "#c8161d") -> str:
    """A seal of 42 mm with *ring* on the upper arc, a star, and *word* on the lower arc.

    Raises ValueError when the seal font lacks a character.
    """
    if absent := missing_glyphs(ring + word, "seal"):
        raise ValueError(f"the seal font has no glyph for {absent}")
    middle = BASELINE + RING_HEIGHT / 2
    # The font is read as it is used, and tables half read by one thread are no tables for another.
    with _reading:
        words = _arc(ring, RING_HEIGHT, RING_SPAN, middle) + _arc(word, WORD_HEIGHT, WORD_SPAN, -WORD_MIDDLE)
    outlines = _star() + words
    half = number(SIZE / 2)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(SIZE)}mm" height="{number(SIZE)}mm" '
        f'viewBox="-{half} -{half} {number(SIZE)} {number(SIZE)}">'
        f'<circle r="{number(RING)}" fill="none" stroke="{colour}" stroke-width="1.1"/>'
        f'<path d="{outlines}" fill="{colour}"/></svg>'
    )
