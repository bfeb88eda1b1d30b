"""Pages of the shapes beyond building: agreement, money, branches, operation, prizes, rolling and commissioned intakes."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, Place
from accounts.roles import Role
from approvals.models import Certificate, Document, ListItem
from config.demo.paths import PATHS, _to_review, _to_site, _to_title
from config.demo.world import first_place
from pilots.models import (
    Application,
    ApplicationState,
    Batch,
    BatchState,
    Designation,
    DesignationState,
    Programme,
    RulesVersion,
    SubSite,
)
from pilots.rules.document import cached
from pilots.views import flowchart, journey
from pilots.views.track import track
from templates.pictures import flow, term_chart
from tests.world import _texts

pytestmark = pytest.mark.django_db
CASE, LIST = 20, 12


@pytest.fixture(autouse=True)
def _paper(monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())


@pytest.fixture
def live(world, stand):
    """`live(code, step)`: a walk of a programme as far as `step` takes it; (walk, site or application)."""

    def _live(code, step=_to_site):
        walk = world.walk(code)
        place = first_place(walk.programme, world.cast)
        case = step(walk, place)
        stand(walk.at)
        return walk, case or Designation.objects.filter(batch=walk.batch).order_by("-pk").first()

    return _live


def path(name):
    return PATHS[name].live


def cost(browser, url):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        text = browser.read(url)
    return len(seen), text


# --- the agreement -----------------------------------------------------------------------------------------------


def test_an_agreement_is_read_signed_and_shown(live, world, browse, prove):
    walk, site = live("soft_science_project")
    prove(True)
    leader = walk.leader_of(site)
    url = reverse("act", args=["designation", site.uuid, "sign_agreement"])
    text = browse(leader).read(site.get_absolute_url())
    assert "轮到签署" in text
    assert "待签协议" in text
    for party in site.rules.agreement.parties:
        who = walk.party(site, Role(party.role))
        browser = browse(who)
        page = browser.get(url)
        html = page.content.decode()
        assert site.rules.agreement.title.zh in html
        assert 'class="paper"' in html
        last = party is site.rules.agreement.parties[-1]
        assert ("变为“研究期内”" in html) is last
        assert site.holder_name in html
        done = browser.post(url, {"signer": who.name, "read": "on"})
        assert done.status_code == 302, done.content.decode()[:200]
    text = browse(leader).read(site.get_absolute_url())
    assert f"{len(site.rules.agreement.parties)} 方中" in text
    assert "轮到签署" not in text
    assert leader.name in text


def test_the_act_page_of_a_signed_agreement_says_why_not(live, browse, prove):
    walk, site = live("soft_science_project", _to_title)
    prove(True)
    answer = browse(walk.leader_of(site)).get(reverse("act", args=["designation", site.uuid, "sign_agreement"]))
    assert answer.status_code == 200
    assert "现在不能办理" in answer.content.decode()


# --- cards of a site ---------------------------------------------------------------------------------------------


def test_money_is_told_with_band_sums_and_recovery(live, world, browse):
    _walk, site = live("operation_system_city", path("clawback"))
    text = browse(world.cast["head"]).read(site.get_absolute_url())
    for part in ("资金", "已收回", "不予拨付", "核减", "合计", "凭证 收01"):
        assert part in text, part


def test_what_runs_and_is_restricted_says_so_and_why(live, world, browse):
    _walk, site = live("protection_centre", path("restrict"))
    assert site.state == "restricted"
    officer = browse(world.cast["officer"])
    n, text = cost(officer, site.get_absolute_url())
    assert n <= CASE
    for part in ("限制运行", "年度考核", "投入运行", "原因："):
        assert part in text, part


def test_branches_are_listed_and_any_number_costs_the_same(live, world, browse):
    walk, site = live("rights_aid_centre", _to_title)
    officer, leader = browse(world.cast["officer"]), browse(walk.leader_of(site))
    n, text = cost(officer, site.get_absolute_url())
    assert n <= CASE
    assert "还没有登记分中心" in text
    SubSite.objects.bulk_create(
        SubSite(designation=site, name=f"分中心{k}", kind="分中心", place=site.place, opened_on=site.term_start)
        for k in range(12)
    )
    SubSite.objects.filter(name="分中心3").update(closed_on=site.term_start, why_closed="合并")
    more, text = cost(officer, site.get_absolute_url())
    assert more <= n + 1
    assert "分中心7" in text
    assert "已撤并 1 个" in text
    assert "：合并" in text
    html = leader.get(site.get_absolute_url()).content.decode()
    for code in ("add_sub_site", "close_sub_site"):
        assert reverse("act", args=["designation", site.uuid, code]) in html


def test_a_prize_has_a_class_and_no_last_day_anywhere(live, world, browse):
    _walk, site = live("china_patent_award")
    assert site.term_end is None
    officer = browse(world.cast["officer"])
    n, text = cost(officer, site.get_absolute_url())
    assert n <= CASE
    assert "金奖" in text
    assert "长期" in text
    assert "None" not in text
    n, text = cost(officer, reverse("sites"))
    assert n <= LIST
    assert "起，长期" in text
    assert "None" not in officer.read(reverse("desk"))
    assert officer.get(reverse("sites") + "?export=xlsx").status_code == 200
    assert officer.get(reverse("sites") + "?state=ending").status_code == 200
    certificate = Certificate.objects.get()
    assert "获金奖" in certificate.words["paragraph"]
    for url in (
        reverse("certificates"),
        certificate.get_absolute_url(),
        reverse("verify_code", args=[certificate.code]),
    ):
        text = officer.read(url)
        assert "起长期有效" in text
        assert "None" not in text
    document = Document.objects.get()
    assert document.annex[0]["award"] == "金奖"
    assert "金奖" in officer.read(reverse("document", args=[document.pk]))
    batch = site.batch
    assert "金奖" in officer.read(reverse("batch_list", args=[batch.uuid]))
    assert "金奖" in browse().read(reverse("notice", args=[batch.uuid]))
    assert officer.get(reverse("batch_list", args=[batch.uuid]) + "?format=xlsx").status_code == 200
    # The ledger's facts in words.
    assert officer.get(reverse("evidence", args=["designation", site.uuid])).status_code == 200


def test_a_title_and_its_successor_point_to_each_other(live, world, browse):
    _walk, _site = live("advantage_enterprise", path("upgrade"))
    new = Designation.objects.get(predecessor__isnull=False)
    officer = browse(world.cast["officer"])
    old = new.predecessor
    n, text = cost(officer, old.get_absolute_url())
    assert n <= CASE
    assert "由其承接" in text
    assert new.number in text
    assert old.number in officer.read(new.get_absolute_url())
    paper = old.certificates.order_by("pk").first()
    text = browse().read(reverse("verify_code", args=[paper.code]))
    assert "证书已被替换" in text
    assert new.title in browse().read(reverse("verify_code", args=[old.certificates.order_by("-pk").first().code]))
    # The evidence of what happened names the new title.
    assert "承接称号" in officer.read(reverse("evidence", args=["designation", old.uuid]))


def test_a_renewed_title_shows_its_renewal(live, world, browse):
    _walk, site = live("advantage_enterprise", path("renew"))
    text = browse(world.cast["officer"]).read(site.get_absolute_url())
    assert "复核续期证书" in text
    assert "上次已通过" in text
    old = site.certificates.order_by("pk").first()
    assert "称号经复核续期" in browse().read(reverse("verify_code", args=[old.code]))


# --- pictures ----------------------------------------------------------------------------------------------------


def _standing(code):
    """(batch, place, body) of a programme that need not be stored: a picture reads only rules and state."""
    text = _texts()[code]
    rules = cached(text)
    programme = Programme(code=code, name=rules.name.zh, name_en=rules.name.en, shape=rules.shape)
    batch = Batch(programme=programme, rules_version=RulesVersion(programme=programme, version="1", text=text))
    place = Place(name="某区", kind="district")
    return batch, place, Organisation(name="某单位", kind="district_gov", place=place)


@pytest.mark.parametrize("code", sorted(_texts()))
def test_every_state_of_every_programme_is_on_its_picture(code):
    batch, place, body = _standing(code)
    common = {"batch": batch, "place": place, "organisation": body}
    for state in ApplicationState.values:
        application = Application(number="X-1", province=place, state=state, **common)
        _holds(journey.picture(application), state)
        assert sum(row["state"] in ("now", "bad") for row in journey.steps(application)) <= 1
        flowchart.addresses(application)
    application = Application(number="X-1", province=place, state="approved", **common)
    for state in DesignationState.values:
        site = Designation(state=state, **common)
        _holds(journey.picture(application, site), state)
        journey.steps(application, site)


def _holds(picture, state):
    drawn = flow(picture["states"], picture["edges"])
    marked = [box for box in drawn["boxes"] if box.kind in ("now", "bad")]
    if state in ("accepted", "new_round") and not marked:
        # A good end is not a place where something waits: the line is walked to its end.
        assert next(row["kind"] for row in picture["states"] if row["code"] == "end") == "done"
        return
    assert len(marked) == 1, (state, [box.code for box in marked])


def test_a_term_without_an_end_runs_to_the_edge():
    rows = term_chart([{"label": "x", "start": date(2018, 1, 1), "end": None, "points": []}], date(2020, 5, 1))["rows"]
    assert rows[0]["over"] is False
    assert rows[0]["x"] + rows[0]["width"] == pytest.approx(100)


def test_the_strip_of_steps_is_the_shapes_own(live):
    _walk, prize = live("china_patent_award")
    labels = [row["label"] for row in track(prize, [])]
    assert labels == ["批复设立", "已授奖"]
    _walk, centre = live("protection_centre", path("happy"))
    labels = [row["label"] for row in track(centre, list(centre.filings.all()))]
    assert "签订协议" in labels or not centre.rules.agreement
    assert "运行" in labels
    assert "验收" in labels


def test_flow_and_bpmn_of_a_programme(world, browse):
    anybody = browse()
    svg = anybody.get(reverse("programme_flow", args=["protection_centre"]) + "?now=form&now=%3Cscript%3E")
    assert (svg.status_code, svg["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert svg["X-Content-Type-Options"] == "nosniff"
    assert "#fde68a" in svg.content.decode()
    ET.fromstring(svg.content)
    bpmn = anybody.get(reverse("programme_bpmn", args=["protection_centre"]))
    assert bpmn["Content-Type"].startswith("application/xml")
    assert bpmn["Content-Disposition"] == 'attachment; filename="protection_centre.bpmn"'
    ET.fromstring(bpmn.content)
    assert anybody.get(reverse("programme_flow", args=["nothing_of_the_kind"])).status_code == 404


def test_a_confidential_programme_shows_its_picture_only_to_people_with_an_account(world, browse):
    code = next(code for code, text in _texts().items() if cached(text).confidential)
    for name in ("programme_flow", "programme_bpmn"):
        assert browse().get(reverse(name, args=[code])).status_code == 404
        assert browse(world.cast["officer"]).get(reverse(name, args=[code])).status_code == 200


# --- batches -----------------------------------------------------------------------------------------------------


def test_a_rolling_round_is_opened_without_a_call(world, stand, browse):
    stand(world.start)
    officer = browse(world.cast["officer"])
    assert "先选项目" in officer.read(reverse("batch_new"))
    text = officer.read(reverse("batch_new") + "?programme=industry_ip_alliance")
    assert "最迟汇总日" in text
    assert "通知正文" not in text
    form = {"programme": "industry_ip_alliance", "title": "第1轮受理", "opens_on": "2017-03-07", "closes_on": ""}
    assert officer.post(reverse("batch_new"), form).status_code == 302
    batch = Batch.objects.get()
    assert (batch.intake, batch.call_text) == ("rolling", "")
    assert officer.get(reverse("batch_edit", args=[batch.uuid])).status_code == 200
    text = officer.read(batch.get_absolute_url())
    assert "开始受理" in text
    assert "受理轮次" in text
    text = officer.read(reverse("act", args=["batch", batch.uuid, "open_intake"]))
    assert "随时可以提交" in text


def test_a_commissioned_batch_is_known_to_those_it_was_sent_to(world, stand, browse):
    walk = world.walk("social_supervisor_pilot")
    place = first_place(walk.programme, world.cast)
    walk.asked = (place,)
    walk.call()
    stand(walk.at)
    batch = walk.batch
    asked = walk.applicant(place)
    other = world.walk()
    other.call()
    _w, application = world.application(walk=other, to="draft", place="江宁区")
    stranger = walk.leader_of(application)
    call, page = reverse("call", args=[batch.uuid]), batch.get_absolute_url()
    for url in (reverse("home"), reverse("calls"), reverse("notices")):
        assert batch.title not in browse().read(url), url
    assert browse().get(call).status_code == 404
    for url in (call, page):
        assert browse(stranger).get(url).status_code == 404, url
    assert batch.title not in browse(stranger).read(reverse("calls"))
    assert batch.title not in browse(stranger).read(reverse("batches"))
    assert batch.title in browse(asked).read(reverse("calls"))
    assert browse(asked).get(call).status_code == 200
    text = browse(asked).read(page)
    assert "受邀单位填报中" in text
    text = browse(world.cast["officer"]).read(page)
    assert "受邀单位" in text
    assert asked.organisation.name in text


def test_the_round_of_review_is_named_where_there_are_several(live, world, browse):
    code = next(code for code, text in _texts().items() if (s := cached(text).scoring) and s.rounds)
    walk, application = live(code, _to_review)
    of = len(application.rules.scoring.rounds) + 1
    words = f"第 1 轮／共 {of} 轮"
    officer = browse(world.cast["officer"])
    assert words in officer.read(application.get_absolute_url())
    expert = application.reviews.first().expert
    assert words in browse(expert).read(reverse("review", args=[application.uuid]))
    walk.review(application)
    walk.until(walk.batch.closes_at)
    batch = Batch.objects.get(pk=walk.batch.pk)
    assert batch.state == BatchState.REVIEWING
    text = officer.read(batch.get_absolute_url())
    assert words in text
    assert "进入下一轮评审" in text


# --- applying ----------------------------------------------------------------------------------------------------


def test_a_second_project_of_a_body_is_begun_beside_the_first(world, stand, browse):
    walk = world.walk("soft_science_project")
    place = first_place(walk.programme, world.cast)
    walk.call()
    first = walk.apply(place, submit=False)
    stand(walk.at)
    mine = browse(walk.leader_of(first))
    url = reverse("application_new", args=[walk.batch.uuid])
    text = mine.read(url)
    assert "每个项目一份" in text
    assert first.title in text
    screen = {f"screen_{k}": "yes" for k in range(len(first.rules.applicants.screen))}
    mine.post(url, {"organisation": first.organisation_id, "place": first.place_id, **screen})
    most = first.rules.applicants.most
    assert Application.objects.count() == (2 if most is None or most > 1 else 1)


def test_lists_of_a_prize_name_the_project(live, world, browse):
    _walk, site = live("china_patent_award")
    item = ListItem.objects.get(batch=site.batch)
    text = browse(world.cast["officer"]).read(reverse("batch_list", args=[site.batch.uuid]))
    assert item.application.title in text
