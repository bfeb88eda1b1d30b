"""Lines of text at their places, as the elements the style sheet knows (`stylesheet`)."""

from html import escape

from approvals.documents import typography as t
from approvals.documents.lines import Line, break_lines
from approvals.documents.metrics import printable, width

BLANK = '<div class="l"> </div>'


def line(item: Line, role: str, *more: str) -> str:
    """One placed line."""
    name = " ".join(("l", *((f"f-{role}",) if role != t.BODY else ()), *more))
    inner = "".join(
        escape(text) if spacing == t.TIGHT else f'<span style="letter-spacing:{spacing:.4f}pt">{escape(text)}</span>'
        for text, spacing in item.pieces
    )
    return f'<div class="{name}">{inner or " "}</div>'


def flow(text: str, role: str = t.BODY, *, indent: bool = True) -> list[str]:
    """The lines of one paragraph."""
    free = 2 * t.CELL if indent else 0.0
    lines = break_lines(printable(text, role), role, size=t.SAN, tight=t.TIGHT, room=t.WIDTH, indent=free)
    found = [line(item, role) for item in lines]
    if indent:
        found[0] = found[0].replace("<div ", f'<div style="padding-left:{free:.3f}pt" ', 1)
    return found


def wide(text: str) -> float:
    """Width of a text of the body, points."""
    return width(text, t.BODY, t.SAN, t.TIGHT)


def at(text: str, left: float) -> str:
    """A line that begins *left* points from the left edge of the block."""
    return f'<div class="l" style="padding-left:{max(left, 0):.3f}pt">{escape(text)}</div>'
