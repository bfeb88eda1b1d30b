"""The list and its signatures: ties, changes with a reason, parties, several leaders, large batches."""

from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Grant, Organisation, User
from accounts.roles import Role
from approvals import listing
from approvals.acts.signing import unsettled_lines
from approvals.models import Certificate, Document, ListItem, SignOff
from approvals.views.progress import progress_of
from notifications import jobs
from notifications.models import Job
from pilots.models import Application, Batch, Designation
from workflows import explain, handlers, perform
from workflows.models import LedgerEntry
from workflows.refusals import Denied, NotNow, Stale

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ONE_PLACE = ("max_places = 10", "max_places = 1")
HIGH, LOW = Decimal("8.8"), Decimal("7.4")


def reasons(refusal):
    return {item.code for item in refusal.value.reasons}


def drawn(walk):
    walk.batch = walk.act(walk.batch, "draw_list", walk.cast["officer"])
    return walk


def places(batch, *, proposed=True):
    return [item.application.place.name for item in listing.items_of(batch) if item.proposed == proposed]


@pytest.fixture
def tied(amend, batch_of):
    """Two equal applications, one place, the list drawn."""
    amend(ONE_PLACE)
    return drawn(batch_of({"徐汇区": HIGH, "江宁区": HIGH, "海淀区": LOW}))


def test_a_tie_must_be_decided_by_the_head_and_says_so(tied):
    batch, head = tied.batch, tied.cast["head"]
    with pytest.raises(NotNow) as refused:
        perform(batch, "confirm", by=head, at=tied.at)
    assert reasons(refused) == {"tie"}
    wanted = tied.of("江宁区").number
    with pytest.raises(NotNow) as both:
        perform(batch, "decide_tie", by=head, at=tied.at, reason="都好",
                data={"chosen": [wanted, tied.of("徐汇区").number]})  # fmt: skip
    assert reasons(both) == {"count"}
    batch = tied.act(batch, "decide_tie", head, reason="按省份均衡。", data={"chosen": [wanted]})
    assert places(batch) == ["江宁区"]
    assert batch.list_version == 2
    entry = LedgerEntry.objects.filter(case_uuid=batch.uuid).order_by("-seq").first()
    assert entry.act == "decide_tie"
    assert wanted in entry.text
    batch = tied.act(batch, "confirm", head)
    assert batch.state == "countersign"


def test_a_tie_is_not_offered_where_there_is_none(batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": LOW}))
    codes = {offer.code for offer in explain(walk.batch, walk.cast["head"], walk.at, all_acts=True) if offer.allowed}
    assert "decide_tie" not in codes
    assert "confirm" in codes


def test_a_tie_by_a_criterion_is_settled_by_the_rules(amend, batch_of, world):
    amend(ONE_PLACE, ('tie = "head_decides"', f'tie = "higher_criterion"\ntie_criterion = "{world.programme().current.rules.scoring.criteria[0].code}"'))  # fmt: skip
    walk = batch_of({"徐汇区": HIGH, "江宁区": HIGH})
    favoured = walk.of("江宁区")
    first = favoured.rules.scoring.criteria[0]
    for review in favoured.reviews.all():
        review.scores[first.code] = str(first.scale)
        review.save()
    drawn(walk)
    assert places(walk.batch) == ["江宁区"]
    assert not ListItem.objects.filter(tied=True).exists()


def test_the_list_stays_within_a_provinces_quota(amend, batch_of):
    amend(("max_places = 10", "max_places = 10\nwithin_quota = true"))
    walk = batch_of({"徐汇区": HIGH, "江宁区": HIGH, "苏州市": LOW})
    walk.batch.quotas.create(place=walk.of("江宁区").province, places=1)
    drawn(walk)
    out = next(item for item in listing.items_of(walk.batch) if not item.proposed)
    assert out.application.place.name == "苏州市"
    assert "本省名额 1 个" in out.reason


def test_a_line_is_changed_with_a_reason_and_the_rules_hold(amend, batch_of):
    amend(("max_places = 10", "max_places = 2"))
    walk = drawn(
        batch_of({"徐汇区": HIGH, "江宁区": Decimal("8.0"), "海淀区": Decimal("7.5"), "苏州市": Decimal("3.0")})
    )
    officer, batch = walk.cast["officer"], walk.batch

    def edit(place, proposed, reason="联合考察意见。"):
        return perform(Batch.objects.get(pk=batch.pk), "edit_list", by=officer, at=walk.at, reason=reason,
                       data={"number": walk.of(place).number, "proposed": proposed})  # fmt: skip

    for place, proposed, reason, code in (
        ("海淀区", "in", "联合考察意见。", "full"), ("苏州市", "in", "照顾。", "below"),
        ("徐汇区", "in", "重复。", "same"), ("江宁区", "out", "", "reason"),
    ):  # fmt: skip
        with pytest.raises(NotNow) as refused:
            edit(place, proposed, reason)
        assert code in reasons(refused), place
    with pytest.raises(NotNow) as unknown:
        perform(batch, "edit_list", by=officer, at=walk.at, reason="x", data={"number": "没有", "proposed": "out"})
    assert "没有编号 没有" in str(unknown.value)
    edit("江宁区", "out", "主体资格存疑。")
    changed = edit("海淀区", "in").obj
    assert places(changed) == ["徐汇区", "海淀区"]
    assert [
        item.application.place.name for item, _was in listing.against_the_last(changed, listing.items_of(changed))
    ] == ["海淀区"]
    assert ListItem.objects.filter(version=1).count() == 4, "the version before is kept"
    with pytest.raises(Denied):
        perform(changed, "edit_list", by=walk.cast["head"], at=walk.at, reason="x", data={})


def test_a_list_that_somebody_tampered_with_is_not_signed(batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": LOW}))
    ListItem.objects.filter(application=walk.of("江宁区")).update(score=Decimal("99"))
    with pytest.raises(NotNow) as refused:
        perform(walk.batch, "confirm", by=walk.cast["head"], at=walk.at)
    assert reasons(refused) == {"list_changed"}


def test_a_list_whose_item_was_withdrawn_is_not_signed(batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": LOW}))
    with pytest.raises(NotNow) as late:
        perform(walk.of("徐汇区"), "withdraw", by=walk.leader_of(walk.of("徐汇区")), at=walk.at, reason="规划调整。")
    assert "已经上报" in str(late.value)
    # Should it leave the road all the same (a mistake mended by hand, say), no signature covers it up.
    Application.objects.filter(pk=walk.of("徐汇区").pk).update(state="withdrawn", ended_at=walk.at)
    with pytest.raises(NotNow) as refused:
        perform(walk.batch, "confirm", by=walk.cast["head"], at=walk.at)
    assert reasons(refused) == {"list_outdated"}
    assert "徐汇区" in str(refused.value)


def test_one_who_saw_the_old_list_signs_nothing(batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": Decimal("8.0")}))
    seen = walk.batch.version
    walk.act(walk.batch, "edit_list", walk.cast["officer"], reason="核减。",
             data={"number": walk.of("江宁区").number, "proposed": "out"})  # fmt: skip
    with pytest.raises(Stale) as stale:
        perform(walk.batch, "confirm", by=walk.cast["head"], at=walk.at, version=seen)
    assert [row.act for row in stale.value.changes] == ["edit_list"]


def colleague(world, role, name, organisation=None):
    user = User.objects.create(username=name, name=name, organisation=organisation)
    Grant.objects.create(user=user, role=role, valid_from=world.start)
    return user


def test_two_leaders_must_sign_and_a_return_voids_the_first_signature(amend, batch_of, world):
    amend(("approvals_needed = 1", "approvals_needed = 2"))
    walk = drawn(batch_of({"徐汇区": HIGH}))
    second, third = colleague(world, Role.LEADER, "第二位"), colleague(world, Role.LEADER, "第三位")

    def to_leader():
        walk.act(walk.batch, "confirm", walk.cast["head"])
        walk.batch = walk.act(walk.batch, "countersign", walk.cast["countersigner"])

    to_leader()
    batch = walk.act(walk.batch, "sign", walk.cast["leader"])
    assert batch.state == "leader"
    assert walk.of("徐汇区").state == "ready"
    with pytest.raises(NotNow) as again:
        perform(batch, "sign", by=walk.cast["leader"], at=walk.at)
    assert reasons(again) == {"signed"}
    walk.batch = walk.act(batch, "send_back", second, reason="请司里再议。", data={"to": "head"})
    assert walk.batch.state == "listed"
    assert listing.signatures(walk.batch, SignOff.Step.LEADER).count() == 0
    to_leader()
    walk.act(walk.batch, "sign", second)
    batch = walk.act(walk.batch, "sign", third)
    assert batch.state == "to_publish"
    assert walk.of("徐汇区").state == "listed"


def test_each_party_signs_for_itself(amend, batch_of, world):
    amend(("countersigners = [{", 'joint_ministries = ["财政部"]\ncountersigners = [{'))
    walk = drawn(batch_of({"徐汇区": HIGH}))
    ministry = Organisation.objects.create(name="财政部经济建设司", kind="division", place=world.place("北京市"))
    partner = colleague(world, Role.COUNTERSIGNER, "partner", ministry)
    walk.batch = walk.act(walk.batch, "confirm", walk.cast["head"])
    batch = walk.act(walk.batch, "countersign", partner)
    assert batch.state == "countersign"
    assert SignOff.objects.get(step="countersign").party == "财政部"
    with pytest.raises(NotNow) as again:
        perform(batch, "countersign", by=partner, at=walk.at)
    assert "signed" in reasons(again)
    batch = walk.act(batch, "countersign", walk.cast["countersigner"])
    assert batch.state == "leader"
    assert {row.party for row in SignOff.objects.filter(step="countersign")} == {"财政部", "条法司"}


def test_the_partner_refuses_and_the_list_goes_back(batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH}))
    walk.batch = walk.act(walk.batch, "confirm", walk.cast["head"])
    batch = walk.act(walk.batch, "send_back", walk.cast["countersigner"], reason="材料与财政口径不一致。")
    assert batch.state == "reviewing"
    assert walk.act(batch, "draw_list", walk.cast["officer"]).list_version == 2


def test_large_batches_are_carried_out_by_jobs_and_survive_being_run_twice(settings, batch_of):
    settings.BULK_INLINE = 1
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": HIGH, "海淀区": Decimal("3.0")}))
    walk.act(walk.batch, "confirm", walk.cast["head"])
    walk.act(walk.batch, "countersign", walk.cast["countersigner"])
    walk.batch = perform(walk.batch, "sign", by=walk.cast["leader"], at=walk.at).obj
    assert walk.batch.state == "to_publish"
    assert unsettled_lines(walk.batch) == 3
    with pytest.raises(NotNow) as early:
        perform(walk.batch, "publish_notice", by=walk.cast["checker"], at=walk.at)
    assert "余 3 件" in str(early.value)
    (card,) = progress_of(walk.batch)
    assert (card["kind"], card["done"], card["total"], card["state"]) == ("settle_list", 0, 3, "running")
    jobs.work(walk.at)
    assert unsettled_lines(walk.batch) == 0
    assert {a.place.name: a.state for a in Application.objects.filter(batch=walk.batch)} == {
        "徐汇区": "listed", "江宁区": "listed", "海淀区": "not_selected"}  # fmt: skip
    written = LedgerEntry.objects.count()
    Job.objects.filter(kind="settle_list").update(state="queued", finished_at=None)
    jobs.work(walk.at)
    assert LedgerEntry.objects.count() == written
    walk.notice()
    walk.issue()
    assert Designation.objects.filter(batch=walk.batch).count() == 2
    assert [card["kind"] for card in progress_of(walk.batch)] == ["settle_list", "approve"]


def issued(batch_of, *pairs):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": Decimal("8.0")}))
    walk.act(walk.batch, "confirm", walk.cast["head"])
    while walk.batch.state != "leader":
        walk.batch.refresh_from_db()
        if walk.batch.state == "countersign":
            walk.act(walk.batch, "countersign", walk.cast["countersigner"])
    walk.batch = walk.act(walk.batch, "sign", walk.cast["leader"])
    walk.notice()
    return walk


def test_a_wrong_word_is_corrected_by_a_notice_with_its_own_number(batch_of):
    walk = issued(batch_of)
    walk.issue()
    document, clerk = Document.objects.get(), walk.cast["checker"]
    with pytest.raises(NotNow) as nowhere:
        perform(walk.batch, "correct_document", by=clerk, at=walk.at, reason="笔误",
                data={"document": document.pk, "wrong": "不在文中的词", "right": "x"})  # fmt: skip
    assert "没有“不在文中的词”" in str(nowhere.value)
    walk.act(walk.batch, "correct_document", clerk, reason="笔误",
             data={"document": document.pk, "wrong": "徐汇区", "right": "上海市徐汇区"})  # fmt: skip
    notice = Document.objects.exclude(pk=document.pk).get()
    assert notice.corrects == document
    assert notice.number != document.number
    assert document.number in notice.title


def test_a_spoilt_number_is_void_kept_and_not_used_again(settings, batch_of):
    walk = issued(batch_of)
    # The certificates wait for their worker: nothing has been printed under the number yet.
    walk.batch = perform(walk.batch, "issue", by=walk.cast["checker"], at=walk.at,
                         data={"dated": walk.at.date().isoformat()}).obj  # fmt: skip
    first = Document.objects.get()
    batch = walk.act(walk.batch, "renumber_document", walk.cast["checker"], reason="文号重复。",
                     data={"document": first.pk})  # fmt: skip
    first.refresh_from_db()
    assert first.void
    assert first.replaced_by.number == batch.document_number != first.number
    papers = [row.words["paragraph"] for row in Certificate.objects.filter(designation__batch=batch)]
    assert papers
    assert all(first.number not in text and batch.document_number in text for text in papers)
    walk.seal()
    with pytest.raises(NotNow) as printed:
        perform(batch, "renumber_document", by=walk.cast["checker"], at=walk.at, reason="x",
                data={"document": first.replaced_by_id})  # fmt: skip
    assert reasons(printed) == {"printed"}


def test_the_signing_page_asks_for_proof_and_foretells_what_will_happen(client, batch_of, prove):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": Decimal("3.0")}))
    walk.batch = walk.act(walk.batch, "confirm", walk.cast["head"])
    client.force_login(walk.cast["countersigner"], backend=BACKEND)
    address = reverse("act", args=["batch", walk.batch.uuid, "countersign"])
    prove(False)
    assert "reauthenticate" in client.get(address)["Location"]
    prove(True)
    page = client.get(address).content.decode()
    assert "涉及 2 项" in page
    assert "徐汇区" in page
    client.force_login(walk.cast["officer"], backend=BACKEND)
    page = client.get(walk.batch.get_absolute_url()).content.decode()
    assert "低于入选线" in page


def test_a_line_is_changed_in_the_browser_from_the_list(client, batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": Decimal("8.0")}))
    client.force_login(walk.cast["officer"], backend=BACKEND)
    page = client.get(walk.batch.get_absolute_url()).content.decode()
    number = walk.of("江宁区").number
    address = reverse("act", args=["batch", walk.batch.uuid, "edit_list"])
    assert f"{address}?number={number}&amp;proposed=out" in page
    form = client.get(f"{address}?number={number}&proposed=out").content.decode()
    assert f'value="{number}"' in form
    assert '<option value="out" selected' in form
    answer = client.post(address, {"number": number, "proposed": "out", "reason": ""})
    assert answer.status_code == 422
    assert number in answer.content.decode()
    client.post(address, {"number": number, "proposed": "out", "reason": "主体资格存疑。"})
    page = client.get(walk.batch.get_absolute_url()).content.decode()
    assert "人工调整" in page
    assert "由拟批准改为不列入" in page
    assert "主体资格存疑。" in page


@pytest.mark.parametrize(("name", "limit"), [("batch", 20), ("batch_list", 12)])
def test_pages_of_a_list_cost_the_same_at_three_and_at_three_hundred(client, batch_of, name, limit):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": HIGH, "海淀区": LOW}))
    client.force_login(walk.cast["officer"], backend=BACKEND)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name, args=[walk.batch.uuid])).status_code == 200
        return len(captured)

    small = cost()
    more_lines(walk, 300)
    assert cost() == small <= limit


def more_lines(walk, many):
    model = walk.of("徐汇区")
    for serial in range(many):
        copy = Application.objects.get(pk=model.pk)
        place = copy.place
        place.pk, place.code, place.name, place.path = None, f"9{serial:05d}", f"地方{serial}", f"x{serial}/"
        place.save()
        copy.pk, copy.uuid, copy.number, copy.place, copy.claim = None, uuid4(), f"X-{serial}", place, ""
        copy.save()
        ListItem.objects.create(
            batch=walk.batch, version=1, application=copy, rank=10 + serial, proposed=False, score=1
        )


def test_the_list_page_is_searched_filtered_and_taken_away(client, batch_of):
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": HIGH, "海淀区": Decimal("3.0")}))
    more_lines(walk, 120)
    client.force_login(walk.cast["leader"], backend=BACKEND)
    address = reverse("batch_list", args=[walk.batch.uuid])
    assert "第 2 页" in client.get(address).content.decode() or "page=2" in client.get(address).content.decode()
    page = client.get(address, {"q": "江宁"}).content.decode()
    assert "江宁区" in page
    assert "徐汇区" not in page
    page = client.get(address, {"result": "in"}).content.decode()
    assert "徐汇区" in page
    assert "海淀区" not in page
    assert "没有符合条件的项" in client.get(address, {"q": "火星"}).content.decode()
    assert "已忽略" in client.get(address, {"result": "bad"}).content.decode()
    sheet = load_workbook(BytesIO(client.get(address, {"format": "xlsx"}).content)).active
    assert sheet.max_row == 124
    assert sheet["C2"].value == "徐汇区"


def test_one_item_that_fails_does_not_hold_the_others(settings, batch_of, monkeypatch):
    settings.BULK_INLINE = 1
    walk = drawn(batch_of({"徐汇区": HIGH, "江宁区": HIGH, "海淀区": HIGH}))
    walk.act(walk.batch, "confirm", walk.cast["head"])
    walk.act(walk.batch, "countersign", walk.cast["countersigner"])
    walk.batch = perform(walk.batch, "sign", by=walk.cast["leader"], at=walk.at).obj
    real, broken = handlers.settle, walk.of("江宁区").pk

    def sometimes(item, application, act):
        if application.pk == broken:
            raise RuntimeError("planted")
        real(item, application, act)

    with monkeypatch.context() as patch:
        patch.setattr(handlers, "settle", sometimes)
        jobs.work(walk.at)
        jobs.work(walk.at)
    assert walk.of("徐汇区").state == walk.of("海淀区").state == "listed"
    assert walk.of("江宁区").state == "ready"
    (card,) = progress_of(walk.batch)
    assert (card["done"], card["total"], card["state"]) == (2, 3, "running")
    assert "planted" in Job.objects.get(kind="settle_list", state="queued").error
    walk.wait(days=1)
    assert walk.of("江宁区").state == "listed"
