"""Geometry of the flow picture: boxes on a grid of columns and lanes, edges in the channels between.

Pure functions; lengths are user units of the viewBox. ``templates.pictures`` offers them to pages.
"""

from dataclasses import dataclass, field

BOX_W, BOX_H, PITCH_X, PITCH_Y, EDGE = 78, 36, 118, 84, 12


@dataclass
class Box:
    """One state: top-left corner, centre, class and the lines of its label."""

    code: str
    lines: list
    col: int
    lane: int
    kind: str
    x: float
    y: float
    cx: float
    cy: float
    ports: dict = field(default_factory=lambda: {"top": [], "bottom": []})


def wrap_label(label, limit=6):
    """Return ``label`` in one or two lines of about ``limit`` characters."""
    label = str(label)
    if len(label) <= limit:
        return [label]
    half = -(-len(label) // 2)
    return [label[:half], label[half:]]


def port_x(box, side, key):
    """Return where an edge leaves or enters a side: ports share the side evenly."""
    ports = box.ports[side]
    return box.cx + (ports.index(key) - (len(ports) - 1) / 2) * min(22, BOX_W / (len(ports) + 1))


def free_slot(taken, left, right):
    """Return the first channel slot in which ``left…right`` meets nothing, and take it."""
    slot = 0
    while any(a < right + 10 and left - 10 < b for a, b in taken.setdefault(slot, [])):
        slot += 1
    taken[slot].append((left, right))
    return slot


def flow(states, edges):
    """Return ``{"boxes", "paths", "box_w", "box_h", "width", "height"}`` of a flow picture.

    ``states``: ``{"code", "label", "col", "lane", "kind"}`` with kind done, now, todo or bad;
    lane 0 is the main line, larger lanes hang below it, -1 stands above it.
    ``edges``: ``{"from", "to", "label"?, "kind"?}`` with kind done, todo or back. Edges that name an
    unknown state raise KeyError: a picture of a wrong table must not look right.
    """
    top = min((s.get("lane", 0) for s in states), default=0)
    boxes = {}
    for s in states:
        lane = s.get("lane", 0) - top
        x, y = EDGE + s["col"] * PITCH_X, EDGE + 22 + lane * PITCH_Y
        boxes[s["code"]] = Box(
            s["code"],
            wrap_label(s["label"]),
            s["col"],
            lane,
            s.get("kind", "todo"),
            x,
            y,
            x + BOX_W / 2,
            y + BOX_H / 2,
        )
    plans = []
    for i, edge in enumerate(edges):
        a, b = boxes[edge["from"]], boxes[edge["to"]]
        straight = a.lane == b.lane and abs(a.col - b.col) == 1 and a.col < b.col
        if straight:
            sides = None
        elif a.lane == b.lane:
            sides = ("top", "top")
        else:
            sides = ("bottom", "top") if a.lane < b.lane else ("top", "bottom")
        if sides:
            a.ports[sides[0]].append((i, b.cx, 0))
            b.ports[sides[1]].append((i, a.cx, 1))
        plans.append((i, edge, a, b, sides))
    for box in boxes.values():
        for ports in box.ports.values():
            ports.sort(key=lambda p: (p[1], p[2], p[0]))
    taken = {}
    paths = [draw_edge(plan, taken) for plan in plans]
    width = EDGE * 2 + max((s["col"] for s in states), default=0) * PITCH_X + BOX_W
    lanes = max((b.lane for b in boxes.values()), default=0)
    return {
        "boxes": list(boxes.values()),
        "paths": paths,
        "box_w": BOX_W,
        "box_h": BOX_H,
        "width": width,
        "height": EDGE * 2 + 22 + lanes * PITCH_Y + BOX_H,
    }


def draw_edge(plan, taken):
    """Return one edge as ``{"d", "label", "x", "y", "side", "kind"}``; ``taken`` keeps channels apart."""
    i, edge, a, b, sides = plan
    kind, label = edge.get("kind", "todo"), str(edge.get("label", ""))
    if sides is None:
        d = f"M{a.x + BOX_W:g} {a.cy:g}H{b.x - 2:g}"
        # a long word does not fit between two boxes: it stands above them
        y = a.cy - 7 if len(label) <= 3 else a.y - 6
        return {"d": d, "label": label, "kind": kind, "side": "mid", "x": (a.x + BOX_W + b.x - 4) / 2, "y": y}
    x1 = port_x(a, sides[0], (i, b.cx, 0))
    x2 = x1 if a.col == b.col else port_x(b, sides[1], (i, a.cx, 1))
    if a.lane == b.lane:
        channel, y1, y2, gap = a.lane - 1, a.y, b.y - 2, -1
    elif a.lane < b.lane:
        channel, y1, y2, gap = b.lane - 1, a.y + BOX_H, b.y - 2, 0
    else:
        channel, y1, y2, gap = a.lane - 1, a.y, b.y + BOX_H + 2, 0
    if a.col == b.col and a.lane != b.lane:
        return {
            "d": f"M{x1:g} {y1:g}V{y2:g}",
            "label": label,
            "kind": kind,
            "side": "start",
            "x": x1 + 5,
            "y": (y1 + 17) if y2 > y1 else (y1 - 9),
        }
    slot = free_slot(taken.setdefault(channel, {}), min(x1, x2), max(x1, x2))
    middle = EDGE + 22 + channel * PITCH_Y + BOX_H + (36 if gap else 14) + (-12 if gap else 12) * slot
    return {
        "d": f"M{x1:g} {y1:g}V{middle:g}H{x2:g}V{y2:g}",
        "label": label,
        "kind": kind,
        "side": "mid",
        "x": (x1 + x2) / 2,
        "y": middle + 4,
    }
