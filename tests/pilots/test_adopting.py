"""Running cases and another version of their rules: verdicts each with a case, the decision, the ledger, the way back."""

import json

import pytest
from django.urls import reverse

from accounts.models import Grant, User
from approvals.models import Review
from config.demo.paths import _to_acceptance, _to_site
from notifications.models import Deadline
from pilots import adopting, inflight
from pilots.authoring.writing import Writing
from pilots.models import AdoptionItem, Application, Batch, Designation, IndicatorValue, RulesAdoption, RulesVersion
from workflows import ledger, perform
from workflows.models import LedgerEntry
from workflows.refusals import Denied, NotNow
from workflows.sweep import settle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _paper(monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())


def version(world, *steps, number="2027.1"):
    """Another published version of the trial zone's rules."""
    programme = world.programme()
    writing = Writing(programme.current.text)
    writing.set(("version",), number)
    for name, *given in steps:
        getattr(writing, name)(*given)
    return RulesVersion.objects.create(
        programme=programme,
        version=number,
        text=writing.text,
        published_at=world.start,
        published_by=world.cast["head"],
    )


def again(case):
    return type(case).objects.select_related(*case.related).get(pk=case.pk)


def verdict(case, new, at):
    row = inflight.judge(again(case), new, at)
    return row.verdict, [need.key for need in row.needs], row.strands


def decide(world, new, cases, at, mapping=None):
    made = adopting.decide(world.programme(), new, [(again(case), {}) for case in cases], mapping=mapping or {},
                           reason="按新规则办理。", by=world.cast["head"], at=at)  # fmt: skip
    settle(at)
    return made


LONGER = ("set", ("stage", 2, "due", "n"), "20")
NO_PROV = ("remove", ("stage", 2))


def test_a_longer_time_affects_nobody_and_moves_the_deadline(world):
    walk, application = world.application(to="province_review")
    new = version(world, LONGER)
    assert verdict(application, new, walk.at) == ("unaffected", [], [])
    before = Deadline.objects.of(application).open().get(code="prov").due_on
    decide(world, new, [application], walk.at)
    application = again(application)
    assert application.rules.stage("PROV").due.n == 20
    assert Deadline.objects.of(application).open().get(code="prov").due_on > before
    row = LedgerEntry.objects.filter(case_uuid=application.uuid).latest("seq")
    facts = json.loads(row.text)["facts"]
    assert (facts["from_rules"], facts["to_rules"], row.reason) == ("2026.2", "2027.1", "按新规则办理。")
    assert ledger.verify(application) == []
    assert walk.recommend(application).state == "formality_check"


def test_a_stage_that_is_gone_is_passed_with_a_mapping(world):
    walk, application = world.application(to="province_review")
    new = version(world, NO_PROV)
    kind, needs, _strands = verdict(application, new, walk.at)
    assert (kind, needs) == ("mapping", ["stage:PROV"])
    refused = decide(world, new, [application], walk.at)
    item = refused.items.get()
    assert item.state == AdoptionItem.State.REFUSED
    assert "请选择怎样对应" in item.reason
    assert again(application).state == "province_review"
    decide(world, new, [application], walk.at, {"stage:PROV": "next"})
    application = again(application)
    assert application.state == "formality_check"
    row = LedgerEntry.objects.filter(case_uuid=application.uuid).latest("seq")
    assert (row.act, row.from_state, row.to_state) == ("adopt_rules", "province_review", "formality_check")
    assert walk.check(application).state == "panel_draw"


def test_a_supplement_without_its_stage_would_strand(world):
    walk, application = world.application(to="formality_check")
    application = walk.act(application, "ask_supplement", world.cast["checker"], reason="请补正。",
                           data={"item_0": "on", "note": "缺材料"})  # fmt: skip
    position = next(i for i, stage in enumerate(application.rules.stages) if stage.code == "SUPP")
    new = version(world, ("remove", ("stage", position)))
    kind, _needs, strands = verdict(application, new, walk.at)
    assert kind == "stranded"
    assert "补正中" in strands[0]
    with pytest.raises(NotNow, match="补正中"):
        perform(application, "adopt_rules", by=world.cast["head"], at=walk.at, reason="试", data={"version": new.pk})


def test_an_answered_question_that_is_gone_needs_a_home_and_comes_back(world):
    walk, application = world.application(to="province_review")
    given = application.answers["overview"]["core_area"]
    new = version(
        world,
        ("remove", ("section", 0, "field", 2)),
        ("append", ("section", 0, "field"), {"code": "borders", "name": {"zh": "四至"}, "type": "text"}),
    )
    kind, needs, _ = verdict(application, new, walk.at)
    assert (kind, needs) == ("mapping", ["answer:overview.core_area"])
    row = inflight.judge(again(application), new, walk.at)
    assert [value for value, _label in row.needs[0].choices] == ["overview.borders", "-"]
    made = decide(world, new, [application], walk.at, {"answer:overview.core_area": "overview.borders"})
    application = again(application)
    assert application.answers["overview"]["borders"] == given
    assert "core_area" not in application.answers["overview"]
    back = adopting.back(made, reason="改回。", by=world.cast["head"], at=walk.at)
    settle(walk.at)
    application = again(application)
    assert application.rules.version == "2026.2"
    assert application.answers["overview"]["core_area"] == given
    assert "borders" not in application.answers["overview"]
    assert back[0].reverts == made
    assert ledger.verify(application) == []


def test_an_answer_that_is_not_carried_on_is_kept_and_comes_back(world):
    walk, application = world.application(to="province_review")
    before = application.answers
    new = version(world, ("remove", ("section", 0, "field", 2)))
    made = decide(world, new, [application], walk.at, {"answer:overview.core_area": "-"})
    assert "core_area" not in again(application).answers["overview"]
    adopting.back(made, reason="改回。", by=world.cast["head"], at=walk.at)
    settle(walk.at)
    assert again(application).answers == before


def test_an_option_that_is_gone_needs_another(world):
    walk, application = world.application(to="province_review")
    chosen = application.answers["overview"]["area_kind"]
    codes = [choice.code for choice in application.rules.sections[0].fields[1].choices]
    new = version(world, ("remove", ("section", 0, "field", 1, "choices", codes.index(chosen))))
    key = f"option:overview.area_kind.{chosen}"
    assert verdict(application, new, walk.at)[:2] == ("mapping", [key])
    other = next(code for code in codes if code != chosen)
    made = decide(world, new, [application], walk.at, {key: other})
    assert again(application).answers["overview"]["area_kind"] == other
    adopting.back(made, reason="改回。", by=world.cast["head"], at=walk.at)
    settle(walk.at)
    assert again(application).answers["overview"]["area_kind"] == chosen


def test_criteria_that_change_after_scores_would_strand(world):
    walk, application = world.application(to="expert_review")
    new = version(
        world,
        ("set", ("scoring", "criterion", 0, "weight"), "30"),
        ("set", ("scoring", "criterion", 1, "weight"), "25"),
    )
    assert verdict(application, new, walk.at)[0] == "unaffected"
    Review.objects.filter(application=application).update(state="submitted", submitted_at=walk.at, total=80)
    kind, _needs, strands = verdict(application, new, walk.at)
    assert kind == "stranded"
    assert "已经评分" in strands[0]


def test_a_stage_nobody_holds_would_strand(world):
    walk, application = world.application(to="formality_check")
    position = next(i for i, stage in enumerate(application.rules.stages) if stage.code == "FORM")
    new = version(world, ("set", ("stage", position, "owner"), "survey_contractor"))
    kind, _needs, strands = verdict(application, new, walk.at)
    assert kind == "stranded"
    assert "没有人担任" in strands[0]


def test_a_site_whose_indicator_is_gone_needs_a_name_for_its_numbers(world, walk):
    site = walk.paper(_to_site(walk, world.place("徐汇区")), "file_plan")
    IndicatorValue.objects.create(designation=site, code="service_firms", period="2017", value=5, at=walk.at)
    new = version(
        world,
        ("set", ("indicator", 0, "code"), "firms"),
        ("set", ("section", 2, "field", 0, "indicators"), ["service_staff"]),
    )
    assert verdict(site, new, walk.at)[:2] == ("mapping", ["indicator:service_firms"])
    made = decide(world, new, [site], walk.at, {"indicator:service_firms": "firms"})
    assert made.items.get().state == AdoptionItem.State.DONE, made.items.get().reason
    assert IndicatorValue.objects.get().code == "firms"
    adopting.back(made, reason="改回。", by=world.cast["head"], at=walk.at)
    settle(walk.at)
    assert IndicatorValue.objects.get().code == "service_firms"
    assert again(site).rules.version == "2026.2"


def test_an_acceptance_whose_stage_is_gone_would_strand(world, walk):
    site = _to_acceptance(walk, world.place("徐汇区"))
    codes = [stage.code for stage in site.rules.stages]
    steps = [("remove", ("stage", codes.index(code))) for code in ("UPG", "RECT", "ACC", "SELF")]
    new = version(world, *steps, ("remove", ("acceptance",)), ("remove", ("upgrade",)))
    kind, _needs, strands = verdict(site, new, walk.at)
    assert kind == "stranded"
    assert "验收中" in strands[0]


def test_a_batch_takes_new_rules_and_what_is_under_way_stays_behind(world):
    walk, application = world.application(to="province_review")
    new = version(world, ("set", ("cutoff", "min_score"), "70"))
    decide(world, new, [walk.batch], walk.at)
    assert again(walk.batch).rules.version == "2027.1"
    assert again(application).rules.version == "2026.2"
    rows = inflight.plan(world.programme(), new, walk.at)
    assert [row.case for row in rows] == [application]
    decide(world, new, [application], walk.at)
    assert inflight.plan(world.programme(), new, walk.at) == []


def test_a_signed_list_keeps_its_cutoff(world):
    walk, _application = world.application(to="ready")
    walk.close()
    walk.act(Batch.objects.get(pk=walk.batch.pk), "draw_list", world.cast["officer"])
    new = version(world, ("set", ("cutoff", "min_score"), "70"))
    assert verdict(walk.batch, new, walk.at)[0] == "stranded"


def test_only_the_head_decides_and_only_for_the_own_programme(world):
    walk, application = world.application(to="province_review")
    new = version(world, LONGER)
    with pytest.raises(Denied):
        perform(application, "adopt_rules", by=world.cast["officer"], at=walk.at, reason="试", data={"version": new.pk})
    foreign = world.programme("patent_navigation_centre").current
    for data, words in (
        ({"version": foreign.pk}, "不属于本项目"),
        ({"version": world.programme().versions.get(version="2026.2").pk}, "已按"),
    ):
        with pytest.raises(NotNow, match=words):
            perform(application, "adopt_rules", by=world.cast["head"], at=walk.at, reason="试", data=data)
    with pytest.raises(NotNow, match="理由"):
        perform(application, "adopt_rules", by=world.cast["head"], at=walk.at, data={"version": new.pk})


def test_the_page_shows_decides_and_takes_back(world, stand, browse, monkeypatch):
    walk, application = world.application(to="province_review")
    _walk, second = world.application(to="draft", place="海淀区", walk=walk)
    version(world, NO_PROV)
    stand(walk.at)
    head, officer = browse(world.cast["head"]), browse(world.cast["officer"])
    url = reverse("programme_adopt", args=["service_cluster_trial_zone"])
    text = officer.read(f"{url}?version=2027.1")
    assert "由司局负责人决定" in text
    assert officer.post(url, {"version": "2027.1"}).status_code == 403
    form = {
        "version": "2027.1",
        "case": [str(application.uuid), str(walk.batch.uuid)],
        "map:stage:PROV": "next",
        "reason": "新规则",
    }
    unproven = head.post(url, form | {"carry": "1"})
    assert unproven.status_code == 422
    assert "先验证身份" in unproven.content.decode()
    monkeypatch.setattr("accounts.proof.recently_proven", lambda request: True)
    assert "请写明理由" in head.post(url, form | {"reason": "", "carry": "1"}).content.decode()
    shown = head.post(url, form | {"preview": "1"})
    assert "将把选中的 2 件转入" in shown.content.decode()
    assert not RulesAdoption.objects.exists()
    done = head.post(url, form | {"carry": "1"})
    made = RulesAdoption.objects.get()
    assert done.url == reverse("adoption", args=[made.uuid])
    assert "正在逐件转入" in head.read(done.url)
    settle(walk.at)
    assert "已逐件办理完毕" in head.read(done.url)
    assert head.get(reverse("adoption_progress", args=[made.uuid])).status_code == 286
    assert Application.objects.get(pk=application.pk).state == "formality_check"
    assert again(second).rules.version == "2026.2"
    assert officer.post(done.url, {"reason": "x"}).status_code == 403
    assert head.post(done.url, {"reason": ""}).status_code == 422
    taken = head.post(done.url, {"reason": "改回"})
    assert taken.status_code == 302
    settle(walk.at)
    assert again(walk.batch).rules.version == "2026.2"
    assert "恢复到 2026.2" in head.read(url)


@pytest.mark.parametrize("more", [0, 5])
def test_the_dry_run_costs_the_same_for_more_cases(world, stand, browse, more, django_assert_max_num_queries):
    walk, _application = world.application(to="province_review")
    for name in ("海淀区", "江宁区", "广州开发区", "武汉市", "西安市")[:more]:
        world.application(to="province_review", place=name, walk=walk)
    version(world, LONGER)
    stand(walk.at)
    head = browse(world.cast["head"])
    url = reverse("programme_adopt", args=["service_cluster_trial_zone"]) + "?version=2027.1"
    head.get(url)
    with django_assert_max_num_queries(20):
        head.get(url)


def test_running_sites_of_other_versions_are_in_the_plan(world, walk):
    site = _to_site(walk, world.place("徐汇区"))
    new = version(world, LONGER)
    assert site in [row.case for row in inflight.plan(world.programme(), new, walk.at)]
    assert Designation.objects.get(pk=site.pk).rules_version_id is None


def test_what_runs_is_shown_to_those_of_the_programme_only(world, browse, stand):
    """The dry run names every case of a programme, drafts among them: whoever runs another one has no business there."""
    walk, application = world.application(to="province_review")
    stand(walk.at)
    version(world, LONGER)
    address = reverse("programme_adopt", args=[world.programme().code])
    elsewhere = User.objects.create(username="elsewhere", name="外项目主管")
    seat = Grant.objects.create(
        user=elsewhere, role="programme_officer", programme="soft_science_project", valid_from=world.start
    )
    assert browse(elsewhere).get(address).status_code == 404
    assert browse(elsewhere).post(address, {"case": application.uuid, "reason": "x"}).status_code == 404
    # The planted positive.
    Grant.objects.filter(pk=seat.pk).update(programme=world.programme().code)
    assert application.number in browse(elsewhere).read(address)
