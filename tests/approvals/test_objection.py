"""Objections: evidence that is let in or not, a reply by receipt, one appeal, and the next in rank."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import clock
from accounts.models import Grant
from accounts.roles import Role
from approvals.models import Document, Evidence, Objection
from approvals.views import notices
from pilots.models import Application, Designation
from workflows import explain, perform
from workflows.beginnings import register_objection
from workflows.refusals import NotNow
from workflows.sweep import settle

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
APPEAL = ("objection = ", 'appeal = { n = 5, unit = "working" }\nobjection = ')
PDF = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"
GOOD, LOW = Decimal("8.8"), Decimal("7.0")


@pytest.fixture
def notice(amend, batch_of):
    """A batch on public notice: two places, three applicants, the third just below the line."""
    amend(("max_places = 10", "max_places = 2\nnext_in_rank = true"), APPEAL)
    walk = batch_of({"徐汇区": GOOD, "江宁区": Decimal("8.0"), "海淀区": LOW})
    walk.decide()
    walk.batch = walk.act(walk.batch, "publish_notice", walk.cast["checker"])
    return walk


@pytest.fixture
def at(monkeypatch):
    """Sets the clock that public pages read."""

    def run(walk):
        monkeypatch.setattr(clock, "now", lambda: walk.at)

    return run


def objection_to(walk, place, **more):
    given = {
        "objector": "某科技有限公司",
        "is_unit": True,
        "contact": "010-62080000",
        "text": "数据不实。",
        "evidence": "年鉴。",
    }
    row = register_objection(walk.of(place), at=walk.at, **given | more).obj
    walk.wait()
    return row


def answered(walk, place="徐汇区"):
    row = walk.act(objection_to(walk, place), "investigate", walk.cast["handler"])
    return walk.act(row, "reject", walk.cast["head"], data={"finding": "数据出自统计年鉴，与申报一致。"})


def post(client, walk, place="徐汇区", **more):
    given = {"objector": "李某", "contact": "a@b.invalid", "text": "机构数量不实。"}
    address = reverse("object", args=[walk.batch.uuid, walk.of(place).uuid])
    return client.post(address, given | more)


def test_evidence_is_kept_for_investigators_only(client, notice, at):
    at(notice)
    page = post(client, notice, files=[SimpleUploadedFile("照片 1.pdf", PDF), SimpleUploadedFile("b.pdf", PDF)])
    row = Objection.objects.get()
    assert row.receipt in page.content.decode()
    assert row.files.count() == 2
    address = reverse("objection_file", args=[row.files.first().uuid])
    assert client.get(address).status_code == 302
    client.force_login(notice.cast["officer"], backend=BACKEND)
    assert client.get(address).status_code == 403
    client.force_login(notice.cast["handler"], backend=BACKEND)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == PDF
    assert "attachment" in answer["Content-Disposition"]
    assert "照片 1.pdf" in client.get(row.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"%PDF-1.4 X5O!P%@AP EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE %%EOF", "疑似带有病毒"),
        ("a.pdf", b"MZ\x90\x00 program", "内容不是 pdf 格式"),
        ("a.exe", b"MZ\x90\x00", "此处只收"),
        ("a.pdf", b"", "空"),
    ],
)
def test_dangerous_evidence_is_refused_in_words_and_nothing_typed_is_lost(client, notice, at, name, data, words):
    at(notice)
    page = post(client, notice, files=[SimpleUploadedFile(name, data)]).content.decode()
    assert words in page
    assert "机构数量不实。" in page
    assert not Objection.objects.exists()
    assert not Evidence.objects.exists()


def test_huge_or_too_many_files_are_refused(client, notice, at, monkeypatch):
    at(notice)
    page = post(client, notice, files=[SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(4)]).content.decode()
    assert "最多上传 3 个文件" in page
    monkeypatch.setattr(notices, "EVIDENCE", notices.Limits(formats=("pdf",), max_mb=0))
    page = post(client, notice, files=[SimpleUploadedFile("a.pdf", PDF)]).content.decode()
    assert "超过上限 0 MB" in page
    assert not Objection.objects.exists()


def test_whoever_had_a_hand_in_the_batch_does_not_investigate(notice):
    row = objection_to(notice, "徐汇区")
    officer = notice.cast["officer"]
    Grant.objects.create(user=officer, role=Role.OBJECTION_HANDLER, valid_from=notice.at - timedelta(days=1))
    with pytest.raises(NotNow) as refused:
        perform(row, "investigate", by=officer, at=notice.at)
    assert [item.code for item in refused.value.reasons] == ["own_case"]
    offer = next(o for o in explain(row, officer, notice.at, all_acts=True) if o.code == "investigate")
    assert not offer.allowed
    assert "须由未经手的人员办理" in offer.reasons[0].text


def test_the_objector_reads_the_reply_by_receipt_and_appeals_once(client, notice, at):
    row = answered(notice)
    assert notice.of("徐汇区").state == "listed"
    at(notice)
    assert client.post(reverse("objection_track"), {"receipt": "WRONG"}).status_code == 404
    found = client.post(reverse("objection_track"), {"receipt": f" {row.receipt.lower()} "}, follow=True)
    assert "与申报一致" in found.content.decode()
    assert "申请由局领导复核一次" in found.content.decode()
    reply = reverse("objection_reply", args=[row.receipt])
    assert client.post(reply, {"appeal": ""}).status_code == 422
    client.post(reply, {"appeal": "年鉴口径不同。"})
    row.refresh_from_db()
    assert row.state == "appealed"
    assert notice.of("徐汇区").state == "held"
    assert client.post(reply, {"appeal": "再来。"}).status_code == 422
    row = notice.act(row, "dismiss_appeal", notice.cast["leader"], data={"finding": "维持。"})
    assert row.state == "dismissed"
    assert notice.of("徐汇区").state == "listed"
    assert "维持。" in client.get(reply).content.decode()


def test_an_appeal_out_of_time_or_without_a_second_instance_is_refused_with_the_day(client, notice, at):
    row = answered(notice)
    notice.wait(days=20)
    with pytest.raises(NotNow) as late:
        perform(row, "lodge_appeal", by=None, at=notice.at, data={"appeal": "迟了。"})
    assert [item.code for item in late.value.reasons] == ["too_late"]
    at(notice)
    answer = client.post(reverse("objection_reply", args=[row.receipt]), {"appeal": "迟了。"})
    assert answer.status_code == 422
    assert "已过" in answer.content.decode()


def test_an_appeal_upheld_takes_the_item_out(notice):
    row = answered(notice)
    row = perform(row, "lodge_appeal", by=None, at=notice.at, data={"appeal": "新证据。"}).obj
    row = notice.act(row, "uphold_appeal", notice.cast["leader"], data={"finding": "新证据属实。"})
    assert row.state == "upheld"
    assert notice.of("徐汇区").state == "removed"


def removed(notice, place="徐汇区"):
    row = notice.act(objection_to(notice, place), "investigate", notice.cast["handler"])
    notice.act(row, "uphold", notice.cast["head"], data={"finding": "属实。"})
    return notice


def test_a_free_place_goes_to_the_next_in_rank_after_a_notice_of_its_own(client, notice, at):
    head = notice.cast["head"]
    offers = {o.code for o in explain(notice.of("海淀区"), head, notice.at, all_acts=True) if o.allowed}
    assert "promote" not in offers, "no place is free"
    removed(notice)
    application = notice.act(notice.of("海淀区"), "promote", head, reason="第一位被除名，依次递补。")
    assert application.state == "listed"
    assert application.ended_at is None
    at(notice)
    page = client.get(reverse("notice", args=[notice.batch.uuid])).content.decode()
    assert "递补公示" in page
    assert "海淀区" in page
    notice.until(notice.at + timedelta(days=3))
    notice.batch.refresh_from_db()
    with pytest.raises(NotNow) as twice:
        perform(application, "promote", by=head, at=notice.at, reason="再来")
    assert twice.value.reasons
    notice.notice_end = notice.batch.notice_to
    notice.until(notice.at + timedelta(days=10))
    notice.batch.refresh_from_db()
    notice.issue()
    assert {site.place.name for site in Designation.objects.filter(batch=notice.batch)} == {"江宁区", "海淀区"}
    assert Document.objects.count() == 1


def test_a_promoted_item_waits_for_the_end_of_its_notice(notice):
    row = notice.act(objection_to(notice, "徐汇区"), "investigate", notice.cast["handler"])
    notice.until(notice.at + timedelta(days=12))
    notice.batch.refresh_from_db()
    notice.issue()
    notice.act(row, "uphold", notice.cast["head"], data={"finding": "属实。"})
    application = notice.act(notice.of("海淀区"), "promote", notice.cast["head"], reason="依次递补。")
    clerk = notice.cast["checker"]
    with pytest.raises(NotNow) as early:
        perform(application, "approve", by=clerk, at=notice.at)
    assert [item.code for item in early.value.reasons] == ["notice_runs"]
    # The public may object to it although the batch itself was issued.
    assert objection_to(notice, "海淀区").state == "registered"
    assert notice.of("海淀区").state == "held"
    again = Objection.objects.get(application=application)
    notice.act(
        notice.act(again, "investigate", notice.cast["handler"]),
        "reject",
        notice.cast["head"],
        data={"finding": "不实。"},
    )
    notice.until(notice.at + timedelta(days=12))
    notice.act(notice.of("海淀区"), "approve", clerk)
    settle(notice.at)
    assert Designation.objects.filter(application=application).exists()
    assert Document.objects.count() == 2, "a document of its own"


def test_only_the_next_in_rank_may_be_promoted(amend, batch_of, world):
    amend(("max_places = 10", "max_places = 1\nnext_in_rank = true"))
    walk = batch_of({"徐汇区": GOOD, "江宁区": Decimal("8.0"), "海淀区": LOW})
    walk.decide()
    walk.batch = walk.act(walk.batch, "publish_notice", walk.cast["checker"])
    removed(walk)
    with pytest.raises(NotNow) as refused:
        perform(walk.of("海淀区"), "promote", by=walk.cast["head"], at=walk.at, reason="x")
    assert "江宁区" in str(refused.value)
    assert Application.objects.get(place__name="江宁区").state == "not_selected"


def test_a_flood_of_objections_or_guessed_receipts_is_slowed_down(client, notice, at):
    at(notice)
    codes = [post(client, notice, text="").status_code for _n in range(12)]
    assert (codes[0], codes[-1]) == (422, 429)
    codes = [client.post(reverse("objection_track"), {"receipt": "WRONG"}).status_code for _n in range(12)]
    assert (codes[0], codes[-1]) == (404, 429)
