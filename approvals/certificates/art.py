"""The drawn ground of a design, by kind: an engraved frame, a metal plate, the rules of a letter, or nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from approvals.certificates.curves import number
from approvals.certificates.guilloche import Inks, Paper
from approvals.certificates.guilloche import draw as engrave

#: Kind of art -> the colours design.toml has to give.
ARTS = {
    "none": (),
    "guilloche": ("paper", "line", "fine", "water"),
    "plate": ("edge", "plate", "panel", "line"),
    "letter": ("paper", "line", "fine"),
}


def draw(parameters: Mapping[str, Any], size: tuple[float, float]) -> str:
    """The ground as SVG text of *size* millimetres."""
    colours = {name: value for name, value in parameters.items() if name != "kind"}
    return _KINDS[parameters["kind"]](Paper(*size), **colours)


def _svg(paper: Paper, body: str) -> str:
    width, height = number(paper.width), number(paper.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}">{body}</svg>'
    )


def _frame(paper: Paper, inset: float, radius: float, paint: str) -> str:
    width, height = number(paper.width - 2 * inset), number(paper.height - 2 * inset)
    corner = f' rx="{number(radius)}"' if radius else ""
    return f'<rect x="{number(inset)}" y="{number(inset)}" width="{width}" height="{height}"{corner} {paint}/>'


def _nothing(size: Paper) -> str:
    return _svg(size, "")


def _engraved(size: Paper, **colours: str) -> str:
    return engrave(Inks(**colours), size)


def _plate(paper: Paper, edge: str, plate: str, panel: str, line: str) -> str:
    """A bronze plate in flat colours: bevel, panel, a double line and four screws. Artwork for the engraver."""
    short = min(paper.width, paper.height) / 400  # drawn for 600 × 400 mm
    parts = [
        _frame(paper, 0, 0, f'fill="{edge}"'),
        _frame(paper, 5 * short, 4 * short, f'fill="{plate}"'),
        _frame(paper, 16 * short, 2 * short, f'fill="{panel}"'),
        _frame(paper, 22 * short, 1 * short, f'fill="none" stroke="{line}" stroke-width="{number(1.6 * short)}"'),
        _frame(paper, 25.5 * short, 0, f'fill="none" stroke="{line}" stroke-width="{number(0.5 * short)}"'),
    ]
    for x in (10.5 * short, paper.width - 10.5 * short):
        for y in (10.5 * short, paper.height - 10.5 * short):
            cut = 2.2 * short
            parts.append(
                f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(3.4 * short)}" fill="{panel}" '
                f'stroke="{line}" stroke-width="{number(0.5 * short)}"/>'
                f'<path d="M{number(x - cut)} {number(y - cut)}L{number(x + cut)} {number(y + cut)}" '
                f'stroke="{line}" stroke-width="{number(0.9 * short)}"/>'
            )
    return _svg(paper, "".join(parts))


def _letter(size: Paper, paper: str, line: str, fine: str) -> str:
    """A thick and a thin rule at head and foot, as papers of an office carry them."""
    left, right = number(28), number(size.width - 26)
    parts = [_frame(size, 0, 0, f'fill="{paper}"')]
    for y, colour, wide in (
        (39.0, line, 0.9), (40.6, line, 0.25), (size.height - 27.5, fine, 0.25), (size.height - 26.2, fine, 0.6),
    ):  # fmt: skip
        parts.append(
            f'<path d="M{left} {number(y)}H{right}" fill="none" stroke="{colour}" stroke-width="{number(wide)}"/>'
        )
    return _svg(size, "".join(parts))


_KINDS: Mapping[str, Callable[..., str]] = {
    "none": _nothing, "guilloche": _engraved, "plate": _plate, "letter": _letter,
}  # fmt: skip
