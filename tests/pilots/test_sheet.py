"""The form as a workbook: made from the rules, read back cell by cell, hostile files refused."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from pilots.drafting import save_section
from pilots.models import Application
from pilots.sheets.layout import CODES, sheets
from pilots.sheets.read import NotThisForm, read
from pilots.sheets.write import template


@pytest.fixture
def draft(world, stand):
    walk, application = world.application(to="draft")
    stand(walk.at)
    return walk, Application.objects.select_related(*Application.related).get(pk=application.pk)


def book_of(application, walk):
    return load_workbook(io.BytesIO(template(application, walk.at)))


def as_file(book, name="form.xlsx"):
    data = book if isinstance(book, bytes) else _bytes(book)
    return SimpleUploadedFile(name, data)


def _bytes(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def slot(application, section, field, part="", line=None):
    for sheet in sheets(application.rules):
        if sheet.section.code == section:
            for one in sheet.slots:
                if one.spec.code == field and one.part == part and one.line == line:
                    return sheet.title, one.cell
    raise LookupError(field)


def put(book, where, value):
    title, cell = where
    book[title][cell] = value


def test_the_workbook_is_the_form_and_changes_nothing_when_brought_back(draft):
    walk, application = draft
    book = book_of(application, walk)
    assert len(book.sheetnames) == len(application.rules.sections) + 1
    assert book[CODES].sheet_state == "hidden"
    title, _cell = slot(application, "overview", "area_kind")
    assert book[title].data_validations.dataValidation
    reading = read(application, as_file(book))
    assert (reading.faults, reading.differences) == ([], [])


def test_changes_are_named_by_cell(draft):
    walk, application = draft
    book = book_of(application, walk)
    where = slot(application, "goals", "indicators", "baseline", "service_firms")
    before = application.answers["goals"]["indicators"]["service_firms"]["baseline"]
    put(book, where, 15)
    put(book, slot(application, "overview", "area_kind"), "市辖区")
    put(book, slot(application, "goals", "positioning"), "代理服务、法律服务")
    put(book, slot(application, "work_plan", "start_planned"), "2018-05-01")
    put(book, slot(application, "foundation", "policies", "policy_title", 1), "第二份文件")
    found = {one.field: one for one in read(application, as_file(book)).differences}
    assert (where[1], "知识产权服务机构数 现状值")[0] == found["indicators"].cells[0][0]
    assert found["indicators"].cells[0][2:] == (before, "15")
    assert found["positioning"].value == ["agency", "legal"]
    assert found["start_planned"].value == "2018-05-01"
    assert found["policies"].value[1]["policy_title"] == "第二份文件"
    assert not any(one.clash for one in found.values())


def test_every_fault_is_named_by_sheet_and_cell(draft):
    walk, application = draft
    book = book_of(application, walk)
    wrong = {
        slot(application, "overview", "floor_space"): "很大",
        slot(application, "overview", "area_kind"): "行星",
        slot(application, "overview", "title"): "=HYPERLINK(\"http://x\")",
        slot(application, "work_plan", "start_planned"): "明年",
        slot(application, "goals", "indicators", "target", "service_staff"): "若干",
        slot(application, "safeguards", "budget_total"): -5,
        slot(application, "overview", "contact_phone"): "长" * 40,
    }  # fmt: skip
    for where, value in wrong.items():
        put(book, where, value)
    reading = read(application, as_file(book))
    assert {(fault.sheet, fault.cell) for fault in reading.faults} == set(wrong)
    assert all(fault.sheet in str(fault) and fault.cell in str(fault) for fault in reading.faults)


def test_what_others_changed_meanwhile_is_shown_and_what_the_file_left_alone_is_kept(draft):
    walk, application = draft
    book = book_of(application, walk)
    leader, section = walk.leader_of(application), application.rules.sections[0]
    save_section(application, section, {"core_area": "系统里的新范围", "contact_name": "新联系人"}, leader)
    put(book, slot(application, "overview", "core_area"), "表格里的新范围")
    found = read(application, as_file(book)).differences
    assert [(one.field, one.clash) for one in found] == [("core_area", True)]


def test_a_file_of_another_version_or_another_case_is_refused_in_words(draft, world):
    walk, application = draft
    for row, text, said in ((4, "2014.9", "重新下载"), (2, "x", "另一份申报"), (1, "x", "不是系统下载")):
        book = book_of(application, walk)
        book[CODES].cell(row, 2).value = text
        with pytest.raises(NotThisForm, match=said):
            read(application, as_file(book))
    book = book_of(application, walk)
    del book[CODES]
    with pytest.raises(NotThisForm, match="不是系统下载"):
        read(application, as_file(book))
    book = book_of(application, walk)
    del book[sheets(application.rules)[0].title]
    assert read(application, as_file(book)).faults[0].cell == "A1"


def packed(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_hostile_files_are_refused_in_words_and_quickly(draft, browse):
    walk, application = draft
    good = template(application, walk.at)
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    hostile = {
        "bomb": packed(members | {"xl/media/a.bin": b"\0" * 60_000_000}),
        "entities": packed(
            members
            | {sheet: b'<!DOCTYPE x [<!ENTITY a "aa">]>' + members[sheet][members[sheet].index(b"<worksheet") :]}
        ),
        "torn": good[: len(good) // 2],
        "not xml": packed(members | {sheet: b"<worksheet"}),
        "a workbook without parts": packed({"xl/workbook.xml": b"x", "[Content_Types].xml": b"x"}),
        "no workbook": b"hello",
        "empty": b"",
    }
    browser, address = browse(walk.leader_of(application)), reverse("application_sheet", args=[application.uuid])
    before = Application.objects.get(pk=application.pk).answers
    for what, data in hostile.items():
        answer = browser.post(address, {"file": SimpleUploadedFile("form.xlsx", data)})
        assert answer.status_code == 422, what
        assert answer.context["fault"], what
    assert Application.objects.get(pk=application.pk).answers == before


def test_a_sheet_that_claims_to_be_endless_is_read_only_where_the_form_is(draft):
    walk, application = draft
    book = book_of(application, walk)
    page = book[sheets(application.rules)[0].title]
    page["XFD1048576"] = "x"
    page["A1048000"] = "=1+1"
    reading = read(application, as_file(book))
    assert (reading.faults, reading.differences) == ([], [])


def test_nothing_is_stored_unless_confirmed(draft, browse):
    walk, application = draft
    book = book_of(application, walk)
    put(book, slot(application, "overview", "core_area"), "表格里的范围")
    browser, address = browse(walk.leader_of(application)), reverse("application_sheet", args=[application.uuid])
    browser.read(address)
    preview = browser.post(address, {"file": as_file(book)})
    assert "表格里的范围" in preview.content.decode()
    assert Application.objects.get(pk=application.pk).answers == application.answers
    done = browser.post(address, {"confirm": "1", "payload": preview.context["payload"]})
    assert done.status_code == 302
    assert Application.objects.get(pk=application.pk).answers["overview"]["core_area"] == "表格里的范围"
    # A second time the value stands already; a forged preview stores nothing.
    assert browser.post(address, {"confirm": "1", "payload": preview.context["payload"]}).status_code == 302
    assert browser.post(address, {"confirm": "1", "payload": "forged"}).status_code == 422


def test_a_change_between_preview_and_confirmation_is_not_overwritten(draft, browse):
    walk, application = draft
    book, leader = book_of(application, walk), walk.leader_of(application)
    put(book, slot(application, "overview", "core_area"), "表格里的范围")
    browser, address = browse(leader), reverse("application_sheet", args=[application.uuid])
    preview = browser.post(address, {"file": as_file(book)})
    save_section(application, application.rules.sections[0], {"core_area": "别人的范围"}, leader)
    refused = browser.post(address, {"confirm": "1", "payload": preview.context["payload"]})
    assert refused.status_code == 422
    assert "又有人修改" in refused.content.decode()
    assert Application.objects.get(pk=application.pk).answers["overview"]["core_area"] == "别人的范围"
    again = browser.post(address, {"file": as_file(book)})
    assert again.context["clashes"]
    browser.post(address, {"confirm": "1", "payload": again.context["payload"]})
    assert Application.objects.get(pk=application.pk).answers["overview"]["core_area"] == "别人的范围"
    browser.post(address, {"confirm": "1", "payload": again.context["payload"], "take": "overview:core_area"})
    assert Application.objects.get(pk=application.pk).answers["overview"]["core_area"] == "表格里的范围"


def test_the_template_is_for_those_who_fill_it_in_while_it_is_filled_in(draft, browse, world):
    walk, application = draft
    address = reverse("sheet_template", args=[application.uuid])
    leader = walk.leader_of(application)
    assert browse(leader).get(address).status_code == 200
    assert browse(world.cast["officer"]).get(address).status_code == 403
    walk.act(application, "submit", leader)
    assert browse(leader).get(address).status_code == 302
