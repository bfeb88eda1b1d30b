"""The engraving of a certificate: border bands, corner rosettes and the centre watermark, as one SVG.

Drawn by formulas with no random part, so the same call gives the same bytes. Lengths are millimetres on a paper of any
size; colours come from the design.
"""

import math
from dataclasses import dataclass

from approvals.certificates.curves import Point, hypotrochoid, lobed, number, path, wave

BAND = 14.0  # distance of the band's middle line from the paper's edge
SWING = 3.5  # half the height of the band
ROSETTE = 8.6  # radius of a corner rosette; hides where two bands meet
WAVE = 10.5  # wanted wave length; rounded so that whole waves fit a side


@dataclass(frozen=True)
class Paper:
    """Size of the paper in millimetres."""

    width: float
    height: float

    @property
    def centre(self) -> Point:
        """Where the watermark sits: a little above the middle, where the eye looks for it."""
        return self.width / 2, self.height / 2 - 1


@dataclass(frozen=True)
class Inks:
    """Colours of the engraving: paper, dark and light line of the frame, watermark."""

    paper: str
    line: str
    fine: str
    water: str


def _stroke(data: list[str], colour: str, width: float) -> str:
    return f'<path d="{"".join(data)}" fill="none" stroke="{colour}" stroke-width="{number(width)}"/>'


def _rectangle(paper: Paper, inset: float, colour: str, width: float) -> str:
    size = f'width="{number(paper.width - 2 * inset)}" height="{number(paper.height - 2 * inset)}"'
    at = number(inset)
    return f'<rect x="{at}" y="{at}" {size} fill="none" stroke="{colour}" stroke-width="{number(width)}"/>'


def _sides(paper: Paper) -> list[tuple[Point, Point, float]]:
    """Start, direction and length of the four middle lines, clockwise from the upper left corner."""
    right, bottom = paper.width - BAND, paper.height - BAND
    across, down = right - BAND, bottom - BAND
    return [
        ((BAND, BAND), (1, 0), across),
        ((right, BAND), (0, 1), down),
        ((right, bottom), (-1, 0), across),
        ((BAND, bottom), (0, -1), down),
    ]


def _bands(paper: Paper, phases: int, amplitude: float, waves_per_length: float) -> list[str]:
    data = []
    for origin, along, length in _sides(paper):
        waves = round(length / waves_per_length)
        period = length / waves
        for index in range(phases):
            curve = wave(origin, along, amplitude, period, 2 * math.pi * index / phases)
            margin = period / 4
            data.append(path(curve, margin, length - margin, 4 * waves - 2))
    return data


def _rosette(centre: Point, radius: float, inks: Inks) -> str:
    """Drawn about the origin and moved: four times the same bytes, which deflate stores once."""
    disc = f'<circle r="{number(radius)}" fill="{inks.paper}" stroke="{inks.line}" stroke-width=".55"/>'
    turn, middle = 2 * math.pi, (0.0, 0.0)
    pair = (0, math.pi)
    lace = [path(lobed(middle, radius * 0.85, radius * 0.1, 20, shift), 0, turn, 80) for shift in pair]
    wheel = hypotrochoid(middle, radius * 0.74, radius * 0.74 * 7 / 18, radius * 0.27)
    petals = [path(wheel, 0, 7 * turn, 126)]
    heart = [path(lobed(middle, radius * 0.19, radius * 0.09, 8, shift), 0, turn, 32) for shift in pair]
    lines = ((lace, 0.16), (petals, 0.14), (heart, 0.2))
    body = disc + "".join(_stroke(data, inks.line, width) for data, width in lines)
    return f'<g transform="translate({number(centre[0])} {number(centre[1])})">{body}</g>'


def _fret(paper: Paper, inset: float, size: float, colour: str) -> str:
    """The inner hairline with a squared meander (回纹) in each corner."""
    left, top, right, bottom = inset, inset, paper.width - inset, paper.height - inset
    data = []
    corners = ((left, top, 1, 1), (right, top, -1, 1), (right, bottom, -1, -1), (left, bottom, 1, -1))
    for x, y, sx, sy in corners:
        steps = [(2, 2.5), (2, 3), (0, 3), (0, 0), (3, 0), (3, 2), (1, 2), (1, 1), (2, 1)]
        points = [(x + sx * size * a, y + sy * size * b) for a, b in steps]
        data.append("M" + "L".join(f"{number(a)} {number(b)}" for a, b in points))
    gap = 4 * size
    for x0, y0, x1, y1 in (
        (left + gap, top, right - gap, top),
        (left + gap, bottom, right - gap, bottom),
        (left, top + gap, left, bottom - gap),
        (right, top + gap, right, bottom - gap),
    ):
        data.append(f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}")
    return _stroke(data, colour, 0.25)


def _watermark(paper: Paper, inks: Inks) -> str:
    """Two nested flowers of long petals: families of lobed rings that swing less and less about one radius."""
    turn = 2 * math.pi
    scale = min(paper.width, paper.height) / 210
    data = []
    for radius, swing, lobes, strands in ((37, 31, 20, 8), (19, 15, 14, 5)):
        for strand in range(strands):
            share = 1 - strand / strands
            curve = lobed(paper.centre, radius * scale, swing * scale * share, lobes, math.pi * (strand % 2) / 9)
            data.append(path(curve, 0, turn, 5 * lobes))
    return _stroke(data, inks.water, 0.18)


def draw(inks: Inks, paper: Paper) -> str:
    """The whole engraving as SVG text, about 120 kB for A4, of the size of *paper*."""
    right, bottom = paper.width - BAND, paper.height - BAND
    width, height = number(paper.width), number(paper.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="{inks.paper}"/>',
        _watermark(paper, inks),
        _rectangle(paper, BAND - SWING - 1.7, inks.line, 0.9),
        _rectangle(paper, BAND - SWING - 0.6, inks.line, 0.2),
        _stroke(_bands(paper, 6, SWING, WAVE), inks.fine, 0.14),
        _stroke(_bands(paper, 2, SWING * 0.55, WAVE / 2), inks.line, 0.18),
        _rectangle(paper, BAND + SWING + 0.6, inks.line, 0.2),
        _rectangle(paper, BAND + SWING + 1.5, inks.line, 0.5),
        _fret(paper, BAND + SWING + 4.2, 1.7, inks.line),
    ]
    parts += [
        _rosette(corner, ROSETTE, inks) for corner in ((BAND, BAND), (right, BAND), (right, bottom), (BAND, bottom))
    ]
    return "".join([*parts, "</svg>"])
