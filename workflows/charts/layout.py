"""Where everything of a chart stands: lanes as rows, the road from left to right, edges at right angles."""

from __future__ import annotations

from dataclasses import dataclass

from .chart import Chart, Edge, Node

COLUMN, ROW, LABEL, MARGIN = 150, 110, 130, 20
# How many edges have taken a channel already.
Slots = dict[tuple[str, int], int]
SIZES = {"task": (110, 60), "gateway": (46, 46), "start": (36, 36), "end": (36, 36), "timer": (36, 36)}


@dataclass(frozen=True)
class Box:
    """A node with its corner and size, in pixels."""

    node: Node
    x: float
    y: float
    w: float
    h: float

    @property
    def cx(self) -> float:
        return self.x + self.w / 2

    @property
    def cy(self) -> float:
        return self.y + self.h / 2


@dataclass(frozen=True)
class Line:
    """An edge as the points it passes, and where its words stand."""

    edge: Edge
    points: tuple[tuple[float, float], ...]
    label: tuple[float, float]


@dataclass(frozen=True)
class Layout:
    boxes: dict[str, Box]
    lines: list[Line]
    # Top and height of each lane.
    lanes: dict[str, tuple[float, float]]
    width: float
    height: float


def lay_out(chart: Chart) -> Layout:
    """The places of a chart. Two nodes of one lane and column stand side by side."""
    columns = _columns(chart)
    lanes = {lane: (float(MARGIN + index * ROW), float(ROW)) for index, lane in enumerate(chart.lanes)}
    boxes = {}
    for node in chart.nodes.values():
        w, h = SIZES[node.kind]
        # An end beside a question stands close to it, off the columns in which the road goes up and down.
        near = 0.32 * COLUMN if node.kind == "end" and node.lane != "end" else 0
        middle = MARGIN + LABEL + columns[node.id] * COLUMN + COLUMN / 2 - near
        top = lanes[node.lane][0]
        boxes[node.id] = Box(node, middle - w / 2, top + (ROW - h) / 2, w, h)
    last = max(columns.values())
    taken: Slots = {}
    cornered = {edge.source for edge in chart.edges if boxes[edge.target].node.kind == "end"
                and boxes[edge.source].cy == boxes[edge.target].cy}  # fmt: skip
    lines = [_line(edge, boxes, taken, cornered=edge.source in cornered) for edge in chart.edges]
    return Layout(boxes, lines, lanes, MARGIN * 2 + LABEL + (last + 1) * COLUMN, MARGIN * 2 + ROW * len(lanes))


def _columns(chart: Chart) -> dict[str, int]:
    """The column of every node; where lane and column are taken already, everything to the right moves on by one."""
    wanted = sorted(chart.nodes.values(), key=lambda node: node.column)
    shift, found, before = 0, {}, -1
    used: set[tuple[str, int]] = set()
    for node in wanted:
        column = node.column + shift
        if (node.lane, column) in used:
            shift += 1
            column += 1
        used.add((node.lane, column))
        found[node.id] = column
        before = max(before, column)
    return found


def _line(edge: Edge, boxes: dict[str, Box], taken: Slots, *, cornered: bool) -> Line:
    a, b = boxes[edge.source], boxes[edge.target]
    points: tuple[tuple[float, float], ...]
    if a.cy == b.cy and a.cx < b.cx and b.cx - a.cx <= COLUMN * 1.5:
        points = ((a.x + a.w, a.cy), (b.x, b.cy))
        return Line(edge, points, ((a.x + a.w + b.x) / 2, a.cy - 6))
    if a.cx == b.cx:
        down = a.cy < b.cy
        points = ((a.cx, a.y + a.h if down else a.y), (b.cx, b.y if down else b.y + b.h))
        return Line(edge, points, (a.cx + 6, (points[0][1] + points[1][1]) / 2))
    if a.cx < b.cx and cornered and b.node.kind != "end" and a.cy != b.cy:
        # The right-hand corner of a question belongs to the end beside it: the road leaves below or above.
        side = a.y + a.h if a.cy < b.cy else a.y
        points = ((a.cx, side), (a.cx, b.cy), (b.x, b.cy))
        return Line(edge, points, (a.cx + 6, side + (26 if a.cy < b.cy else -8)))
    if b.node.lane == "end" and a.cx < b.cx:
        # Outcomes stand in a row of their own: along the lane, then down to each.
        points = ((a.x + a.w, a.cy), (b.cx, a.cy), (b.cx, b.y))
        return Line(edge, points, (b.cx + 6, b.y - 8))
    if a.cx < b.cx:
        # Out to the right, then up or down in the channel before the target.
        turn = b.x - 16 - 6 * _slot(taken, ("in", round(b.x)))
        points = ((a.x + a.w, a.cy), (turn, a.cy), (turn, b.cy), (b.x, b.cy))
        return Line(edge, points, (min(a.x + a.w + 8, turn), a.cy - 6))
    # Back: over the top of the source's lane, and down onto the target.
    top = min(a.y, b.y) - 12 - 5 * _slot(taken, ("back", round(b.y)))
    points = ((a.cx, a.y), (a.cx, top), (b.cx, top), (b.cx, b.y))
    return Line(edge, points, ((a.cx + b.cx) / 2, top - 3))


def _slot(taken: Slots, key: tuple[str, int]) -> int:
    taken[key] = taken.get(key, -1) + 1
    return taken[key] % 4
