"""Workbooks are opened in a child process that may use so much, and knows nothing (trust.md H2)."""

import io
import resource
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from accounts import confined
from pilots.sheets import child, workbook
from pilots.sheets.workbook import Unreadable, open_book
from tests.hostile.test_bombs import sparse
from tests.pilots.test_pages_uploads import packed


def saved(rows, title="表"):
    book = Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_every_kind_of_value_comes_back_as_it_was():
    # A sheet knows no zones.
    moment, midnight = datetime(2017, 3, 7, 9, 30), datetime(2017, 3, 8)  # noqa: DTZ001
    rows = [["文字", 1, 2.5, True, moment, date(2017, 3, 8)], [None, "=1+1"]]
    book = open_book(saved(rows), rows=10, columns=10, computed=False)
    assert book.sheetnames == ["表"]
    first, second = book.rows()
    assert first == ["文字", 1, 2.5, True, moment, midnight]
    assert second == [None, "=1+1"]
    assert [(cell.row, cell.column, cell.data_type) for cell in book.cells("表")][-1] == (2, 2, "f")


def test_only_what_was_asked_for_is_read():
    data = saved([[n] * 50 for n in range(200)])
    page = open_book(data, rows=20, columns=3).rows()
    assert (len(page), len(page[0])) == (20, 3)
    assert open_book(data, rows=5, columns=5, sheets=["没有这张"]).rows() == []


def test_a_sheet_that_names_the_last_cell_of_all_costs_what_was_asked_for():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    open_book(sparse(), rows=100, columns=50)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < workbook.CPU_SECONDS / 2


def test_what_takes_too_long_is_ended_and_refused():
    """The last cell of the last row, all of them asked for: 17 milliard cells."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(Unreadable):
        open_book(sparse(), rows=1048576, columns=16384, cpu=1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < workbook.CPU_SECONDS / 2


def test_what_takes_too_much_is_ended_and_refused():
    """Fifteen million letters, which are let in where there is room for them: the planted positive."""
    large = saved([["字" * 30_000] for _n in range(500)])
    assert len(open_book(large, rows=1000, columns=1).rows()) == 500
    with pytest.raises(Unreadable):
        open_book(large, rows=1000, columns=1, memory=60 * 1024 * 1024)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x00" * 1000, b"<html>"])
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(Unreadable):
        open_book(data, rows=10, columns=10)


@pytest.mark.parametrize("entity", ['"aa"', 'SYSTEM "file:///etc/hostname"', 'SYSTEM "http://127.0.0.1:9/"'])
def test_a_sheet_that_names_entities_is_refused(entity):
    """Whatever they stand for: what is put into a cell, a file of the machine, an address in the network (trust.md H3)."""

    def with_(head):
        with zipfile.ZipFile(io.BytesIO(saved([["x", "y"]]))) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        body = members["xl/worksheets/sheet1.xml"]
        start = body.index(b"<worksheet")
        members["xl/worksheets/sheet1.xml"] = body[:start] + head.encode() + body[start:]
        return packed(*members.items())

    assert open_book(with_("<!-- nothing -->"), rows=5, columns=5).rows() == [["x", "y"]], "the planted positive"
    with pytest.raises(Unreadable):
        open_book(with_(f"<!DOCTYPE x [<!ENTITY a {entity}>]>"), rows=5, columns=5)


def test_too_much_text_is_refused(monkeypatch):
    monkeypatch.setattr(child, "MOST_CHARACTERS", 100)
    wanted = {"computed": True, "sheets": None, "rows": 100, "columns": 5}
    assert child.look(saved([["字" * 50]] * 3), wanted) == {"fault": "too much text"}
    assert "fault" not in child.look(saved([["字" * 50]]), wanted)


def test_the_child_is_told_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "planted")
    assert "planted" not in str(confined.environment("/tmp"))
