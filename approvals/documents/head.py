"""The head of a sheet: mark, number, signer, red rules (programmes.md §7.4)."""

from html import escape

from approvals.documents import typography as t
from approvals.documents.metrics import printable, width
from approvals.documents.model import Sheet
from approvals.documents.placed import BLANK


def head(sheet: Sheet) -> list[str]:
    """Everything above the title."""
    if sheet.form == "file":
        return _file_head(sheet)
    if sheet.form == "letter":
        return _letter_head(sheet)
    return [BLANK, BLANK]


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
            f'<span class="left">{_number(sheet)}</span><span class="right">签发人：'
            f'<span class="f-{t.KAI}">{escape(printable(sheet.signer, t.KAI))}</span></span>'
        )
        centred = ""
    else:
        number, centred = _number(sheet), " c"
    return [
        f'<div class="head" style="height:{count * t.PITCH:.3f}mm;padding-top:{t.MARK_TOP}mm">{mark}'
        f'<div class="number{centred}" style="bottom:{t.RULE_GAP}mm">{number}</div><div class="rule"></div></div>',
        BLANK, BLANK,
    ]  # fmt: skip


def _evenly(name: str, size: float, widest: float, after: str) -> str:
    """A cell of a mark of several names: every name as wide as the widest, as marks of joint papers have it."""
    space = (widest - width(name, t.TITLE, size)) / max(len(name) - 1, 1)
    return f'<td><span style="letter-spacing:{space:.3f}pt">{escape(name[:-1])}</span>{escape(name[-1:] + after)}</td>'


def _number(sheet: Sheet) -> str:
    return escape(printable(sheet.number, t.BODY))


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
        f'<div class="number r" style="top:{number:.3f}mm">{_number(sheet)}</div></div>',
        BLANK, BLANK,
    ]  # fmt: skip
