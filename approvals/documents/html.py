"""A sheet as HTML for the closed engine: every line of text is placed, so that the grid is the grid (programmes.md §7.4)."""

from collections.abc import Iterable
from html import escape

from approvals.documents import typography as t
from approvals.documents.breaking import title_lines
from approvals.documents.lines import Line, break_lines
from approvals.documents.metrics import printable, width
from approvals.documents.model import Annex, Block, Sheet, Signature, Table, day_words

BLANK = '<div class="l"> </div>'
# Lines of the body that stay together with the signature: a signature never stands alone on a page.
KEPT = 2


def page_name(sheet: Sheet, *, bare: bool = False) -> str:
    """The named page of the style sheet: specimens say so at the top, letters have no number on their first page."""
    form = "bare" if bare else "letter" if sheet.form == "letter" else ""
    return "-".join(part for part in ("specimen" if sheet.specimen else "", form) if part) or "auto"


def html(sheet: Sheet, tail: str = "") -> str:
    """The whole page source; *tail* stands behind the last line (imprint and blank pages, see `pdf`)."""
    moment = sheet.at.isoformat()
    parts = [*_head(sheet), *_title(sheet.title, sheet.protected)]
    if sheet.addressee:
        parts += [BLANK, *_flow(f"{sheet.addressee}：", indent=False)]
    elif sheet.form != "plain" or sheet.blocks:
        parts.append(BLANK)
    body = _blocks(sheet.blocks)
    end = _end(sheet)
    if end and len(body) > KEPT and not any("<table" in part for part in body[-KEPT:]):
        parts += [*body[:-KEPT], f'<div class="keep">{"".join(body[-KEPT:])}{"".join(end)}</div>']
    else:
        parts += [*body, f'<div class="keep">{"".join(end)}</div>']
    for index, annex in enumerate(sheet.annexes, 1):
        parts += _annex(sheet, annex, index)
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(sheet.title)}</title>'
        f'<meta name="dcterms.created" content="{moment}"><meta name="dcterms.modified" content="{moment}"></head>'
        f'<body class="f-{t.BODY}" style="page: {page_name(sheet)}">{"".join(parts)}<a id="end"></a>{tail}</body></html>'
    )


def line(item: Line, role: str, *more: str) -> str:
    """One placed line."""
    name = " ".join(("l", *((f"f-{role}",) if role != t.BODY else ()), *more))
    inner = "".join(
        escape(text) if spacing == t.TIGHT else f'<span style="letter-spacing:{spacing:.4f}pt">{escape(text)}</span>'
        for text, spacing in item.pieces
    )
    return f'<div class="{name}">{inner or " "}</div>'


def _flow(text: str, role: str = t.BODY, *, indent: bool = True) -> list[str]:
    """The lines of one paragraph."""
    free = 2 * t.CELL if indent else 0.0
    lines = break_lines(printable(text, role), role, size=t.SAN, tight=t.TIGHT, room=t.WIDTH, indent=free)
    found = [line(item, role) for item in lines]
    if indent:
        found[0] = found[0].replace("<div ", f'<div style="padding-left:{free:.3f}pt" ', 1)
    return found


def _blocks(blocks: Iterable[Block]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            found.append(_table(block))
        else:
            role = t.LEVEL_FACES[block.level - 1] if block.level else t.BODY
            found += _flow(block.text, role, indent=block.indent)
    return found


def _table(table: Table) -> str:
    cols = "".join(f'<col style="width:{part * 100 / sum(table.widths):.2f}%">' for part in table.widths)
    width_of = len(table.head) or (len(table.rows[0]) if table.rows else 1)
    head = "".join(f'<th class="f-hei">{_cell(text, t.HEI)}</th>' for text in table.head)
    rows = []
    for row in table.rows:
        cells = []
        for index, text in enumerate(row):
            centred = ' class="n"' if index in table.numbers else ""
            if not table.head and index == 0:
                cells.append(f'<th class="f-hei">{_cell(text, t.HEI)}</th>')
            else:
                cells.append(f"<td{centred}>{_cell(text, t.BODY)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    if not rows and table.empty:
        rows.append(f'<tr><td colspan="{width_of}">{_cell(table.empty, t.BODY)}</td></tr>')
    small = " small" if width_of > 3 else ""
    return (
        f'<div class="gap"></div><table class="grid{small}"><colgroup>{cols}</colgroup>'
        f'{f"<thead><tr>{head}</tr></thead>" if head else ""}<tbody>{"".join(rows)}</tbody></table><div class="gap"></div>'
    )


def _cell(text: str, role: str) -> str:
    return escape(printable(text, role)).replace("\n", "<br>")


def _title(text: str, known: Iterable[str]) -> list[str]:
    rows = title_lines(printable(text, t.TITLE), t.TITLE_MOST, known)
    return [f'<div class="l title f-{t.TITLE}">{escape(row)}</div>' for row in rows]


def _annex(sheet: Sheet, annex: Annex, index: int) -> list[str]:
    label = line(Line(((sheet.annex_label(index), t.TIGHT),)), t.HEI)
    return [
        f'<div class="page">{label}</div>',
        BLANK,
        *_title(annex.title, sheet.protected),
        BLANK,
        *_blocks(annex.blocks),
    ]


# --- The head ------------------------------------------------------------------------------------------------------


def _head(sheet: Sheet) -> list[str]:
    if sheet.form == "file":
        return _file_head(sheet)
    if sheet.form == "letter":
        return _letter_head(sheet)
    return [BLANK, BLANK] if sheet.number == "" else [BLANK, _number_line(sheet.number)]


def _number_line(number: str) -> str:
    return f'<div class="l c">{escape(number)}</div>'


def _file_head(sheet: Sheet) -> list[str]:
    """The mark with 文件, number (and signer), red rule: a whole number of lines, then the two blank lines of the title."""
    names = [printable(name, t.TITLE) for name in sheet.mark]
    rows, size = len(names), _mark_size(names)
    fixed = t.MARK_TOP + t.RULE_GAP + 3 * t.PITCH
    # One tall line where the name is short, as many lines of the pitch as there are names otherwise.
    count = 9 if rows == 1 and size * 1.2 > 1.3 * t.PITCH * t.PT_PER_MM else 7 + rows
    high = count * t.PITCH - fixed
    if rows == 1:
        mark = f'<div class="mark f-{t.TITLE}" style="height:{high:.3f}mm;line-height:{size:.2f}pt;font-size:{size:.2f}pt;letter-spacing:{_spread(names[0] + "文件", size):.2f}pt">{escape(names[0])}文件</div>'
    else:
        each = high / rows
        widest = max(width(name, t.TITLE, size) for name in sheet.agencies)
        mark = sheet.mark[0].removeprefix(sheet.agencies[0])
        cells = [_evenly(printable(name, t.TITLE), size, widest, mark) for name in sheet.agencies]
        cells[0] += f'<td class="word" rowspan="{rows}">文件</td>'
        body = "".join(f'<tr style="height:{each:.3f}mm">{cell}</tr>' for cell in cells)
        mark = f'<table class="marks f-{t.TITLE}" style="height:{high:.3f}mm;line-height:{each:.3f}mm;font-size:{size:.2f}pt;letter-spacing:0">{body}</table>'
    if sheet.signer:
        number = (
            f'<span class="left">{escape(sheet.number)}</span><span class="right">签发人：'
            f'<span class="f-{t.KAI}">{escape(printable(sheet.signer, t.KAI))}</span></span>'
        )
        centred = ""
    else:
        number, centred = escape(sheet.number), " c"
    return [
        f'<div class="head" style="height:{count * t.PITCH:.3f}mm;padding-top:{t.MARK_TOP}mm">{mark}'
        f'<div class="number{centred}" style="bottom:{t.RULE_GAP}mm">{number}</div><div class="rule"></div></div>',
        BLANK, BLANK,
    ]  # fmt: skip


def _evenly(name: str, size: float, widest: float, after: str) -> str:
    """A cell of a mark of several names: every name as wide as the widest, as marks of joint papers have it."""
    space = (widest - width(name, t.TITLE, size)) / max(len(name) - 1, 1)
    return f'<td><span style="letter-spacing:{space:.3f}pt">{escape(name[:-1])}</span>{escape(name[-1:] + after)}</td>'


def _mark_size(names: list[str]) -> float:
    """Points of the mark: as large as the width allows. Several names leave room for 文件 beside them."""
    longest = max((width(name, t.TITLE, 1.0) for name in names), default=1.0) + (2.0 if len(names) == 1 else 2.6)
    return min(60.0 if len(names) == 1 else 28.0, (t.WIDTH - 12.0) / longest)


def _spread(text: str, size: float) -> float:
    """Points between the characters of a short mark, so that it fills the line like the marks of real papers."""
    free = t.WIDTH * 0.92 - width(text, t.TITLE, size)
    return max(0.0, min(free / len(text), size * 0.35))


def _letter_head(sheet: Sheet) -> list[str]:
    name = printable(sheet.mark[0], t.TITLE)
    size = min(34.0, (t.WIDTH - 12.0) / width(name, t.TITLE, 1.0))
    top = t.LETTER_TOP - t.TOP
    rule = top + size / t.PT_PER_MM + t.RULE_GAP
    # The number lies under the first rule by 7/8 of the height of its characters.
    number = rule + 2 + t.SAN / t.PT_PER_MM * 7 / 8 - (t.PITCH - t.SAN / t.PT_PER_MM) / 2
    foot = t.PAGE[1] - t.TOP - t.LETTER_FOOT - 2
    return [
        f'<div class="head" style="height:{number + t.PITCH:.3f}mm">'
        f'<div class="mark f-{t.TITLE}" style="position:absolute;left:0;right:0;top:{top:.3f}mm;line-height:{size:.2f}pt;font-size:{size:.2f}pt;letter-spacing:{_spread(name, size):.2f}pt">{escape(name)}</div>'
        f'<div class="double thick-over" style="top:{rule:.3f}mm"></div>'
        f'<div class="double thin-over" style="top:{foot:.3f}mm"></div>'
        f'<div class="number r" style="top:{number:.3f}mm">{escape(sheet.number)}</div></div>',
        BLANK, BLANK,
    ]  # fmt: skip


# --- The end -------------------------------------------------------------------------------------------------------


def _end(sheet: Sheet) -> list[str]:
    """Closing formula, annex line, signature with date, note."""
    parts: list[str] = []
    if sheet.closing:
        parts += _flow(sheet.closing)
    if sheet.annex_lines:
        parts.append(BLANK)
        for row in sheet.annex_lines:
            parts += _annex_line(row)
    if sheet.signature:
        parts += _signature(sheet.signature, specimen=sheet.specimen)
    if sheet.note:
        parts += _flow(sheet.note)
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
    date_wide = _wide(date)
    if not sign.sealed:
        return [BLANK, *_unsealed(names, date, date_wide)]
    # Two blank lines: the seal's top then lies within one line of the text (programmes.md §7.4).
    if len(names) <= 1:
        name = names[0] if names else ""
        centre = max(4 * t.CELL + date_wide / 2, _wide(name) / 2)
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
        while count > 1 and max(_wide(name) for name in rest[:count]) > t.WIDTH / count - t.CELL:
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
    widest = max((_wide(name) for name in names), default=0.0)
    left = t.WIDTH - 2 * t.CELL - widest
    date_left = left + 2 * t.CELL
    if date_left + date_wide > t.WIDTH - 2 * t.CELL:
        # A date that is longer than the agency moves both to the left.
        date_left = t.WIDTH - 2 * t.CELL - date_wide
        left = min(left, date_left - 2 * t.CELL)
    rows = [f'<div class="l" style="padding-left:{left:.3f}pt">{escape(name)}</div>' for name in names]
    return [*rows, f'<div class="l" style="padding-left:{date_left if names else date_left:.3f}pt">{date}</div>']


def _centred(name: str, centre: float) -> str:
    """*name* centred over a point *centre* points from the right edge of the block."""
    start = t.WIDTH - centre - _wide(name) / 2
    return f'<div class="l" style="padding-left:{max(start, 0):.3f}pt">{escape(name)}</div>'


def _from_right(text: str, free: float) -> str:
    start = t.WIDTH - free - _wide(text)
    return f'<div class="l" style="padding-left:{start:.3f}pt">{escape(text)}</div>'


def _wide(text: str) -> float:
    return width(text, t.BODY, t.SAN, t.TIGHT)
