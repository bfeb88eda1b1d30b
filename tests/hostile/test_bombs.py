"""Files that grow without end are refused before anything reads them (trust.md H2, H3)."""

import time
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from pilots import uploads
from pilots.sheets import read
from pilots.sheets.read import NotThisForm
from tests.pilots.test_pages_uploads import packed

ANY = uploads.Limits(("zip", "xlsx", "docx"), 20)
QUICK = 0.1
_TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


BOMBS = {
    "one file of 200 MB": ("a.zip", packed(("a.txt", bytes(200 * 1024 * 1024)))),
    "many members": ("a.zip", packed(*((f"{n}.txt", b"") for n in range(2500)))),
    "a zip in a zip": ("a.zip", packed(("b.zip", packed(("c.txt", b"x"))))),
    "a sheet of 200 MB": ("a.xlsx", packed(("[Content_Types].xml", _TYPES), ("xl/workbook.xml", bytes(200 * 1024 * 1024)))),
    "a sheet with macros": ("a.xlsx", packed(("[Content_Types].xml", _TYPES), ("xl/workbook.xml", b"<x/>"), ("xl/vbaProject.bin", b"x"))),
    "not a zip at all": ("a.zip", b"PK\x03\x04" + bytes(1000)),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name):
    file, data = BOMBS[name]
    given, began = SimpleUploadedFile(file, data), time.process_time()
    with pytest.raises(ValidationError):
        uploads.read(given, ANY)
    assert time.process_time() - began < QUICK


def test_a_file_as_it_should_be_is_let_in():
    """The planted positive: the refusals above are about what is inside."""
    assert uploads.read(SimpleUploadedFile("a.zip", packed(("a.txt", b"x"))), ANY).format == "zip"


_ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
_BOOK = b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets></workbook>'
_SHEET = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{_ROW}</sheetData></worksheet>'
_RELS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
_LAUGH = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><workbook>&b;</workbook>'


_MAIN = b'<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'


def sparse():
    """A few kilobytes that name the last cell of the last row."""
    types = _TYPES.replace(b"/>", b">" + _MAIN)
    return packed(("[Content_Types].xml", types), ("xl/workbook.xml", _BOOK), ("xl/_rels/workbook.xml.rels", _RELS),
                  ("xl/worksheets/sheet1.xml", _SHEET.encode()))  # fmt: skip


@pytest.mark.parametrize(
    "data", [sparse(), packed(("[Content_Types].xml", _TYPES), ("xl/workbook.xml", _LAUGH))], ids=["sparse", "entities"]
)
def test_a_workbook_that_grows_when_it_is_read_costs_no_time(data, world):
    _walk, application = world.application(to="draft")
    began = time.process_time()
    try:
        found = read.read(application, SimpleUploadedFile("a.xlsx", data))
    except (NotThisForm, ValidationError):
        found = SimpleNamespace(faults=["refused"])
    assert found.faults
    assert time.process_time() - began < 1
