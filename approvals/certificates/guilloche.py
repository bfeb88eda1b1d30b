"""The engraving of a certificate: border bands, corner rosettes and the centre watermark, as one SVG.

Drawn by formulas with no random part, so the same call gives the same bytes. Lengths are millimetres on A4
landscape; colours come from the design.
"""

import math
from dataclasses import dataclass

from approvals.certificates.curves import Point, hypotrochoid, lobed, number, path, wave

WIDTH, HEIGHT = 297.0, 210.0
CENTRE = (WIDTH / 2, 104.0)

BAND = 14.0  # distance of the band's middle line from the paper's edge
SWING = 3.5  # half the height of the band
ROSETTE = 8.6  # radius of a corner rosette; hides where two bands meet
WAVE = 10.5  # wanted wave length; rounded so that whole waves fit a side


@dataclass(frozen=True)
class Inks:
    """Colours of the engraving: paper, dark and light line of the frame, watermark."""

    paper: str
    line: str
    fine: str
    water: str


def _stroke(data: list[str], colour: str, width: float) -> str:
    return f'<path d="{"".join(data)}" fill="none" stroke="{colour}" stroke-width="{number(width)}"/>'


def _rectangle(inset: float, colour: str, width: float) -> str:
    size = f'width="{number(WIDTH - 2 * inset)}" height="{number(HEIGHT - 2 * inset)}"'
    at = number(inset)
    return f'<rect x="{at}" y="{at}" {size} fill="none" stroke="{colour}" stroke-width="{number(width)}"/>'


def _sides() -> list[tuple[Point, Point, float]]:
    """Start, direction and length of the four middle lines, clockwise from the upper left corner."""
    right, bottom = WIDTH - BAND, HEIGHT - BAND
    across, down = right - BAND, bottom - BAND
    return [
        ((BAND, BAND), (1, 0), across),
        ((right, BAND), (0, 1), down),
        ((right, bottom), (-1, 0), across),
        ((BAND, bottom), (0, -1), down),
    ]


def _bands(phases: int, amplitude: float, waves_per_length: float) -> list[str]:
    data = []
    for origin, along, length in _sides():
        waves = round(length / waves_per_length)
        period = length / waves
        for index in range(phases):
            curve = wave(origin, along, amplitude, period, 2 * math.pi * index / phases)
            margin = period / 4
            data.append(path(curve, margin, length - margin, 4 * waves - 2))
    return data


def _rosette(centre: Point, radius: float, inks: Inks) -> str:
    disc = (
        f'<circle cx="{number(centre[0])}" cy="{number(centre[1])}" r="{number(radius)}" '
        f'fill="{inks.paper}" stroke="{inks.line}" stroke-width=".55"/>'
    )
    turn = 2 * math.pi
    pair = (0, math.pi)
    lace = [path(lobed(centre, radius * 0.85, radius * 0.1, 20, shift), 0, turn, 80) for shift in pair]
    wheel = hypotrochoid(centre, radius * 0.74, radius * 0.74 * 7 / 18, radius * 0.27)
    petals = [path(wheel, 0, 7 * turn, 126)]
    heart = [path(lobed(centre, radius * 0.19, radius * 0.09, 8, shift), 0, turn, 32) for shift in pair]
    lines = ((lace, 0.16), (petals, 0.14), (heart, 0.2))
    return disc + "".join(_stroke(data, inks.line, width) for data, width in lines)


def _fret(inset: float, size: float, colour: str) -> str:
    """The inner hairline with a squared meander (回纹) in each corner."""
    left, top, right, bottom = inset, inset, WIDTH - inset, HEIGHT - inset
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


def _watermark(inks: Inks) -> str:
    turn = 2 * math.pi
    data = []
    for radius, depth, lobes, strands in ((60, 7, 24, 4), (46, 8, 24, 4), (31, 8, 16, 4), (17, 6, 12, 3)):
        for strand in range(strands):
            shift = turn * strand / strands
            data.append(path(lobed(CENTRE, radius, depth, lobes, shift), 0, turn, 4 * lobes))
    return _stroke(data, inks.water, 0.16)


def draw(inks: Inks) -> str:
    """The whole engraving as SVG text, about 110 kB, sized 297 × 210 mm."""
    right, bottom = WIDTH - BAND, HEIGHT - BAND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="297mm" height="210mm" viewBox="0 0 297 210">'
        f'<rect width="297" height="210" fill="{inks.paper}"/>',
        _watermark(inks),
        _rectangle(BAND - SWING - 1.7, inks.line, 0.9),
        _rectangle(BAND - SWING - 0.6, inks.line, 0.2),
        _stroke(_bands(6, SWING, WAVE), inks.fine, 0.14),
        _stroke(_bands(2, SWING * 0.55, WAVE / 2), inks.line, 0.18),
        _rectangle(BAND + SWING + 0.6, inks.line, 0.2),
        _rectangle(BAND + SWING + 1.5, inks.line, 0.5),
        _fret(BAND + SWING + 4.2, 1.7, inks.line),
    ]
    parts += [
        _rosette(corner, ROSETTE, inks) for corner in ((BAND, BAND), (right, BAND), (right, bottom), (BAND, bottom))
    ]
    return "".join([*parts, "</svg>"])
