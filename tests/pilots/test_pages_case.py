"""The page of an application and of a site: who reads what, and what it costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import Review
from pilots.models import Application, Designation
from pilots.views.designation import reached

pytestmark = pytest.mark.django_db
MOST = 20


@pytest.fixture
def reviewing(world):
    """One application under review with one score given; (walk, application, first expert)."""
    walk, application = world.application(to="expert_review")
    first = Review.objects.filter(application=application).order_by("pk").first().expert
    return walk, walk.score(application, first, Decimal(8)), first


def all_tabs(browser, application):
    url = application.get_absolute_url()
    return " ".join(browser.read(f"{url}?tab={tab}") for tab in ("data", "files", "scores", "letters", "log"))


def test_an_officer_reads_everything(reviewing, world, stand, browse):
    walk, application, expert = reviewing
    stand(walk.at)
    text = all_tabs(browse(world.cast["officer"]), application)
    for part in (
        application.title,
        "还剩",
        "增补专家",
        expert.name,
        "80.00",
        "知函〔2017〕101号",
        "查看完整流程图",
    ):
        assert part in text


def test_an_applicant_reads_no_scores_no_reviewers_and_no_officials(reviewing, world, stand, browse):
    walk, application, _expert = reviewing
    stand(walk.at)
    text = all_tabs(browse(walk.leader_of(application)), application)
    assert "提交申报" in text
    assert "形式审查通过" in text
    reviewers = [review.expert.name for review in application.reviews.all()]
    hidden = [
        *reviewers,
        "80.00",
        "位专家评分",
        "提交评审意见",
        world.cast["checker"].name,
        world.cast["officer"].name,
    ]
    assert [name for name in hidden if name in text] == []


def test_an_expert_reads_the_form_and_nothing_of_the_others(reviewing, stand, browse):
    walk, application, expert = reviewing
    stand(walk.at)
    others = [review.expert for review in application.reviews.all() if review.expert_id != expert.pk]
    text = all_tabs(browse(others[0]), application)
    assert "建设方案摘要" in text
    assert "评审打分" in text
    assert expert.name not in text
    assert "80.00" not in text
    assert "推荐函" not in text


def test_a_blind_expert_reads_no_name(reviewing, stand, browse, monkeypatch):
    walk, application, expert = reviewing
    rules = application.rules
    blind = rules.model_copy(update={"scoring": rules.scoring.model_copy(update={"blind": True})})
    monkeypatch.setattr("pilots.models.programme.cached", lambda text: blind)
    stand(walk.at)
    text = all_tabs(browse(expert), application)
    assert application.number in text
    phone = application.answers["overview"]["contact_phone"]
    told = [application.title, application.organisation.name, application.place.name, phone]
    assert [name for name in told if name in text] == []
    assert "匿名评审，不显示" in text


def test_a_recused_expert_no_longer_sees_it(reviewing, stand, browse):
    walk, application, _expert = reviewing
    other = Review.objects.filter(application=application, state="assigned").first().expert
    walk.act(application, "recuse", other, reason="曾参与编制。")
    stand(walk.at)
    browse(other).read(application.get_absolute_url(), status=404)


def test_strangers_get_404_and_passers_by_the_sign_in(reviewing, world, stand, browse):
    walk, application, _expert = reviewing
    stand(walk.at)
    url = application.get_absolute_url()
    browse(world.cast.province(world.place("江苏省"))).read(url, status=404)
    assert browse().get(url).status_code == 302


def test_the_page_costs_the_same_with_more_reviews(reviewing, world, stand, browse):
    walk, application, _expert = reviewing
    browser = browse(world.cast["officer"])
    stand(walk.at)

    def cost(tab):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"{application.get_absolute_url()}?tab={tab}").status_code == 200
        return len(queries)

    before = {tab: cost(tab) for tab in ("data", "files", "scores", "letters", "log")}
    walk.review(application)
    stand(walk.at)
    after = {tab: cost(tab) for tab in before}
    assert max(after.values()) <= MOST
    assert max(before.values()) <= MOST


def test_officials_read_what_was_submitted_not_what_is_being_typed(world, stand, browse):
    walk, application = world.application(to="formality_check")
    application = walk.act(application, "ask_supplement", world.cast["checker"], data={}, reason="承诺函缺少公章。")
    answers = {
        **application.answers,
        "overview": {**application.answers["overview"], "core_area": "正在改写的四至"},
    }
    Application.objects.filter(pk=application.pk).update(answers=answers)
    stand(walk.at)
    url = application.get_absolute_url()
    assert "正在改写的四至" not in browse(world.cast["checker"]).read(url)
    mine = browse(walk.leader_of(application)).read(url)
    assert "正在改写的四至" in mine
    assert "承诺函缺少公章。" in mine
    walk.act(Application.objects.get(pk=application.pk), "supplement", walk.leader_of(application))
    stand(walk.at)
    text = browse(world.cast["checker"]).read(url)
    assert "正在改写的四至" in text
    assert "补正前：" in text


@pytest.mark.parametrize(("path", "word"), [("decline", "未推荐"), ("withdraw", "已撤回")])
def test_an_end_before_its_time_is_marked_where_it_happened(world, stand, browse, path, word):
    walk, application = world.application()
    by = world.cast.province(application.province) if path == "decline" else walk.leader_of(application)
    walk.act(application, path, by, reason="规划调整。")
    stand(walk.at)
    answer = browse(world.cast["officer"]).get(application.get_absolute_url())
    assert "step--bad" in answer.content.decode()
    assert word in answer.content.decode()


@pytest.fixture
def site(world):
    walk, application = world.application(to="ready")
    walk.close()
    walk.decide()
    walk.notice()
    walk.issue()
    site = walk.paper(Designation.objects.get(application=application), "file_plan")
    return walk, walk.paper(site, "file_report")


def test_a_site_shows_its_years_its_numbers_and_its_papers(site, world, stand, browse):
    walk, row = site
    stand(walk.at)
    browser = browse(world.cast["officer"])
    with CaptureQueriesContext(connection) as queries:
        text = browser.read(row.get_absolute_url())
    assert len(queries) <= MOST
    for part in (
        "2017 报告",
        "知识产权服务机构数",
        "86",
        "国知发规字〔2017〕1号",
        "政办发〔2018〕12号",
        "证书",
    ):
        assert part in text
    certificate = row.certificates.get()
    answer = browser.get(row.get_absolute_url()).content.decode()
    assert reverse("certificate", args=[certificate.uuid]) in answer


def test_a_late_site_shows_a_red_strip(site, world, stand, browse):
    walk, row = site
    stand(walk.at + timedelta(days=800))
    text = browse(walk.leader_of(row)).read(row.get_absolute_url())
    assert "已逾期" in text


def test_a_site_tells_its_holder_no_names_of_officials(site, world, stand, browse):
    walk, row = site
    stand(walk.at)
    text = browse(walk.leader_of(row)).read(row.get_absolute_url())
    assert world.cast["leader"].name not in text
    assert "报送年度报告" in text


@pytest.mark.parametrize(
    ("value", "target", "higher", "share"),
    [
        ("86", "104", True, 82),
        ("104", "104", True, 100),
        ("20", "10", False, 50),
        ("8", "10", False, 100),
        ("5", "", True, None),
        ("5", "无", True, None),
        (None, "10", True, None),
        ("5", "0", True, None),
        ("5", "NaN", True, None),
    ],
)
def test_how_much_of_a_target_is_reached(value, target, higher, share):
    assert reached(Decimal(value) if value else None, target, higher=higher) == share
