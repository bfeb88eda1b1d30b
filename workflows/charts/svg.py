"""A chart as a picture: lanes, boxes, and the road between them. Plain SVG without style or script (strict CSP)."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from pilots.rules import Rules

from .chart import chart_of, seat_name
from .layout import LABEL, MARGIN, Box, Layout, Line, lay_out

_INK, _LINE, _LANE, _TASK, _NOW = "#1f2937", "#64748b", "#eef2f7", "#ffffff", "#fde68a"


def draw(rules: Rules, now: frozenset[str] = frozenset()) -> str:
    """The picture of a programme; nodes of the stages or ids in `now` are marked as where a case stands."""
    chart = chart_of(rules)
    layout = lay_out(chart)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {layout.width:g} {layout.height:g}" '
        f'width="{layout.width:g}" height="{layout.height:g}" role="img" aria-label={quoteattr(str(rules.name))} '
        'font-family="Noto Sans CJK SC, Source Han Sans SC, sans-serif" font-size="12">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{_LINE}"/></marker></defs>',
        *_lanes(layout),
        *(_line(line) for line in layout.lines),
        *(_box(box, box.node.stage in now or box.node.id in now) for box in layout.boxes.values()),
        *(_words(line) for line in layout.lines if line.edge.name),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lanes(layout: Layout) -> list[str]:
    found = []
    for index, (name, (top, height)) in enumerate(layout.lanes.items()):
        fill = _LANE if index % 2 else "#f8fafc"
        found.append(f'<rect x="{MARGIN}" y="{top:g}" width="{layout.width - 2 * MARGIN:g}" height="{height:g}" '
                     f'fill="{fill}" stroke="#d5dde8"/>')  # fmt: skip
        found.append(f'<text x="{MARGIN + 10}" y="{top + height / 2 + 4:g}" fill="{_INK}" font-weight="600">'
                     f"{escape(seat_name(name))}</text>")  # fmt: skip
    return found


def _box(box: Box, now: bool) -> str:
    fill, name = _NOW if now else _TASK, str(box.node.name)
    if box.node.kind == "task":
        shape = (f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}" rx="8" fill="{fill}" '
                 f'stroke="{_INK}"/>')  # fmt: skip
        return shape + _lines(name, box.cx, box.cy, 9)
    if box.node.kind == "gateway":
        points = f"{box.cx:g},{box.y:g} {box.x + box.w:g},{box.cy:g} {box.cx:g},{box.y + box.h:g} {box.x:g},{box.cy:g}"
        shape = f'<polygon points="{points}" fill="{fill}" stroke="{_INK}"/>'
        # Above its left shoulder: the corners belong to the ways out.
        return shape + (f'<text x="{box.cx - 10:g}" y="{box.y + 2:g}" text-anchor="end" fill="{_INK}">'
                        f"{escape(name)}</text>")  # fmt: skip
    width = {"start": 1, "timer": 1.5, "end": 3}[box.node.kind]
    shape = f'<circle cx="{box.cx:g}" cy="{box.cy:g}" r="{box.w / 2:g}" fill="{fill}" stroke="{_INK}" stroke-width="{width}"/>'
    if box.node.kind == "timer":
        shape += f'<path d="M{box.cx:g} {box.cy - 9:g}V{box.cy:g}H{box.cx + 7:g}" fill="none" stroke="{_INK}"/>'
    return shape + _lines(name, box.cx, box.y + box.h + 14, 10, below=True)


def _lines(text: str, x: float, y: float, most: int, *, below: bool = False) -> str:
    """Text in one to three lines; Latin letters count half."""
    rows = wrap(text, most)
    top = y if below else y + 4 - 7.5 * (len(rows) - 1)
    return "".join(
        f'<text x="{x:g}" y="{top + 15 * index:g}" text-anchor="middle" fill="{_INK}">{escape(row)}</text>'
        for index, row in enumerate(rows[:3])
    )


def wrap(text: str, most: int) -> list[str]:
    """`text` in rows of about `most` Chinese characters (twice as many Latin ones); words are not broken."""
    rows, row, wide = [], "", 0.0
    for word in _words_of(text):
        size = sum(1.0 if ord(char) > 0x2E80 else 0.55 for char in word)
        if row and wide + size > most:
            rows.append(row.strip())
            row, wide = "", 0.0
        row, wide = row + word, wide + size
    return [*rows, row.strip()]


def _words_of(text: str) -> list[str]:
    """Chinese by the character, everything else by the word."""
    found: list[str] = []
    for char in text:
        latin = ord(char) <= 0x2E80 and char != " "
        if latin and found and found[-1] and ord(found[-1][-1]) <= 0x2E80 and found[-1][-1] != " ":
            found[-1] += char
        else:
            found.append(char)
    return found


def _line(line: Line) -> str:
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in line.points)
    return f'<path d="{path}" fill="none" stroke="{_LINE}" marker-end="url(#tip)"/>'


def _words(line: Line) -> str:
    x, y = line.label
    return f'<text x="{x:g}" y="{y:g}" fill="{_LINE}" font-size="11">{escape(str(line.edge.name))}</text>'


__all__ = ["LABEL", "draw", "wrap"]
