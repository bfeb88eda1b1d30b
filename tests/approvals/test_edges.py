"""Edges of judgement: two seats in one hand, two people at once, a place that falls free twice, strange addresses."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.acts import Question
from accounts.models import Grant, User
from accounts.roles import Role
from accounts.seats import lend, lendable
from approvals.models import Document, Draw, Review
from approvals.models import Objection as ObjectionRow
from notifications import jobs
from notifications.models import Deadline
from pilots.models import Application, Batch, Designation
from tests.approvals.test_experts import confirm as confirm_draw
from tests.approvals.test_experts import crowd
from tests.approvals.test_list import HIGH, LOW, drawn, reasons
from tests.approvals.test_objection import GOOD, objection_to
from workflows import explain, perform
from workflows.beginnings import register_objection
from workflows.refusals import NotNow

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def deputy_of(user, role, walk, name="代理人"):
    """A colleague to whom `user` has lent the seat `role`."""
    deputy = User.objects.create(username=f"deputy-{name}", name=name, organisation=user.organisation)
    seat = next(grant for grant in lendable(user, walk.at) if grant.role == role)
    lend(seat, deputy, walk.at + timedelta(days=30), by=user, at=walk.at)
    return deputy


# --- two seats in one hand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "code"), [(Role.PROGRAMME_OFFICER, "draw_list"), (Role.DIVISION_HEAD, "confirm")])
def test_who_scored_in_a_batch_neither_draws_nor_confirms_its_list(batch_of, role, code):
    walk = batch_of({"徐汇区": HIGH, "江宁区": LOW})
    if code == "confirm":
        walk = drawn(walk)
    judge = User.objects.get(pk=Review.objects.first().expert_id)
    Grant.objects.create(user=judge, role=role, valid_from=walk.at - timedelta(days=1))
    with pytest.raises(NotNow) as refused:
        perform(walk.batch, code, by=judge, at=walk.at, data={})
    assert reasons(refused) == {"separation"}
    assert "评审" in str(refused.value)


def test_one_leader_does_not_sign_twice_through_a_deputy(amend, batch_of):
    amend(("approvals_needed = 1", "approvals_needed = 2"))
    walk = drawn(batch_of({"徐汇区": HIGH}))
    walk.act(walk.batch, "confirm", walk.cast["head"])
    walk.batch = walk.act(walk.batch, "countersign", walk.cast["countersigner"])
    leader = walk.cast["leader"]
    deputy = deputy_of(leader, Role.LEADER, walk)
    walk.batch = walk.act(walk.batch, "sign", deputy)
    assert walk.batch.state == "leader"
    for again in (leader, deputy):
        with pytest.raises(NotNow) as refused:
            perform(walk.batch, "sign", by=User.objects.get(pk=again.pk), at=walk.at)
        assert reasons(refused) == {"signed"}


def test_what_a_deputy_did_keeps_the_lender_from_investigating(amend, batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH}))
    head = walk.cast["head"]
    walk.batch = walk.act(walk.batch, "confirm", deputy_of(head, Role.DIVISION_HEAD, walk))
    walk.batch = walk.act(walk.batch, "countersign", walk.cast["countersigner"])
    walk.batch = walk.act(walk.batch, "sign", walk.cast["leader"])
    walk.batch = walk.act(walk.batch, "publish_notice", walk.cast["checker"])
    row = objection_to(walk, "徐汇区")
    Grant.objects.create(user=head, role=Role.OBJECTION_HANDLER, valid_from=walk.at - timedelta(days=1))
    with pytest.raises(NotNow) as refused:
        perform(row, "investigate", by=User.objects.get(pk=head.pk), at=walk.at)
    assert reasons(refused) == {"own_case"}


def test_officers_of_another_programme_do_not_read_list_and_signatures(client, batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": LOW}))
    stranger = User.objects.create(username="stranger", name="外项目主管")
    Grant.objects.create(
        user=stranger, role=Role.PROGRAMME_OFFICER, programme="patent_navigation_centre",
        valid_from=walk.at - timedelta(days=9),
    )  # fmt: skip
    client.force_login(stranger, backend=BACKEND)
    page = client.get(walk.batch.get_absolute_url()).content.decode()
    assert "江宁区" not in page
    for name in ("batch_list", "batch_progress"):
        assert client.get(reverse(name, args=[walk.batch.uuid])).status_code == 404


# --- the list --------------------------------------------------------------------------------------------------------


def veto(walk, place):
    review = Review.objects.filter(application=walk.of(place)).first()
    Review.objects.filter(pk=review.pk).update(vetoes=["申报材料弄虚作假"], veto_reason="机构名单重复")


def test_nobody_is_moved_onto_the_list_against_a_veto_or_a_quota(amend, batch_of):
    amend(("max_places = 10", "max_places = 3\nwithin_quota = true"))
    walk = batch_of({"徐汇区": HIGH, "江宁区": HIGH, "苏州市": Decimal("8.0"), "海淀区": Decimal("8.0")})
    veto(walk, "徐汇区")
    walk.batch.quotas.create(place=walk.of("江宁区").province, places=1)
    drawn(walk)
    for place, code in (("徐汇区", "veto"), ("苏州市", "quota")):
        with pytest.raises(NotNow) as refused:
            perform(walk.batch, "edit_list", by=walk.cast["officer"], at=walk.at, reason="照顾。",
                    data={"number": walk.of(place).number, "proposed": "in"})  # fmt: skip
        assert reasons(refused) == {code}, place


@pytest.fixture
def noticed(amend, batch_of):
    """On notice: one place, three behind it in rank; the last one vetoed."""
    amend(("max_places = 10", "max_places = 1\nnext_in_rank = true"))

    def run(marks, before=lambda walk: None):
        walk = batch_of(marks)
        before(walk)
        walk.decide()
        walk.batch = walk.act(walk.batch, "publish_notice", walk.cast["checker"])
        return walk

    return run


def remove(walk, place):
    row = walk.act(objection_to(walk, place), "investigate", walk.cast["handler"])
    walk.act(row, "uphold", walk.cast["head"], data={"finding": "属实。"})


def promotable(walk, place):
    return any(
        offer.code == "promote" and offer.allowed
        for offer in explain(walk.of(place), walk.cast["head"], walk.at, all_acts=True)
    )


def test_a_place_that_falls_free_twice_is_given_on_twice(noticed):
    walk = noticed({"徐汇区": GOOD, "江宁区": Decimal("8.0"), "海淀区": Decimal("7.5")})
    remove(walk, "徐汇区")
    walk.act(walk.of("江宁区"), "promote", walk.cast["head"], reason="依次递补。")
    assert not promotable(walk, "海淀区")
    remove(walk, "江宁区")
    assert promotable(walk, "海淀区")


def test_a_vetoed_application_is_nobodys_successor(noticed):
    walk = noticed({"徐汇区": GOOD, "江宁区": Decimal("8.0")}, before=lambda walk: veto(walk, "江宁区"))
    remove(walk, "徐汇区")
    assert not promotable(walk, "江宁区")


def test_a_promoted_item_on_notice_does_not_stop_the_others_nor_go_out_with_them(amend, batch_of):
    amend(("max_places = 10", "max_places = 2\nnext_in_rank = true"))
    walk = batch_of({"徐汇区": GOOD, "江宁区": Decimal("8.0"), "海淀区": Decimal("7.5")})
    walk.decide()
    walk.batch = walk.act(walk.batch, "publish_notice", walk.cast["checker"])
    row = walk.act(objection_to(walk, "徐汇区"), "investigate", walk.cast["handler"])
    walk.until(walk.at + timedelta(days=30))
    walk.batch.refresh_from_db()
    assert walk.batch.state == "document"
    walk.act(row, "uphold", walk.cast["head"], data={"finding": "属实。"})
    walk.act(walk.of("海淀区"), "promote", walk.cast["head"], reason="依次递补。")
    walk.issue()
    assert [site.place.name for site in Designation.objects.all()] == ["江宁区"]
    assert "海淀区" not in Document.objects.get().body
    walk.until(walk.at + timedelta(days=30))
    walk.act(walk.of("海淀区"), "approve", walk.cast["checker"])
    assert Designation.objects.count() == Document.objects.count() == 2


def test_no_number_is_spent_while_every_item_waits(noticed):
    walk = noticed({"徐汇区": GOOD, "江宁区": Decimal("8.0")})
    row = walk.act(objection_to(walk, "徐汇区"), "investigate", walk.cast["handler"])
    walk.until(walk.at + timedelta(days=30))
    walk.batch.refresh_from_db()
    with pytest.raises(NotNow) as refused:
        walk.issue()
    assert reasons(refused) == {"all_wait"}
    walk.act(row, "reject", walk.cast["head"], data={"finding": "不实。"})
    assert walk.issue().state == "issued"


def test_an_item_held_back_gets_its_own_paper_although_a_namesake_was_approved(batch_of):
    walk = batch_of({"徐汇区": GOOD, "江宁区": Decimal("8.0")})
    walk.decide()
    walk.batch = walk.act(walk.batch, "publish_notice", walk.cast["checker"])
    row = walk.act(objection_to(walk, "徐汇区"), "investigate", walk.cast["handler"])
    walk.until(walk.at + timedelta(days=30))
    walk.batch.refresh_from_db()
    walk.issue()
    place = walk.of("徐汇区").place
    place.name = "江宁区"
    place.save()
    walk.act(row, "reject", walk.cast["head"], data={"finding": "不实。"})
    held = Application.objects.get(batch=walk.batch, state="listed")
    walk.act(held, "approve", walk.cast["checker"])
    assert Document.objects.count() == 2


def test_an_objection_after_the_last_day_is_a_lead_even_before_the_notice_is_closed(noticed):
    walk = noticed({"徐汇区": GOOD, "江宁区": Decimal("8.0")})
    late = walk.at + timedelta(days=60)
    assert Batch.objects.get(pk=walk.batch.pk).state == "notice"
    row = register_objection(walk.of("徐汇区"), at=late, objector="李某", contact="a@b.invalid", text="不实。").obj
    assert row.state == "lead"
    assert walk.of("徐汇区").state == "listed"


# --- two people at once ----------------------------------------------------------------------------------------------


def test_a_draw_that_is_being_carried_out_is_not_followed_by_another(world):
    walk = world.walk()
    walk.call()
    for name in ("徐汇区", "海淀区"):
        world.application(place=name, to="panel_draw", walk=walk)
    crowd(world, 12)
    confirm_draw(walk)
    with pytest.raises(NotNow) as refused:
        confirm_draw(walk, seed=8)
    assert "under_way" in {item.code for item in refused.value.reasons}
    assert Draw.objects.count() == 1
    jobs.work(walk.at)


# --- strange addresses and files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "x", "2018-02-30"])
def test_as_of_any_day_there_is(client, batch_of, day):
    walk = batch_of({"徐汇区": HIGH})
    client.force_login(walk.cast["officer"], backend=BACKEND)
    assert client.get(reverse("evidence", args=["application", walk.of("徐汇区").uuid]), {"on": day}).status_code == 200


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "-1", "٣"])
def test_numbers_nobody_would_type_break_nothing(client, batch_of, number, monkeypatch):
    monkeypatch.setattr("accounts.proof.recently_proven", lambda request: True)
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": LOW}))
    client.force_login(walk.cast["officer"], backend=BACKEND)
    assert client.get(reverse("batch_draw", args=[walk.batch.uuid]), {"seed": number}).status_code in (200, 302, 404)
    edit = reverse("act", args=["batch", walk.batch.uuid, "edit_list"])
    assert client.post(edit, {"number": number, "version": number}).status_code in (409, 422)
    assert client.post(reverse("my_seats"), {"do": "take_back", "grant": number}).status_code == 422
    assert (
        client.get(reverse("batch_list", args=[walk.batch.uuid]), {"page": number, "province": number}).status_code
        == 200
    )
    seat = {"do": "lend", "grant": number, "to": number, "until": "9999-12-31"}
    assert client.post(reverse("my_seats"), seat).status_code == 422


def test_the_last_day_of_the_calendar_is_no_day_to_lend_until(client, batch_of, monkeypatch):
    monkeypatch.setattr("accounts.proof.recently_proven", lambda request: True)
    walk = batch_of({"徐汇区": HIGH})
    officer = walk.cast["officer"]
    User.objects.create(username="colleague", name="同事", organisation=officer.organisation)
    client.force_login(officer, backend=BACKEND)
    seat = {"do": "lend", "grant": lendable(officer, walk.at)[0].pk, "to": User.objects.get(username="colleague").pk,
            "until": "9999-12-31"}  # fmt: skip
    assert client.post(reverse("my_seats"), seat).status_code in (302, 422)


def broken_book(sheet):
    data = BytesIO()
    with ZipFile(data, "w", compression=8) as archive:
        archive.writestr("[Content_Types].xml", sheet)
        archive.writestr("xl/workbook.xml", "<not<xml")
    return data.getvalue()


@pytest.mark.parametrize(
    "data", [broken_book("<Types"), broken_book("x" * 30_000_000), b"PK\x03\x04nothing", b"", b"\x00\x00,\x00"]
)
def test_a_sheet_that_is_none_is_refused_in_words(client, batch_of, data):
    walk = batch_of({"徐汇区": HIGH})
    client.force_login(walk.cast["officer"], backend=BACKEND)
    for name in ("pool.xlsx", "pool.csv"):
        answer = client.post(reverse("expert_import"), {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422, name


# --- objections ------------------------------------------------------------------------------------------------------


def test_a_double_click_registers_one_objection(client, noticed, monkeypatch):
    walk = noticed({"徐汇区": GOOD, "江宁区": Decimal("8.0")})
    monkeypatch.setattr("accounts.clock.now", lambda: walk.at)
    address = reverse("object", args=[walk.batch.uuid, walk.of("徐汇区").uuid])
    given = {"objector": "李某", "contact": "a@b.invalid", "text": "机构数量不实。"}
    pages = [client.post(address, given).content.decode() for _press in range(2)]
    row = ObjectionRow.objects.get()
    assert all(row.receipt in page for page in pages)
    client.post(address, given | {"text": "另有问题。"})
    assert ObjectionRow.objects.count() == 2
    assert client.post(address, {"text": ""}).status_code == 422


def test_the_investigator_reports_and_the_head_concludes(noticed, client):
    walk = noticed({"徐汇区": GOOD, "江宁区": Decimal("8.0")})
    row = walk.act(objection_to(walk, "徐汇区"), "investigate", walk.cast["handler"])
    assert [duty.role for duty in Deadline.objects.of(row).open()] == [Role.OBJECTION_HANDLER]
    row = walk.act(row, "report_finding", walk.cast["handler"], data={"report": "走访三家机构，数据属实。"})
    assert [duty.role for duty in Deadline.objects.of(row).open()] == [Role.DIVISION_HEAD]
    with pytest.raises(NotNow):
        perform(row, "report_finding", by=walk.cast["handler"], at=walk.at, data={"report": "再报。"})
    client.force_login(walk.cast["head"], backend=BACKEND)
    assert "走访三家机构" in client.get(row.get_absolute_url()).content.decode()
    page = client.get(reverse("act", args=["objection", row.uuid, "reject"])).content.decode()
    assert "该申报恢复办理" in page
    row = walk.act(row, "reject", walk.cast["head"], data={"finding": "与年鉴一致。"})
    assert "走访三家机构" not in client.get(reverse("objection_reply", args=[row.receipt])).content.decode()


def test_an_appeal_is_upheld_although_the_title_was_given_meanwhile(amend, batch_of):
    amend(("objection = ", 'appeal = { n = 60, unit = "working" }\nobjection = '))
    walk = batch_of({"徐汇区": GOOD})
    walk.decide()
    walk.batch = walk.act(walk.batch, "publish_notice", walk.cast["checker"])
    row = walk.act(objection_to(walk, "徐汇区"), "investigate", walk.cast["handler"])
    row = walk.act(row, "reject", walk.cast["head"], data={"finding": "不实。"})
    walk.until(walk.at + timedelta(days=30))
    walk.batch.refresh_from_db()
    walk.issue()
    row = perform(row, "lodge_appeal", by=None, at=walk.at, data={"appeal": "有新证据。"}).obj
    offer = next(o for o in explain(row, walk.cast["leader"], walk.at) if o.code == "uphold_appeal")
    assert offer.allowed
    assert any("撤销" in line for line in offer.act.foretell(row_question(row, walk)))
    row = walk.act(row, "uphold_appeal", walk.cast["leader"], data={"finding": "属实。"})
    assert row.state == "upheld"
    assert walk.of("徐汇区").state == "approved", "a title that was given is taken away by revocation"


def row_question(row, walk):
    return Question(row, walk.cast["leader"], Role.LEADER, walk.at)
