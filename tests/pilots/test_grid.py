"""The one reader of sheets that are read row by row."""

import io

import pytest
from openpyxl import Workbook

from pilots.sheets import grid
from tests.pilots.test_pages_uploads import packed


def book(rows):
    made, out = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(out)
    return out.getvalue()


ROWS = [["账号", "角色"], ["zhang", "局领导"]]
TEXT = "账号,角色\r\nzhang,局领导\r\n"


@pytest.mark.parametrize("name", ["表.xlsx", "表.XLSX", "其实是工作簿.csv", "没有后缀"])
def test_a_workbook_is_known_whatever_it_is_called(name):
    assert grid.rows(name, book(ROWS), most=10, columns=5) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_in_use(encoding):
    assert grid.rows("表.csv", TEXT.encode(encoding), most=10, columns=5) == ROWS


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.csv", b"\xff\xfe\x00\x81", "编码"),
        ("a.csv", ("x" * 200_000).encode(), "格式有误"),
        ("a.xlsx", b"PK\x03\x04nothing", "损坏"),
        ("a.csv", b"PK\x03\x04nothing", "损坏"),
        ("a.xlsx", packed(("a.txt", b"x")), "不是可读的 XLSX"),
    ],
)
def test_what_cannot_be_read_says_why(name, data, why):
    with pytest.raises(grid.Unreadable, match=why):
        grid.rows(name, data, most=10, columns=5)
