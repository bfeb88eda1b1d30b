"""Smooth curves as SVG path data: few Bézier pieces instead of many short lines."""

import math
from collections.abc import Callable

Point = tuple[float, float]
Curve = Callable[[float], Point]

_STEP = 1e-5  # for the numerical derivative; the curves here are analytic and of the size of a page in mm


def number(value: float) -> str:
    """*value* with at most two decimals (10 µm on paper) and nothing superfluous."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    if text in ("-0", ""):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _join(values: list[float]) -> str:
    out = ""
    for text in map(number, values):
        out += text if not out or text.startswith("-") else f" {text}"
    return out


def path(curve: Curve, start: float, end: float, pieces: int) -> str:
    """Path data of *curve* between the parameters *start* and *end*, in *pieces* cubic Hermite pieces.

    Every number is relative to the rounded point before it, so rounding never adds up.
    """
    step = (end - start) / pieces

    def slope(t: float) -> Point:
        (x0, y0), (x1, y1) = curve(t - _STEP), curve(t + _STEP)
        return (x1 - x0) / (2 * _STEP), (y1 - y0) / (2 * _STEP)

    x, y = (round(value, 2) for value in curve(start))
    data = f"M{_join([x, y])}"
    for index in range(pieces):
        t0, t1 = start + index * step, start + (index + 1) * step
        (px, py), (qx, qy) = curve(t0), curve(t1)
        (ux, uy), (vx, vy) = slope(t0), slope(t1)
        third = step / 3
        arriving = [qx - vx * third - x, qy - vy * third - y, qx - x, qy - y]
        # Equal steps make the first handle the mirror image of the last one, which is what "s" stands for.
        leaving = [px + ux * third - x, py + uy * third - y] if index == 0 else []
        data += ("s" if index else "c") + _join(leaving + arriving)
        x, y = round(x + round(qx - x, 2), 2), round(y + round(qy - y, 2), 2)
    return data


def hypotrochoid(centre: Point, fixed: float, rolling: float, arm: float, turn: float = 0.0) -> Curve:
    """The curve of a pen *arm* off the centre of a wheel of radius *rolling* in a ring of radius *fixed*."""

    def curve(t: float) -> Point:
        inner, ratio = fixed - rolling, (fixed - rolling) / rolling
        return (
            centre[0] + inner * math.cos(t + turn) + arm * math.cos(ratio * t - turn),
            centre[1] + inner * math.sin(t + turn) - arm * math.sin(ratio * t - turn),
        )

    return curve


def lobed(centre: Point, radius: float, depth: float, lobes: int, turn: float = 0.0) -> Curve:
    """A closed ring that swings *depth* about *radius* with *lobes* waves."""

    def curve(t: float) -> Point:
        distance = radius + depth * math.cos(lobes * t + turn)
        return centre[0] + distance * math.cos(t), centre[1] + distance * math.sin(t)

    return curve


def wave(origin: Point, along: Point, amplitude: float, length: float, phase: float) -> Curve:
    """A sine wave that runs from *origin* in the unit direction *along*; the parameter is millimetres."""
    across = (-along[1], along[0])

    def curve(s: float) -> Point:
        swing = amplitude * math.sin(2 * math.pi * s / length + phase)
        return (
            origin[0] + along[0] * s + across[0] * swing,
            origin[1] + along[1] * s + across[1] * swing,
        )

    return curve
