"""Each kind of document, made from a case that was lived: its words are the case's, the rules' or the office's."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from approvals import issuing
from approvals.documents import wording
from approvals.documents.docx import docx_bytes
from approvals.documents.kinds import acceptance, decided, notice, revocation
from approvals.documents.model import Paragraph, Table
from approvals.documents.pdf import pdf_bytes
from approvals.models import Document, Evaluation, Opinion, PanelRecord
from approvals.papers import words as papers
from config.demo.paths import _to_site
from notifications import wordings
from pilots.models import Designation, IndicatorValue, RectificationItem, Revocation
from workflows.recommending import Verdict, recommend_all


@pytest.fixture(autouse=True)
def _paper(monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())


@pytest.fixture
def issued(world):
    """(walk, site) right after the document."""
    walk = world.walk()
    return walk, _to_site(walk, world.place("徐汇区"))


def written(sheet):
    """All words of a sheet in one text."""
    parts = [sheet.title, sheet.number, sheet.addressee, sheet.closing, sheet.note]
    for blocks in (sheet.blocks, *(annex.blocks for annex in sheet.annexes)):
        for block in blocks:
            parts += (
                [block.text] if isinstance(block, Paragraph) else [" ".join(row) for row in (block.head, *block.rows)]
            )
    return "\n".join(parts)


def tables(sheet):
    return [block for block in sheet.blocks if isinstance(block, Table)]


def both(sheet):
    """It can be printed and edited."""
    assert pdf_bytes(sheet).startswith(b"%PDF")
    assert docx_bytes(sheet).startswith(b"PK")


# --- documents ------------------------------------------------------------------------------------------------------
def test_an_approval_is_a_file_to_the_provinces_with_its_list(issued):
    _walk, site = issued
    row = Document.objects.select_related("batch__programme").get()
    sheet = decided.sheet(row)
    assert (sheet.form, sheet.number, sheet.addressee) == ("file", row.number, "上海市知识产权局")
    assert sheet.title == f"规划发展司{row.title}"
    assert sheet.closing == "此复。"
    assert "现批复如下：" in written(sheet)
    (annex,) = sheet.annexes
    (table,) = annex.blocks
    assert table.rows == (("1", "徐汇区", site.holder_name, site.term_text),)
    assert sheet.imprint.copies == site.holder_name
    assert sheet.note == "（此件公开发布）"
    assert sheet.signature.dated == row.dated
    assert sheet.specimen, "the signer of the tests is the demonstration's"
    both(sheet)


@pytest.mark.parametrize(
    ("kind", "form"), [("函", "letter"), ("委托函", "letter"), ("通知", "file"), ("名单通知", "file")]
)
def test_letters_go_to_who_asked_and_files_to_the_provinces(issued, kind, form):
    row = Document.objects.get()
    row.kind = kind
    sheet = decided.sheet(row)
    assert sheet.form == form
    holder = row.annex[0]["holder"]
    assert sheet.addressee == (holder if form == "letter" else "上海市知识产权局")
    assert sheet.imprint.copies == ("上海市知识产权局" if form == "letter" else holder)


def test_many_addressees_become_one_word(issued, monkeypatch):
    row = Document.objects.get()
    monkeypatch.setattr(decided, "_people", lambda _row: [(f"第{n}省", f"第{n}市") for n in range(9)])
    assert decided.sheet(row).addressee == "有关省、自治区、直辖市知识产权局"
    assert decided.sheet(row).imprint.copies == "附件所列各承担单位"


def test_a_prize_names_no_addressee_and_its_classes(world):
    walk = world.walk("china_patent_award")
    _to_site(walk, world.place("徐汇区"))
    row = Document.objects.get(batch=walk.batch)
    sheet = decided.sheet(row)
    assert (row.kind, sheet.form, sheet.addressee, sheet.closing) == ("决定", "file", "", "特此决定。")
    (table,) = sheet.annexes[0].blocks
    assert "奖项等级" in table.head
    assert row.annex[0]["award"] in table.rows[0]


def test_a_correction_names_the_old_number_and_goes_to_the_same(issued):
    walk, _site = issued
    old = Document.objects.get()
    walk.act(walk.batch, "correct_document", walk.cast["checker"], reason="笔误。",
             data={"document": old.pk, "wrong": "徐汇区", "right": "徐汇新区"})  # fmt: skip
    row = Document.objects.get(corrects=old)
    sheet = decided.sheet(row)
    assert old.number in sheet.title
    assert "“徐汇区”更正为“徐汇新区”" in written(sheet)
    assert (sheet.addressee, sheet.closing, sheet.annexes) == ("上海市知识产权局", "特此通知。", ())


def test_a_joint_document_prints_the_leads_number_only(issued, monkeypatch):
    row = Document.objects.get()
    row.joint_numbers = [{"by": "财政部", "number": "财建〔2017〕88号"}]
    monkeypatch.setattr(decided, "agencies", lambda _rules: ("规划发展司", "财政部"))
    sheet = decided.sheet(row)
    assert sheet.title.startswith("规划发展司\u3000财政部关于")
    assert sheet.signature.agencies == ("规划发展司", "财政部")
    assert "财建" not in written(sheet)


def test_a_document_is_the_same_in_any_language_and_costs_few_statements(issued, django_assert_max_num_queries):
    row = Document.objects.select_related("batch__programme", "batch__rules_version").get()
    with translation.override("en"), django_assert_max_num_queries(3):
        english = decided.sheet(row)
    assert english == decided.sheet(row)


# --- notices --------------------------------------------------------------------------------------------------------
def test_a_public_notice_has_no_number_and_says_its_days(issued):
    walk, site = issued
    batch = type(walk.batch).objects.get(pk=walk.batch.pk)
    sheet = notice.sheet(batch)
    first, last = (f"{day.year}年{day.month}月{day.day}日" for day in (batch.notice_from, batch.notice_to))
    assert (sheet.form, sheet.number, sheet.imprint) == ("plain", "", None)
    assert f"公示期为{first}至{last}。" in written(sheet)
    assert batch.rules.notice.objection.zh in written(sheet)
    assert sheet.annexes[0].blocks[0].rows == (("1", "徐汇区", site.holder_name, "上海市"),)
    assert sheet.signature.dated == batch.notice_from
    both(sheet)


def test_an_office_writes_its_own_sentence_and_older_papers_keep_theirs(issued, world):
    walk, _site = issued
    batch = type(walk.batch).objects.get(pk=walk.batch.pk)
    before = notice.sheet(batch)
    wordings.save((wording.NOTICE, "", "zh-hans"), ("$batch公示", "自$first起至$last公示。"), seen=0,
                  by=world.cast["officer"], at=walk.at)  # fmt: skip
    assert notice.sheet(batch) == before, "the notice was published in other words"
    wordings.save((wording.NOTICE, "", "zh-hans"), ("$batch公示", "自$first起至$last公示。"), seen=1,
                  by=world.cast["officer"], at=world.start)  # fmt: skip
    assert notice.sheet(batch).title == f"{batch.title}公示"


# --- letters and receipts -------------------------------------------------------------------------------------------
def test_a_letter_of_a_province_ranks_and_gives_reasons(world):
    walk = world.walk()
    walk.call()
    officer = world.cast.province(world.place("江苏省"))
    first, second = (walk.apply(world.place(name)) for name in ("江宁区", "苏州市"))
    verdicts = [Verdict(first, 1), Verdict(second, None, "指标偏低。")]
    row = recommend_all(
        walk.batch,
        world.place("江苏省"),
        verdicts,
        number="苏知函〔2017〕8号",
        opinion="基础较好。",
        by=officer,
        at=walk.at,
    )
    sheet = papers.letter_sheet(row)
    assert (sheet.form, sheet.number, sheet.addressee) == ("letter", "苏知函〔2017〕8号", "规划发展司")
    assert [annex.title for annex in sheet.annexes] == ["推荐名单（1件，按推荐顺序）", "不予推荐名单（1件）"]
    assert sheet.annexes[1].blocks[0].rows[0][-1] == "指标偏低。"
    assert "基础较好。" in written(sheet)
    both(sheet)


def test_a_receipt_lists_what_came_with_its_hashes(world):
    _walk, application = world.application(to="province_review")
    revision = application.revisions.select_related("by").get()
    sheet = papers.receipt_sheet(application, revision)
    said = written(sheet)
    assert sheet.number == f"回执编号：{application.number}-HZ01"
    assert revision.sha256 in said
    assert revision.files
    assert all(file["sha256"] in said and file["name"] in said for file in revision.files)
    both(sheet)


# --- conclusions ----------------------------------------------------------------------------------------------------
@pytest.fixture
def concluded(issued):
    """A round of acceptance with two members, told as its rows are."""
    walk, site = issued
    people = list(type(walk.cast["officer"]).objects.filter(grants__role="expert").order_by("pk")[:2])
    band = next(one for one in site.rules.acceptance.bands if one.consequence == "rectify")
    row = Evaluation.objects.create(
        designation=site, opened_at=walk.at, score=Decimal("70.50"), band=band.code, conclusion="基本完成任务。\n部分指标滞后。",
        concluded_at=walk.at, concluded_by=people[0],
    )  # fmt: skip
    for index, one in enumerate(people):
        scores = {item.code: str(6 + index * 2) for item in site.rules.acceptance.criteria}
        Opinion.objects.create(evaluation=row, by=one, scores=scores, total=70, comment=f"意见{index}", at=walk.at)
    PanelRecord.objects.create(
        evaluation=row, kind="site_seen", on=date(2020, 1, 9), note="查看了服务大厅。", at=walk.at, by=people[0]
    )
    RectificationItem.objects.create(designation=site, round=1, number=1, what="补齐服务台账", due_on=date(2020, 6, 30))
    code = site.rules.indicators[0].code
    for period, value in (("2018", "40"), ("2019", "64")):
        IndicatorValue.objects.create(designation=site, code=code, period=period, value=Decimal(value), at=walk.at)
    return row, people


def test_a_conclusion_tells_panel_method_findings_grade_opinion_and_what_to_mend(concluded):
    row, people = concluded
    with translation.override("en"):
        sheet = acceptance.sheet(row)
    said = written(sheet)
    headings = [block.text for block in sheet.blocks if isinstance(block, Paragraph) and block.level == 1]
    assert headings == [
        "一、验收对象",
        "二、验收组",
        "三、验收方式",
        "四、指标完成情况",
        "五、评分情况",
        "六、验收等次",
        "七、验收意见",
        "八、整改事项",
    ]
    assert sheet.title == f"{row.designation.title}验收结论"
    assert all(one.name in said for one in people)
    assert "2020年1月9日，查看现场：查看了服务大厅。" in said
    indicators = next(one for one in tables(sheet) if one.head[:1] == ("指标",))
    assert indicators.rows[0][-1] == "64（2019）", "the last report counts"
    marks = next(one for one in tables(sheet) if "平均分" in one.head)
    assert {line[-1] for line in marks.rows} == {"7.00"}, "the mean of 6 and 8"
    assert "总分70.5分" in said
    assert "补齐服务台账 2020年6月30日" in said
    assert {"基本完成任务。", "部分指标滞后。"} <= set(said.split("\n"))
    both(sheet)


def test_an_open_round_has_no_conclusion_and_a_second_one_its_own_list(concluded):
    row, people = concluded
    with pytest.raises(ValueError, match="open"):
        acceptance.sheet(Evaluation(designation=row.designation, opened_at=row.opened_at, round=2))
    again = Evaluation.objects.create(
        designation=row.designation, round=2, opened_at=row.opened_at, score=Decimal(80), band=row.designation.rules.acceptance.bands[0].code,
        conclusion="通过。", concluded_at=row.concluded_at, concluded_by=people[0],
    )  # fmt: skip
    assert "补齐服务台账" not in written(acceptance.sheet(again))


# --- revocation -----------------------------------------------------------------------------------------------------
def test_a_revocation_is_a_numbered_decision_that_tells_how_the_holder_was_heard(issued):
    walk, site = issued
    approval = Document.objects.get()
    site = walk.revoked(Designation.objects.get(pk=site.pk))
    row = Document.objects.get(kind="决定")
    assert site.end_document == row.number != approval.number
    sheet = decided.sheet(row)
    assert (sheet.form, sheet.addressee, sheet.annexes) == ("file", site.holder_name, ())
    said = written(sheet)
    assert "经核查，申报材料中的合同系伪造。" in said
    assert "没有提出陈述和申辩" in said
    assert approval.number in said
    assert sheet.imprint.copies == "上海市知识产权局"
    assert sheet.closing == "特此决定。"
    both(sheet)


def test_an_answer_and_a_hearing_are_told(issued):
    walk, site = issued
    told = Revocation(designation=site, grounds="造假。", evidence="查实。", proposed_at=walk.at, answered_at=walk.at,
                      heard_on=date(2019, 5, 6), decision="revoked", decided_at=walk.at)  # fmt: skip
    assert "提出了陈述和申辩" in revocation.heard(told)
    assert "于2019年5月6日举行了听证" in revocation.heard(told)
    site.end_document = "国知发规字〔2019〕5号"
    old = revocation.sheet(told)
    assert (old.number, old.addressee) == ("国知发规字〔2019〕5号", site.holder_name)
    told.decision = "dropped"
    with pytest.raises(ValueError, match="nothing was revoked"):
        revocation.sheet(told)


def test_the_words_of_a_decision_are_kept_when_the_office_changes_its_sentence(issued, world):
    walk, site = issued
    walk.revoked(Designation.objects.get(pk=site.pk))
    row = Document.objects.get(kind="决定")
    before = decided.sheet(row)
    wordings.save(
        (wording.REVOCATION, "", "zh-hans"),
        ("撤销$title", "理由：$grounds。"),
        seen=0,
        by=world.cast["officer"],
        at=world.start,
    )
    assert decided.sheet(Document.objects.get(pk=row.pk)) == before
    assert issuing.revocation.text(Revocation.objects.get())[0] == f"撤销{site.title}"
