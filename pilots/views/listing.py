"""What all lists share: filters that forgive, an order that is total, a table to take away."""

import csv
from io import BytesIO, StringIO
from typing import NamedTuple

from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

PAGE = 20
# A sheet for people, not an archive; more rows than this are a job for the API.
MOST_ROWS = 5000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def dropped_filters(form):
    """(values that hold, sentences about those that do not): a bad filter costs a note, not the page."""
    form.is_valid()
    chosen = getattr(form, "cleaned_data", {})
    notes = [_("筛选条件“%(label)s”的值无效，已忽略。") % {"label": form.fields[name].label} for name in form.errors]
    return chosen, notes


def ordering(request, keys, default):
    """(sort key as in the address, ORM ordering). Unknown keys fall back; the key makes the order total."""
    wanted = request.GET.get("sort", "")
    if wanted.removeprefix("-") not in keys:
        wanted = default
    columns = keys[wanted.removeprefix("-")]
    down = wanted.startswith("-")
    return wanted, [*(f"-{column}" if down else column for column in columns), "-pk" if down else "pk"]


class Leaf(NamedTuple):
    """What a sheet says of itself: the name of its second sheet, lines (label, words), the foot of printed pages."""

    name: str
    lines: list
    foot: str


def workbook(name, headings, rows, *, leaf=None):
    """An XLSX download. Every text is written as text: nothing typed by an applicant becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    if leaf is not None:
        # "&" begins a code in headers and footers.
        sheet.oddFooter.left.text = ILLEGAL_CHARACTERS_RE.sub("", leaf.foot).replace("&", "&&")[:200]
    sheet.append([_text(sheet, heading) for heading in headings])
    for row in rows:
        sheet.append([_text(sheet, cell) if isinstance(cell, str) else cell for cell in row])
    if leaf is not None:
        second = book.create_sheet(leaf.name[:31])
        for label, words in leaf.lines:
            second.append([_text(second, label), _text(second, words)])
    out = BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{slugify(name, allow_unicode=False) or "list"}.xlsx"'
    return response


def sheet_csv(name, headings, rows):
    """The same as CSV, for programs. Text that a spreadsheet would take for a formula is marked as text."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerows([headings, *([_harmless(cell) for cell in row] for row in rows)])
    # Spreadsheets know UTF-8 by its mark only.
    response = HttpResponse(out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(name, allow_unicode=False) or "list"}.csv"'
    return response


def _harmless(cell):
    text = "" if cell is None else str(cell)
    # Spreadsheets pass over blanks and unseen marks, and turn full-width signs into plain ones.
    seen = text.lstrip(" \u00a0\u3000\u200b\ufeff")
    return f"'{text}" if seen[:1] in "=+-@＝＋－＠\t\r\n" and seen else text


def _text(sheet, value):
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type = "s"
    return cell
