"""Sheets with bonus and veto, surveys, inspections, scores too far apart: what they move."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from approvals.listing import preview
from approvals.models import Credit, Discussion, Photo, Review, Survey
from approvals.rules.scoring import aggregate, apart, outliers, sheet_total
from config.demo.cast import Seat, _seat
from notifications.models import Deadline
from pilots.models import Application
from pilots.rules.judgement import Criterion, Scoring
from pilots.rules.parts import Words
from workflows import explain, perform
from workflows.refusals import Denied, NotNow

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40
SURVEYED = ("weight = 25\nscale = 10\nguidance = { zh = \"机构", "weight = 5\nscale = 10\nguidance = { zh = \"机构",
            "spread_flag = 20", "spread_flag = 20\nsurvey_weight = 20",
            '[[stage]]\ncode = "CUT"', '[[stage]]\ncode = "SURV"\nowner = "survey_contractor"\n'
            'due = { n = 10, unit = "working" }\n\n[[stage]]\ncode = "CUT"')  # fmt: skip
VISITED = ('[[stage]]\ncode = "CUT"', '[[stage]]\ncode = "SITE"\nowner = "expert_secretary"\n'
           'due = { n = 10, unit = "working" }\n\n[[stage]]\ncode = "CUT"',
           # A stage that is used is not excused.
           'stage = "SITE"', 'stage = "REX"')  # fmt: skip


def scoring(**more):
    sheet = [Criterion(code="a", name=Words(zh="a"), weight=Decimal(60)), Criterion(code="b", name=Words(zh="b"), weight=Decimal(40))]  # fmt: skip
    return Scoring(experts=5, quorum=3, criterion=more.pop("sheet", sheet), **more)


def marks(application, mark, **more):
    return dict.fromkeys([one.code for one in application.rules.scoring.criteria], str(mark)) | more


def score_all(walk, application, values):
    """One mark out of ten per assigned expert, in order."""
    rows = Review.objects.filter(application=application, state="assigned").select_related("expert").order_by("pk")
    for row, mark in zip(list(rows), values, strict=True):
        application = walk.act(application, "score", row.expert, data=marks(application, mark))
    return Application.objects.get(pk=application.pk)


# --- the sums --------------------------------------------------------------------------------------------------------


def test_a_sheet_with_a_bonus():
    rules = scoring(bonus_max=Decimal(5))
    assert sheet_total(rules, {"a": "8", "b": "5"}, Decimal("1.5")) == Decimal("69.50")
    for bonus in ("-1", "5.5"):
        with pytest.raises(ValueError, match="bonus"):
            sheet_total(rules, {"a": "8", "b": "5"}, Decimal(bonus))


def test_a_survey_counts_by_its_weight():
    sheet = [Criterion(code="a", name=Words(zh="a"), weight=Decimal(80))]
    rules = scoring(sheet=sheet, survey_weight=Decimal(20), aggregation="trimmed_mean")
    totals = [Decimal(n) for n in (40, 60, 64, 68, 80)]
    # (60 + 64 + 68) / 3 + 90 × 20 %
    assert aggregate(rules, totals, Decimal(90)) == Decimal("82.00")
    with pytest.raises(ValueError, match="missing"):
        aggregate(rules, totals)
    with pytest.raises(ValueError, match="outside"):
        aggregate(rules, totals, Decimal(101))


def test_apart_means_more_than_the_rules_let_pass():
    rules = scoring(spread_flag=Decimal(20))
    assert not apart(rules, [Decimal(60), Decimal(80)])
    assert apart(rules, [Decimal("59.99"), Decimal(80)])
    assert not apart(scoring(), [Decimal(0), Decimal(100)])
    assert outliers(rules, {1: Decimal(50), 2: Decimal(80), 3: Decimal(82)}) == [1]
    assert outliers(rules, {1: Decimal(70), 2: Decimal(80), 3: Decimal(82)}) == []


# --- bonus and veto --------------------------------------------------------------------------------------------------


def test_bonus_and_veto_need_a_reason_and_move_the_list(world, ruled, client):
    ruled("spread_flag = 20", "spread_flag = 20\nbonus_max = 3")
    walk, application = world.application(to="expert_review")
    reviews = list(application.reviews.select_related("expert").order_by("pk"))
    bad = marks(application, 8, bonus="3.5", veto_0="on")
    with pytest.raises(NotNow) as refusal:
        perform(application, "score", by=reviews[0].expert, at=walk.at, data=bad)
    assert {reason.field for reason in refusal.value.reasons} == {"bonus", "veto_reason"}
    with pytest.raises(NotNow) as refusal:
        perform(application, "score", by=reviews[0].expert, at=walk.at, data=marks(application, 8, bonus="2"))
    assert [reason.field for reason in refusal.value.reasons] == ["bonus_reason"]
    good = marks(application, 8, bonus="2", bonus_reason="有国家级平台", veto_0="on", veto_reason="机构名单重复")
    walk.act(application, "score", reviews[0].expert, data=good)
    for review in reviews[1:]:
        walk.act(application, "score", review.expert, data=marks(application, 8))
    application.refresh_from_db()
    assert (application.state, application.score) == ("ready", Decimal("80.40"))
    [line] = preview(walk.batch)
    assert not line.proposed
    assert line.reason == "一票否决：申报材料弄虚作假"
    client.force_login(world.cast["officer"], backend=BACKEND)
    page = client.get(reverse("application", args=[application.uuid]) + "?tab=scores").content.decode()
    assert "机构名单重复" in page
    assert "有国家级平台" in page


def test_drafts_of_bonus_and_veto_are_kept(world, ruled, client):
    ruled("spread_flag = 20", "spread_flag = 20\nbonus_max = 3")
    _walk, application = world.application(to="expert_review")
    review = application.reviews.select_related("expert").first()
    client.force_login(review.expert, backend=BACKEND)
    save = reverse("review_save", args=[application.uuid])
    for field, value in (("bonus", "2"), ("bonus_reason", "有平台"), ("veto_1", "on"), ("veto_reason", "处罚")):
        assert client.post(save, {"field": field, "value": value}).json()["error"] == ""
    assert client.post(save, {"field": "bonus", "value": "4"}).json()["error"]
    assert client.post(save, {"field": "veto_9", "value": "on"}).status_code == 400
    review.refresh_from_db()
    assert (review.bonus, review.bonus_reason, len(review.vetoes), review.veto_reason) == (2, "有平台", 1, "处罚")
    page = client.get(reverse("review", args=[application.uuid])).content.decode()
    assert 'value="有平台"' in page
    assert page.count(" checked") == 2, "the veto item and the switch of the keys"
    client.post(save, {"field": "veto_1", "value": ""})
    review.refresh_from_db()
    assert review.vetoes == []


# --- survey and inspection -------------------------------------------------------------------------------------------


def test_a_missing_survey_keeps_the_review_open_and_its_result_closes_it(world, ruled):
    ruled(*SURVEYED)
    walk, application = world.application(to="expert_review")
    contractor = _seat(
        Seat("survey", "调查员", "调查公司（示例）", "enterprise", "中国", (Role.SURVEY_CONTRACTOR,)), world.start
    )
    assert Deadline.objects.of(application).open().filter(code="surv", role="survey_contractor").exists()
    assert Application.objects.visible_to(contractor).get() == application
    application = score_all(walk, application, [8] * 5)
    assert application.state == "expert_review"
    with pytest.raises(NotNow, match="第三方调查"):
        perform(application, "conclude_review", by=world.cast["officer"], at=walk.at)
    with pytest.raises(NotNow) as refusal:
        perform(application, "record_survey", by=contractor, at=walk.at, data={"result": "101", "sample": "0"})
    assert {reason.field for reason in refusal.value.reasons} == {"result", "sample"}
    with pytest.raises(Denied):
        perform(application, "record_survey", by=world.cast["head"], at=walk.at, data={"result": "90", "sample": 30})
    walk.act(application, "record_survey", contractor, data={"result": "90", "sample": "30"})
    application.refresh_from_db()
    assert (application.state, application.score) == ("ready", Decimal("82.00"))
    assert Survey.objects.get().by == contractor
    contractor.__dict__.pop("_authority", None)
    assert not Application.objects.visible_to(contractor).exists(), "seen while it is reviewed only"
    assert not Deadline.objects.of(application).open().filter(code="surv").exists()


def test_an_inspection_is_recorded_with_photographs_before_the_end(world, ruled, client, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    ruled(*VISITED)
    walk, application = world.application(to="expert_review")
    application = score_all(walk, application, [8] * 5)
    assert application.state == "expert_review"
    data = {"held_on": "2017-03-01", "mode": "on_site", "people": "周文海、吴雨桐", "findings": "园区已建成。"}
    late = data | {"held_on": "2099-01-01"}
    fake = {"photo_1": SimpleUploadedFile("图.png", b"not a picture")}
    with pytest.raises(NotNow) as refusal:
        perform(application, "record_inspection", by=world.cast["officer"], at=walk.at, data=late, files=fake)
    assert {reason.field for reason in refusal.value.reasons} == {"held_on", "photo_1"}
    files = {"photo_1": SimpleUploadedFile("徐汇区.png", PNG)}
    walk.act(application, "record_inspection", world.cast["officer"], data=data, files=files)
    application.refresh_from_db()
    assert application.state == "ready"
    photo = reverse("inspection_photo", args=[Photo.objects.get().uuid])
    client.force_login(world.cast["officer"], backend=BACKEND)
    assert b"".join(client.get(photo).streaming_content) == PNG
    assert "园区已建成" in client.get(application.get_absolute_url() + "?tab=scores").content.decode()
    for user, status in ((walk.leader_of(application), 403), (Review.objects.first().expert, 403)):
        client.force_login(user, backend=BACKEND)
        assert client.get(photo).status_code == status


# --- scores too far apart --------------------------------------------------------------------------------------------


@pytest.fixture
def divided(world):
    """An application whose experts disagree."""
    walk, application = world.application(to="expert_review")
    return walk, score_all(walk, application, [9, 9, 9, 9, 6])


def talk(walk, application, **more):
    people = list(application.reviews.values_list("expert_id", flat=True))
    data = {"held_on": "2017-03-01", "present": people, "minutes": "逐项讨论了分歧。", "outcome": "keep"} | more
    return walk.act(application, "hold_discussion", walk.cast["officer"], data=data)


def test_scores_too_far_apart_wait_for_the_panel(world, divided, client):
    walk, application = divided
    assert application.state == "expert_review"
    assert Deadline.objects.of(application).open().get().code == "settle", "somebody is asked to bring them together"
    with pytest.raises(NotNow, match="须先组织专家合议"):
        perform(application, "conclude_review", by=world.cast["officer"], at=walk.at)
    client.force_login(world.cast["officer"], backend=BACKEND)
    assert "相差 30.00 分" in client.get(application.get_absolute_url() + "?tab=scores").content.decode()
    with pytest.raises(NotNow) as refusal:
        perform(application, "hold_discussion", by=world.cast["officer"], at=walk.at, data={"outcome": "revise"})
    assert {reason.field for reason in refusal.value.reasons} == {"held_on", "present", "minutes", "reopen"}
    talk(walk, application)
    application.refresh_from_db()
    assert (application.state, application.score) == ("ready", Decimal("84.00"))
    assert Credit.objects.get().kind == Credit.Kind.OUTLIER
    assert "逐项讨论了分歧" in client.get(application.get_absolute_url() + "?tab=scores").content.decode()


def test_a_discussion_may_give_sheets_back(world, divided):
    walk, application = divided
    low = application.reviews.order_by("pk").last()
    talk(walk, application, outcome="revise", reopen=[low.expert_id])
    low.refresh_from_db()
    assert (low.state, low.total, bool(low.scores)) == ("assigned", None, True)
    due = Deadline.objects.of(application).open().get(user=low.expert)
    assert due.due_on > walk.at.date()
    application = walk.act(application, "score", low.expert, data=marks(application, 8))
    application.refresh_from_db()
    assert (application.state, application.score) == ("ready", Decimal("88.00"))


def test_no_sheet_is_given_back_to_somebody_who_has_left(world, divided):
    walk, application = divided
    low = application.reviews.order_by("pk").last()
    low.expert.is_active = False
    low.expert.save()
    with pytest.raises(NotNow, match="已不能评审，不能重新评分") as refusal:
        talk(walk, application, outcome="revise", reopen=[low.expert_id])
    assert str(low.expert) in str(refusal.value)
    low.refresh_from_db()
    assert low.state == "submitted"
    talk(walk, application, outcome="keep")
    application.refresh_from_db()
    assert application.state == "ready"


def test_a_discussion_may_ask_for_one_more(world, divided, client):
    walk, application = divided
    talk(walk, application, outcome="extra")
    client.force_login(world.cast["officer"], backend=BACKEND)
    assert "合议决定增补一位专家" in client.get(application.get_absolute_url() + "?tab=scores").content.decode()
    with pytest.raises(NotNow):
        perform(application, "conclude_review", by=world.cast["officer"], at=walk.at)
    offers = {offer.code: offer for offer in explain(application, world.cast["officer"], walk.at)}
    form = offers["add_expert"].act.form(obj=application, by=world.cast["officer"], at=walk.at)
    assert len(form["experts"].initial) == 1
    application = walk.act(application, "add_expert", world.cast["officer"], data={"experts": form["experts"].initial})
    application = score_all(walk, application, [9])
    assert application.state == "ready"
    assert Discussion.objects.get().spread == Decimal("30.00")


def test_nothing_to_discuss_is_said(world):
    walk, application = world.application(to="expert_review")
    with pytest.raises(NotNow, match="还有专家没有评分"):
        perform(application, "hold_discussion", by=world.cast["officer"], at=walk.at, data={})
    with pytest.raises(Denied):
        perform(application, "hold_discussion", by=walk.leader_of(application), at=walk.at, data={})


# --- the record ------------------------------------------------------------------------------------------------------


def test_a_late_sheet_and_a_late_recusal_are_noted(world):
    walk, application = world.application(to="expert_review")
    reviews = list(application.reviews.select_related("expert").order_by("pk"))
    later = walk.at + timedelta(days=60)
    perform(application, "score", by=reviews[0].expert, at=walk.at, data=marks(application, 8))
    perform(application, "score", by=reviews[1].expert, at=later, data=marks(application, 8))
    perform(application, "recuse", by=reviews[2].expert, at=later, reason="任顾问")
    noted = {row.expert.user_id: row.kind for row in Credit.objects.select_related("expert")}
    assert noted == {reviews[1].expert_id: "late", reviews[2].expert_id: "recused_late"}


def test_two_of_one_employer_do_not_sit_together(world):
    walk, application = world.application(to="panel_draw")
    first, second = world.cast.experts[2], world.cast.experts[3]
    second.organisation = first.organisation
    second.save()
    people = [one.pk for one in world.cast.experts if one.organisation.place.name != "上海市"][:8]
    with pytest.raises(NotNow, match="同一单位至多 1 位"):
        perform(application, "assign_experts", by=world.cast["officer"], at=walk.at, data={"experts": people})


def test_the_focus_page_counts_this_batch_and_compares_own_scores(world, client):
    walk = world.walk()
    walk.call()
    applications = [world.application(place=name, to="expert_review", walk=walk)[1] for name in ("徐汇区", "江宁区")]
    first, second = (set(one.reviews.values_list("expert_id", flat=True)) for one in applications)
    review = Review.objects.select_related("expert").get(application=applications[0], expert=min(first & second))
    client.force_login(review.expert, backend=BACKEND)
    page = client.get(reverse("review", args=[applications[1].uuid])).content.decode()
    assert "共 2 份，已完成 0 份" in page
    assert "本人本批次评分比较" not in page
    walk.act(applications[0], "score", review.expert, data=marks(applications[0], 8))
    page = client.get(reverse("review", args=[applications[1].uuid])).content.decode()
    assert "共 2 份，已完成 1 份" in page
    assert "本人本批次评分比较" in page
    assert "80.00" in page
    assert "共 2 份，已完成 1 份" in client.get(reverse("reviews")).content.decode()
