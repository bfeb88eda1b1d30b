"""Nothing that was typed becomes a formula in a table people take away (trust.md H11)."""

import csv
import io

from openpyxl import Workbook, load_workbook

from pilots.views.listing import sheet_csv, workbook
from tests.hostile.payloads import FORMULAS


def test_xlsx_holds_texts_and_no_formula():
    answer = workbook("名单", ["名称", *FORMULAS], [[text, *FORMULAS] for text in FORMULAS])
    page = load_workbook(io.BytesIO(answer.content)).active
    kinds = {cell.data_type for row in page.iter_rows() for cell in row}
    assert kinds == {"s"}
    assert page["A2"].value == "=1+1"


def test_the_check_would_see_one():
    """The planted positive: what openpyxl makes of the same text by itself."""
    book = Workbook()
    book.active.append(["=1+1"])
    out = io.BytesIO()
    book.save(out)
    assert load_workbook(io.BytesIO(out.getvalue())).active["A1"].data_type == "f"


def test_csv_marks_what_a_spreadsheet_would_compute():
    answer = sheet_csv("名单", ["名称"], [[text] for text in FORMULAS])
    cells = [row[0] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))][1:]
    assert len(cells) == len(FORMULAS)
    for cell in cells:
        # Spreadsheets pass over blanks and marks that are not seen before they look for a sign.
        assert cell.startswith("'"), repr(cell)
    plain = sheet_csv("名单", ["名称"], [["徐汇区"], [5], [None]]).content.decode("utf-8-sig").splitlines()
    assert plain == ["名称", "徐汇区", "5", '""']
