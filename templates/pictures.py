"""Geometry of the server-side pictures. Pure functions: data in, numbers and class names out.

Nothing here knows HTML or colours by value; classes are given meaning in app.css. Lengths of the
flow picture (its own module) are user units; all other pictures use percentages, so that their
text keeps its size on a phone.
"""

import calendar
import datetime
from dataclasses import dataclass

from templates.flow_picture import BOX_H, BOX_W, flow, wrap_label

__all__ = [
    "BOX_H",
    "BOX_W",
    "CITIES",
    "OUTSIDE",
    "STEPS",
    "TILES",
    "Tile",
    "contrast",
    "flow",
    "funnel",
    "luminance",
    "month_grid",
    "percent_of",
    "step_of",
    "term_chart",
    "tile_map",
    "wrap_label",
]

# --- Contrast (WCAG 2.2, "relative luminance" and "contrast ratio") ---------------------------


def luminance(colour):
    """Return the relative luminance 0–1 of ``#rrggbb``."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast ratio 1–21 of two ``#rrggbb`` colours, in either order."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# --- Tile map of the provinces -----------------------------------------------------------------

#: code (GB/T 2260, first two digits; 66 for the XPCC), short name, column, row. Our own 9×8 grid:
#: tiles have no borders, so the map draws no boundary.
TILES = (
    ("23", "黑龙江", 8, 0),
    ("15", "内蒙古", 6, 1),
    ("22", "吉林", 8, 1),
    ("66", "兵团", 0, 2),
    ("65", "新疆", 1, 2),
    ("62", "甘肃", 3, 2),
    ("64", "宁夏", 4, 2),
    ("14", "山西", 5, 2),
    ("11", "北京", 6, 2),
    ("12", "天津", 7, 2),
    ("21", "辽宁", 8, 2),
    ("63", "青海", 2, 3),
    ("61", "陕西", 4, 3),
    ("41", "河南", 5, 3),
    ("13", "河北", 6, 3),
    ("37", "山东", 7, 3),
    ("54", "西藏", 1, 4),
    ("51", "四川", 3, 4),
    ("50", "重庆", 4, 4),
    ("42", "湖北", 5, 4),
    ("34", "安徽", 6, 4),
    ("32", "江苏", 7, 4),
    ("31", "上海", 8, 4),
    ("53", "云南", 3, 5),
    ("52", "贵州", 4, 5),
    ("43", "湖南", 5, 5),
    ("36", "江西", 6, 5),
    ("33", "浙江", 7, 5),
    ("45", "广西", 4, 6),
    ("44", "广东", 5, 6),
    ("35", "福建", 6, 6),
    ("71", "台湾", 8, 6),
    ("46", "海南", 4, 7),
    ("82", "澳门", 5, 7),
    ("81", "香港", 6, 7),
)
#: Outside the reach of this system; drawn dashed and never linked.
OUTSIDE = frozenset({"71", "81", "82"})
#: The five cities listed separately in the state plan: they recommend on their own.
CITIES = (("2102", "大连"), ("3302", "宁波"), ("3502", "厦门"), ("3702", "青岛"), ("4403", "深圳"))
#: Number of colour steps, 0 (nothing) to 5 (most).
STEPS = 5


def step_of(value, top):
    """Return the colour step 0–5 of ``value`` where ``top`` is the largest value on the map."""
    if not value or top <= 0:
        return 0
    return max(1, min(STEPS, -(-STEPS * value // top)))


@dataclass(frozen=True)
class Tile:
    """One square: ``step`` 0–5, or ``outside`` when the place is not served."""

    code: str
    name: str
    col: int
    row: int
    value: int
    step: int
    outside: bool = False


def tile_map(counts):
    """Return ``{"tiles", "cities", "ranked", "top"}`` for ``{code: count}``.

    Tiles come in reading order (row, then column), ``ranked`` holds every place with a count,
    largest first, for the table beside the map.
    """
    known = [code for code, *_rest in TILES if code not in OUTSIDE] + [c for c, _n in CITIES]
    top = max((counts.get(code, 0) for code in known), default=0)
    tiles = [
        Tile(code, name, col, row, counts.get(code, 0), step_of(counts.get(code, 0), top), code in OUTSIDE)
        for code, name, col, row in sorted(TILES, key=lambda t: (t[3], t[2]))
    ]
    cities = [
        Tile(code, name, i, 0, counts.get(code, 0), step_of(counts.get(code, 0), top))
        for i, (code, name) in enumerate(CITIES)
    ]
    ranked = sorted((t for t in tiles + cities if t.value and not t.outside), key=lambda t: (-t.value, t.code))
    return {"tiles": tiles, "cities": cities, "ranked": ranked, "top": top}


# --- Funnel ------------------------------------------------------------------------------------


def funnel(rows):
    """Return rows with ``width`` (percent of the first row) and ``share`` (percent of the row above).

    ``rows``: ``{"label", "value", "note"?, "url"?}``. ``share`` is None for the first row and where
    the row above is zero. ``inside`` says whether the number fits into its bar.
    """
    drawn, first, above = [], None, None
    for row in rows:
        value = row["value"]
        first = value if first is None else first
        width = round(100 * value / first, 1) if first else 0
        share = None if not above else round(100 * value / above)
        drawn.append({**row, "width": min(width, 100), "share": share, "inside": width >= 18})
        above = value
    return drawn


# --- Three-year terms --------------------------------------------------------------------------


def percent_of(day, start, end):
    """Return the position of ``day`` between two days as a percentage, kept within 0–100."""
    span = (end - start).days or 1
    return round(min(100, max(0, 100 * (day - start).days / span)), 2)


def term_chart(sites, today):
    """Return ``{"rows", "years", "today"}`` with positions in percent of the whole span.

    ``sites``: ``{"label", "note"?, "url"?, "start", "end", "points": [{"on", "label"}], "tone"?}``
    (dates; without an end the bar runs to the edge). The span covers whole years from the first start to the last end
    or point.
    """
    days = [d for s in sites for d in (s["start"], s["end"] or s["start"], *(p["on"] for p in s["points"]))]
    days.append(today)
    start = datetime.date(min(days).year, 1, 1)
    end = datetime.date(max(days).year + 1, 1, 1)
    years = [
        {
            "label": y,
            "x": percent_of(datetime.date(y, 1, 1), start, end),
            "mid": percent_of(datetime.date(y, 7, 2), start, end),
        }
        for y in range(start.year, end.year)
    ]
    rows = []
    for site in sites:
        left = percent_of(site["start"], start, end)
        right = percent_of(site["end"] or end, start, end)
        points = [{**p, "x": percent_of(p["on"], start, end), "past": p["on"] < today} for p in site["points"]]
        rows.append(
            {
                **site,
                "x": left,
                "width": round(right - left, 2),
                "points": points,
                "over": site["end"] is not None and site["end"] < today,
                "open": site["end"] is None,
            }
        )
    return {"rows": rows, "years": years, "today": percent_of(today, start, end)}


# --- Month calendar ----------------------------------------------------------------------------


def month_grid(year, month, items=(), *, today=None, off=None, work=None):
    """Return weeks (Monday first) of ``{"date", "inside", "today", "off", "name", "items"}``.

    ``off`` maps holidays to their names, ``work`` is the set of made-up working days; without them
    Saturday and Sunday are off. ``items``: ``{"date", "label", "url", "tone"}``.
    """
    off, work = off or {}, work or ()
    by_day = {}
    for item in items:
        by_day.setdefault(item["date"], []).append(item)
    weeks = []
    for week in calendar.Calendar(firstweekday=0).monthdatescalendar(year, month):
        weeks.append(
            [
                {
                    "date": day,
                    "inside": day.month == month,
                    "today": day == today,
                    "off": day in off or (day.weekday() >= 5 and day not in work),
                    "made_up": day in work,
                    "name": off.get(day, ""),
                    "items": by_day.get(day, []),
                }
                for day in week
            ]
        )
    return weeks
