"""Pages of documents: what is seen, taken away, and by whom; the register of numbers."""

import io
from urllib.parse import quote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Grant, User
from approvals import issuing
from approvals.models import Document, Evaluation
from config.demo.paths import _to_site
from pilots.models import Batch, Counter, Designation

MOST = 12


@pytest.fixture(autouse=True)
def _paper(monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())


@pytest.fixture
def issued(world, stand):
    """(walk, site) right after the document, and every page thinks it is that moment."""
    walk = world.walk()
    site = _to_site(walk, world.place("徐汇区"))
    stand(walk.at)
    return walk, site


def file_of(document, form="pdf"):
    return reverse("document_file", args=[document.pk, form])


def spoilt(walk):
    """The first document void, its successor, and a correction of that."""
    old = Document.objects.get()
    new = issuing.renumber(old, walk.at, walk.cast["checker"])
    fix = issuing.correct(new, "徐汇区", "徐汇新区", walk.at, walk.cast["checker"])
    return old, new, fix


# --- one document ---------------------------------------------------------------------------------------------------
def test_the_page_shows_text_pages_and_files(issued, browse):
    walk, _site = issued
    row = Document.objects.get()
    browser = browse(walk.cast["officer"])
    page = browser.get(reverse("document", args=[row.pk]))
    html = page.content.decode()
    assert row.body.split("\n")[0] in html
    shown = list(page.context["pages"])
    assert shown == [1, 2, 3, 4]
    assert [reverse("document_page", args=[row.pk, n]) in html for n in (1, 4, 5)] == [True, True, False]
    assert file_of(row) in html
    assert file_of(row, "docx") in html
    picture = browser.get(reverse("document_page", args=[row.pk, 1]))
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert browser.get(reverse("document_page", args=[row.pk, 5])).status_code == 404
    assert browser.get(reverse("document_page", args=[row.pk, 0])).status_code == 404


@pytest.mark.parametrize(("form", "starts"), [("pdf", b"%PDF"), ("docx", b"PK")])
def test_files_are_attachments_under_the_documents_number(issued, browse, form, starts):
    walk, _site = issued
    row = Document.objects.get()
    answer = browse(walk.cast["officer"]).get(file_of(row, form))
    assert answer.content.startswith(starts)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; ")
    assert f"filename*=utf-8''{quote(row.number + '.' + form, safe='')}" in said
    assert said.isascii()


def test_other_forms_and_strangers_get_nothing(issued, browse, world):
    walk, _site = issued
    row = Document.objects.get()
    assert browse(walk.cast["officer"]).get(file_of(row, "exe")).status_code == 404
    assert browse().get(file_of(row)).status_code == 302
    # A commission is between the office and those it asked.
    Batch.objects.filter(pk=row.batch_id).update(intake="commissioned")
    stranger = browse(world.cast.province(world.place("江苏省")))
    for name, more in (("document", []), ("document_file", ["pdf"]), ("document_page", [1])):
        assert stranger.get(reverse(name, args=[row.pk, *more])).status_code == 404


def test_a_void_number_says_what_took_its_place_and_prints_nothing(issued, browse):
    walk, _site = issued
    old, new, fix = spoilt(walk)
    browser = browse(walk.cast["officer"])
    page = browser.read(reverse("document", args=[old.pk]))
    assert "本文号已作废" in page
    assert f"换号为 {new.number}" in page
    assert "下载 PDF" not in page
    assert browser.get(file_of(old)).status_code == 404
    assert browser.get(reverse("document_page", args=[old.pk, 1])).status_code == 404
    page = browser.read(reverse("document", args=[new.pk]))
    assert f"本文件原编 {old.number}" in page
    assert f"本文件已由 {fix.number} 更正" in page
    assert f"本通知更正 {new.number}" in browser.read(reverse("document", args=[fix.pk]))


def test_joint_numbers_are_shown_and_not_printed(issued, browse):
    walk, _site = issued
    row = Document.objects.get()
    row.joint_numbers = [{"by": "财政部", "number": "财建〔2017〕88号"}]
    row.save()
    page = browse(walk.cast["officer"]).read(reverse("document", args=[row.pk]))
    assert "财建〔2017〕88号" in page
    assert "只标主办机关的文号" in page


# --- where papers are met -------------------------------------------------------------------------------------------
def test_anybody_takes_a_public_notice_away_but_not_without_end(issued, browse):
    walk, _site = issued
    passer_by = browse()
    page = passer_by.get(reverse("notice", args=[walk.batch.uuid])).content.decode()
    address = reverse("notice_file", args=[walk.batch.uuid, "pdf"])
    assert address in page
    assert passer_by.get(address).content.startswith(b"%PDF")
    docx = passer_by.get(reverse("notice_file", args=[walk.batch.uuid, "docx"]))
    assert docx.content.startswith(b"PK")
    assert quote("公示.docx", safe="") in docx.headers["Content-Disposition"]
    assert [passer_by.get(address).status_code for _n in range(10)][-1] == 429


def test_a_notice_that_is_not_published_has_no_file(world, browse, stand):
    walk, application = world.application(to="ready")
    stand(walk.at)
    assert browse().get(reverse("notice_file", args=[application.batch.uuid, "pdf"])).status_code == 404


def test_receipts_and_letters_are_editable_files_too(world, browse, stand):
    walk, application = world.application(to="province_review")
    stand(walk.at)
    browser = browse(walk.leader_of(application))
    address = reverse("receipt", args=[application.uuid])
    assert browser.get(address + "?as=docx").content.startswith(b"PK")
    assert browser.get(address).content.startswith(b"%PDF")
    assert browser.get(address + "?as=exe").status_code == 404
    assert (
        address + "?revision=1&amp;as=docx"
        in browser.get(application.get_absolute_url() + "?tab=letters").content.decode()
    )


def test_a_conclusion_is_taken_away_from_the_sites_page_by_who_sees_the_site(issued, browse, world):
    walk, site = issued
    member = User.objects.filter(grants__role="expert").first()
    row = Evaluation.objects.create(
        designation=site, opened_at=walk.at, score=92, band=site.rules.acceptance.bands[0].code, conclusion="通过。",
        concluded_at=walk.at, concluded_by=member,
    )  # fmt: skip
    address = reverse("conclusion", args=[row.pk, "pdf"])
    browser = browse(walk.cast["officer"])
    page = browser.get(site.get_absolute_url()).content.decode()
    assert address in page
    assert "验收结论（第 1 轮）" in page
    answer = browser.get(address)
    assert answer.content.startswith(b"%PDF")
    assert site.number in answer.headers["Content-Disposition"]
    assert browser.get(reverse("conclusion", args=[row.pk, "docx"])).content.startswith(b"PK")
    stranger = browse(world.cast.province(world.place("江苏省")))
    assert stranger.get(address).status_code == 404
    Evaluation.objects.filter(pk=row.pk).update(concluded_at=None, concluded_by=None)
    assert browser.get(address).status_code == 404


def test_a_revocation_is_taken_away_and_stands_in_the_register(issued, browse, stand, world):
    walk, site = issued
    site = walk.revoked(Designation.objects.get(pk=site.pk))
    stand(walk.at)
    row = site.revocations.get()
    address = reverse("revocation_decision", args=[row.pk, "pdf"])
    browser = browse(walk.cast["officer"])
    assert address in browser.get(site.get_absolute_url()).content.decode()
    answer = browser.get(address)
    assert answer.content == browser.get(file_of(Document.objects.get(kind="决定"))).content
    assert quote(site.end_document, safe="") in answer.headers["Content-Disposition"]
    assert site.end_document in browser.read(reverse("documents"))
    assert browse(world.cast.province(world.place("江苏省"))).get(address).status_code == 404


# --- the register ---------------------------------------------------------------------------------------------------
def fill(walk, count):
    old = Document.objects.first()
    for _n in range(count):
        issuing.correct(old, "徐汇区", "徐汇新区", walk.at, walk.cast["checker"])


def test_the_register_holds_every_number_in_order_void_ones_too(issued, browse):
    walk, _site = issued
    old, new, fix = spoilt(walk)
    fill(walk, 8)
    browser = browse(walk.cast["officer"])
    page = browser.get(reverse("documents"))
    # Certificates and requests are counted, too, in series of their own.
    assert Counter.objects.exclude(series="国知发规字").exists()
    assert [(book["series"], book["last"], book["void"]) for book in page.context["books"]] == [("国知发规字", 11, 1)]
    numbers = [row.number for row in page.context["rows"]]
    assert numbers == [f"国知发规字〔2017〕{n}号" for n in range(1, 12)], "10 and 11 come after 9"
    assert {old.number, new.number, fix.number} <= set(numbers)
    words = browser.read(reverse("documents"))
    assert "无断号" in words
    assert f"换号为 {new.number}" in words


def test_a_missing_number_is_told(issued, browse):
    walk, _site = issued
    fill(walk, 3)
    Document.objects.filter(number="国知发规字〔2017〕3号").update(number="国知发规字〔2017〕9号")
    Counter.objects.filter(series="国知发规字").update(last=10)
    browser = browse(walk.cast["officer"])
    assert "断号：3、5—8、10" in browser.read(reverse("documents"))


def test_the_register_is_filtered_by_series_year_kind_word_and_state(issued, browse):
    walk, _site = issued
    old, new, fix = spoilt(walk)
    Document.objects.filter(pk=fix.pk).update(number="国知发管字〔2016〕3号", title="别的事")
    browser = browse(walk.cast["officer"])

    def found(**query):
        return {row.number for row in browser.get(reverse("documents"), query).context["rows"]}

    assert found(series="国知发管字") == found(year="2016") == found(q="别的") == {"国知发管字〔2016〕3号"}
    assert found(kind="批复") == {old.number, new.number}
    assert found(state="void") == {old.number}
    assert found(state="corrected") == {new.number}
    assert found(q="没有的词") == set()
    answer = browser.get(reverse("documents"), {"series": "假", "state": "x"})
    assert len(answer.context["dropped"]) == 2
    assert len(answer.context["rows"]) == 3


def test_the_register_is_exported_with_every_line_and_no_formula(issued, browse):
    walk, _site = issued
    old, new, _fix = spoilt(walk)
    Document.objects.filter(pk=new.pk).update(title="=1+1")
    browser = browse(walk.cast["officer"])
    book = openpyxl.load_workbook(io.BytesIO(browser.get(reverse("documents"), {"export": "xlsx"}).content)).active
    lines = list(book.values)
    assert lines[0][0] == "文号"
    assert [line[0] for line in lines[1:]] == [f"国知发规字〔2017〕{n}号" for n in (1, 2, 3)]
    assert lines[1][5] == f"作废，换号为 {new.number}"
    assert book["C3"].data_type == "s"
    csv = browser.get(reverse("documents"), {"export": "csv", "state": "void"}).content.decode("utf-8-sig")
    assert csv.count("\r\n") == 2
    assert old.number in csv


def test_the_register_costs_the_same_at_any_size(issued, browse):
    walk, _site = issued
    browser = browse(walk.cast["officer"])

    def cost():
        browser.get(reverse("documents"))
        with CaptureQueriesContext(connection) as found:
            assert browser.get(reverse("documents")).status_code == 200
        return len(found)

    fill(walk, 2)
    before = cost()
    fill(walk, 40)
    assert cost() == before <= MOST


def test_only_the_office_reads_the_register_and_finds_it_in_its_menu(issued, browse, world):
    walk, _site = issued
    assert browse(world.cast.province(world.place("上海市"))).get(reverse("documents")).status_code == 403
    assert browse().get(reverse("documents")).status_code == 302
    officer = browse(walk.cast["officer"])
    assert f'href="{reverse("documents")}"' in officer.get(reverse("batches")).content.decode()
    # A commissioned batch of another programme is not listed, and yet its number is no gap.
    hidden = world.walk("social_supervisor_pilot", walk.at).prepare()
    Batch.objects.filter(pk=hidden.pk).update(intake="commissioned")
    old = Document.objects.get()
    Document.objects.create(batch=hidden, kind="函", number="国知发规字〔2017〕2号", title="x", body="x", dated=old.dated,
                            at=old.at, by=old.by)  # fmt: skip
    Counter.objects.filter(series="国知发规字").update(last=2)
    Grant.objects.filter(user=walk.cast["officer"]).update(programme=walk.batch.programme.code)
    page = officer.get(reverse("documents"))
    assert [row.number for row in page.context["rows"]] == [old.number]
    assert [(book["count"], book["gaps"]) for book in page.context["books"]] == [(2, 0)]
