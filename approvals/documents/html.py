"""A sheet as HTML for the closed engine: every line of text is placed, so that the grid is the grid (programmes.md §7.4)."""

from collections.abc import Iterable
from html import escape

from approvals.documents import typography as t
from approvals.documents.breaking import title_lines
from approvals.documents.ending import ending
from approvals.documents.head import head
from approvals.documents.lines import Line
from approvals.documents.metrics import printable
from approvals.documents.model import Annex, Block, Sheet, Table, cleaned
from approvals.documents.placed import BLANK, flow, line

# A signature never stands on a page without text: the last line of a body of more lines than this goes with it, and the
# closing formula always does.
KEPT = 2


def page_name(sheet: Sheet, *, bare: bool = False) -> str:
    """The named page of the style sheet: specimens say so at the top, letters have no number on their first page."""
    form = "bare" if bare else "letter" if sheet.form == "letter" else ""
    return "-".join(part for part in ("specimen" if sheet.specimen else "", form) if part) or "auto"


def html(sheet: Sheet, tail: str = "") -> str:
    """The whole page source; *tail* stands behind the last line (imprint and blank pages, see `pdf`)."""
    sheet = cleaned(sheet)
    moment = sheet.at.isoformat()
    parts = [*head(sheet), *_title(sheet.title, sheet.protected)]
    if sheet.form == "plain" and sheet.number:
        parts.append(f'<div class="l c">{escape(printable(sheet.number, t.BODY))}</div>')
    if sheet.addressee:
        parts += [BLANK, *flow(f"{sheet.addressee}：", indent=False)]
    elif sheet.form != "plain" or sheet.blocks:
        parts.append(BLANK)
    body = _blocks(sheet.blocks)
    end = ending(sheet)
    kept = body[-1:] if len(body) > KEPT and "<table" not in "".join(body[-1:]) else []
    parts += [*body[: len(body) - len(kept)], f'<div class="keep">{"".join((*kept, *end))}</div>']
    for index, annex in enumerate(sheet.annexes, 1):
        parts += _annex(sheet, annex, index)
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(sheet.title)}</title>'
        f'<meta name="dcterms.created" content="{moment}"><meta name="dcterms.modified" content="{moment}"></head>'
        f'<body class="f-{t.BODY}" style="page: {page_name(sheet)}">{"".join(parts)}<a id="end"></a>{tail}</body></html>'
    )


def _blocks(blocks: Iterable[Block]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            found.append(_table(block))
        else:
            role = t.LEVEL_FACES[block.level - 1] if block.level else t.BODY
            rows = flow(block.text, role, indent=block.indent)
            # A heading is not left behind on the page before its text.
            found += [row.replace('class="l', 'class="l h', 1) for row in rows] if block.level else rows
    return found


def _table(table: Table) -> str:
    cols = "".join(f'<col style="width:{part * 100 / sum(table.widths):.2f}%">' for part in table.widths)
    columns = len(table.head) or (len(table.rows[0]) if table.rows else 1)
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
        rows.append(f'<tr><td colspan="{columns}">{_cell(table.empty, t.BODY)}</td></tr>')
    small = " small" if columns > 3 else ""
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
