"""The end of a text: closing formula, annex line, agencies with their date, note (programmes.md §7.4)."""

from html import escape

from approvals.documents import typography as t
from approvals.documents.lines import Line, break_lines
from approvals.documents.metrics import printable
from approvals.documents.model import Sheet, Signature, day_words
from approvals.documents.placed import BLANK, at, flow, line, wide


def ending(sheet: Sheet) -> list[str]:
    """Closing formula, annex line, signature with date, note."""
    parts: list[str] = []
    if sheet.closing:
        parts += flow(sheet.closing)
    if sheet.annex_lines:
        parts.append(BLANK)
        for row in sheet.annex_lines:
            parts += _annex_line(row)
    if sheet.signature:
        parts += _signature(sheet.signature, specimen=sheet.specimen)
    if sheet.note:
        parts += flow(sheet.note)
    return parts


def _annex_line(text: str) -> list[str]:
    """An annex line, indented by two characters; what does not fit goes on under the first character of the name."""
    lead = "附件：" if text.startswith("附件：") else ""
    hang = 5 * t.CELL
    rows = break_lines(
        printable(text.removeprefix(lead), t.BODY), t.BODY, size=t.SAN, tight=t.TIGHT, room=t.WIDTH - hang
    )
    found = [line(row, t.BODY).replace("<div ", f'<div style="padding-left:{hang:.3f}pt" ', 1) for row in rows]
    if lead:
        found[0] = line(Line(((lead, t.TIGHT), *rows[0].pieces)), t.BODY).replace(
            "<div ", f'<div style="padding-left:{2 * t.CELL:.3f}pt" ', 1
        )
    return found


def _signature(sign: Signature, *, specimen: bool) -> list[str]:
    names = [printable(name, t.BODY) for name in sign.agencies]
    date = day_words(sign.dated)
    date_wide = wide(date)
    if not sign.sealed:
        return [BLANK, *_unsealed(names, date, date_wide)]
    # Two blank lines: the seal's top then lies within one line of the text (programmes.md §7.4).
    if len(names) <= 1:
        name = names[0] if names else ""
        centre = max(4 * t.CELL + date_wide / 2, wide(name) / 2)
        seal = (
            f'<div class="seal f-hei" style="right:{centre - 21 * t.PT_PER_MM:.3f}pt;top:{t.PITCH - 21:.3f}mm">样章</div>'
            if specimen
            else ""
        )
        return [
            BLANK, BLANK,
            f'<div class="sign">{_centred(name, centre)}{_from_right(date, 4 * t.CELL)}{seal}</div>',
        ]  # fmt: skip
    return [BLANK, BLANK, *_several(names), _from_right(date, 4 * t.CELL)]


def _several(names: list[str]) -> list[str]:
    """Agencies of a joint document side by side, at most three in a line, each over the place of its seal."""
    found, rest = [], list(names)
    while rest:
        count = min(3, len(rest))
        while count > 1 and max(wide(name) for name in rest[:count]) > t.WIDTH / count - t.CELL:
            count -= 1
        each = t.WIDTH / count
        cells = "".join(
            f'<span style="display:inline-block;width:{each:.3f}pt;text-align:center">{escape(name)}</span>'
            for name in rest[:count]
        )
        found.append(f'<div class="l">{cells}</div>')
        rest = rest[count:]
        if rest:
            # Seals do not touch (42 mm each).
            found += [BLANK, BLANK, BLANK]
    return found


def _unsealed(names: list[str], date: str, date_wide: float) -> list[str]:
    """The first agency two characters from the right, the date two characters right of its first character."""
    widest = max((wide(name) for name in names), default=0.0)
    left = t.WIDTH - 2 * t.CELL - widest
    date_left = left + 2 * t.CELL
    if date_left + date_wide > t.WIDTH - 2 * t.CELL:
        # A date that is longer than the agency moves both to the left.
        date_left = t.WIDTH - 2 * t.CELL - date_wide
        left = min(left, date_left - 2 * t.CELL)
    return [*(at(name, left) for name in names), at(date, date_left)]


def _centred(name: str, centre: float) -> str:
    """*name* centred over a point *centre* points from the right edge of the block."""
    return at(name, t.WIDTH - centre - wide(name) / 2)


def _from_right(text: str, free: float) -> str:
    return at(text, t.WIDTH - free - wide(text))
