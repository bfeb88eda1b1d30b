"""The lists: what is in them, how they are narrowed, what they cost."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from pilots.models import Application, Designation

pytestmark = pytest.mark.django_db
MOST = 12


def sheet(answer):
    return list(load_workbook(BytesIO(answer.content)).active.iter_rows())


def cost(browser, url):
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


@pytest.fixture
def two(world):
    """Applications of 徐汇区 (Shanghai) and 江宁区 (Jiangsu), both with their province."""
    walk, one = world.application(place="徐汇区")
    _walk, other = world.application(place="江宁区", walk=walk)
    return walk, one, other


def test_an_officer_sees_all_and_a_province_its_own(two, world, stand, browse):
    walk, one, other = two
    stand(walk.at)
    text = browse(world.cast["officer"]).read("/applications/")
    assert one.number in text
    assert other.number in text
    text = browse(world.cast.province(world.place("上海市"))).read("/applications/")
    assert one.number in text
    assert other.number not in text


def test_drafts_are_not_on_anybody_elses_list(world, stand, browse):
    walk, draft = world.application(to="draft")
    stand(walk.at)
    assert draft.number not in browse(world.cast["officer"]).read("/applications/")
    assert draft.number in browse(walk.leader_of(draft)).read("/applications/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=xhq", 0),
        ("q=jnq", 1),
        ("q=江宁", 1),
        ("q=JJQ-2017-001", 0),
        ("province=32", 1),
        ("state=province_review", 2),
        ("state=draft", None),
        ("programme=service_cluster_trial_zone&state=held", None),
        ("q=没有的单位", None),
    ],
)
def test_filters_narrow_the_list(two, world, stand, browse, query, found):
    walk, *applications = two
    stand(walk.at)
    text = browse(world.cast["officer"]).read(f"/applications/?{query}")
    shown = [application.number in text for application in applications]
    assert shown == ([False, False] if found is None else [True, True] if found == 2 else [found == 0, found == 1])


def test_an_empty_result_offers_to_clear_the_filters(two, world, stand, browse):
    stand(two[0].at)
    text = browse(world.cast["officer"]).read("/applications/?q=zzzz")
    assert "没有符合条件的申报" in text
    assert "清除筛选" in text


def test_a_bad_filter_is_ignored_with_a_note(two, world, stand, browse):
    walk, one, other = two
    stand(walk.at)
    text = browse(world.cast["officer"]).read("/applications/?state=nonsense&page=nonsense&sort=nonsense")
    assert "筛选条件“阶段”的值无效" in text
    assert one.number in text
    assert other.number in text


def test_sorting_turns_the_order_round(two, world, stand, browse):
    walk, one, other = two
    stand(walk.at)
    browser = browse(world.cast["officer"])
    up = browser.read("/applications/?sort=number")
    down = browser.read("/applications/?sort=-number")
    assert up.index(one.number) < up.index(other.number)
    assert down.index(one.number) > down.index(other.number)
    assert browser.get("/applications/?sort=due").status_code == 200


def test_the_sheet_holds_what_the_filters_leave_and_no_formula(two, world, stand, browse):
    walk, one, _other = two
    Application.objects.filter(pk=one.pk).update(title='=HYPERLINK("http://x.invalid","x")')
    stand(walk.at)
    rows = sheet(browse(world.cast["officer"]).get("/applications/?q=xhq&export=xlsx"))
    assert [row[0].value for row in rows] == ["编号", one.number]
    assert rows[1][1].value.startswith("=HYPERLINK")
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}


def test_an_expert_takes_no_sheet_away_and_reads_no_names(world, stand, browse):
    walk, application = world.application(to="expert_review")
    expert = application.reviews.first().expert
    stand(walk.at)
    browser = browse(expert)
    for query in ("", "?export=xlsx", "?q=徐汇", "?province=31"):
        assert browser.get(f"/applications/{query}")["Location"] == "/review/", "a filter by place is an answer, too"
    text = browser.read("/review/")
    assert application.number in text
    assert application.organisation.name not in text


def grow(world, walk, names):
    for name in names:
        world.application(place=name, walk=walk)


def test_a_list_of_applications_costs_the_same_at_two_sizes(two, world, stand, browse):
    walk = two[0]
    browser = browse(world.cast["officer"])
    stand(walk.at)
    small = cost(browser, "/applications/")
    grow(world, walk, ["海淀区", "广州开发区", "苏州市", "昆明市", "合肥市"])
    stand(walk.at)
    assert cost(browser, "/applications/") == small <= MOST
    assert cost(browser, "/applications/?sort=due&q=s") <= MOST


def test_the_to_do_list_costs_the_same_at_two_sizes(world, stand, browse):
    walk, _application = world.application(to="formality_check")
    browser = browse(world.cast["checker"])
    stand(walk.at)
    small = cost(browser, "/tasks/")
    for name in ("海淀区", "江宁区", "广州开发区"):
        world.application(place=name, walk=walk, to="formality_check")
    stand(walk.at)
    assert cost(browser, "/tasks/") == small <= MOST


@pytest.fixture
def site(world):
    walk, application = world.application(to="ready")
    walk.close()
    walk.decide()
    walk.notice()
    walk.issue()
    return walk, Designation.objects.get(application=application)


def test_sites_are_listed_narrowed_and_exported(site, world, stand, browse):
    walk, row = site
    stand(walk.at)
    browser = browse(world.cast["officer"])
    assert row.number in browser.read("/pilots/")
    assert row.number in browser.read("/pilots/?state=running&province=31&q=xhq")
    assert row.number not in browser.read("/pilots/?province=32")
    assert "值无效" in browser.read("/pilots/?province=nowhere")
    rows = sheet(browser.get("/pilots/?export=xlsx"))
    assert rows[1][0].value == row.number
    assert cost(browser, "/pilots/") <= MOST


def test_sites_of_others_are_out_of_sight(site, world, stand, browse):
    walk, row = site
    stand(walk.at)
    other = browse(world.cast.province(world.place("江苏省")))
    assert row.number not in other.read("/pilots/")
    other.read(row.get_absolute_url(), status=404)


def test_the_register_of_a_place_shows_its_titles_and_its_past(site, world, stand, browse):
    walk, row = site
    old = world.place("徐汇区")
    old.pk, old.code, old.name, old.path = None, None, "旧徐汇区", ""
    old.successor = world.place("徐汇区")
    old.save()
    stand(walk.at)
    browser = browse(world.cast["officer"])
    text = browser.read(reverse("place", args=[row.place_id]))
    assert row.number in text
    assert "旧徐汇区" in text
    assert "已由徐汇区承接" in browser.read(reverse("place", args=[old.pk]))
    browser.read(reverse("place", args=[10**9]), status=404)


def test_the_register_hides_titles_that_are_out_of_scope(site, world, stand, browse):
    walk, row = site
    stand(walk.at)
    other = browse(world.cast.province(world.place("江苏省")))
    assert row.number not in other.read(reverse("place", args=[row.place_id]))


@pytest.mark.parametrize("query", ["徐汇", "xhq", "JJQ-S2017", "徐汇区人民政府"])
def test_search_finds_by_name_initials_number_and_body(site, world, stand, browse, query):
    walk, row = site
    stand(walk.at)
    assert row.number in browse(world.cast["officer"]).read(f"/search/?q={query}")


def test_search_stays_within_sight_and_says_when_nothing_is_found(site, world, stand, browse):
    walk, row = site
    stand(walk.at)
    text = browse(world.cast.province(world.place("江苏省"))).read("/search/?q=徐汇")
    assert row.number not in text
    assert "没有找到“徐汇”" in text
    assert "请在上方输入" in browse(world.cast["officer"]).read("/search/")


def test_the_to_do_list_is_filtered_by_date(world, stand, browse):
    walk, application = world.application(to="formality_check")
    stand(walk.at)
    browser = browse(world.cast["checker"])
    assert application.title in browser.read("/tasks/")
    assert "没有符合条件的待办" in browser.read("/tasks/?when=late")
    stand(walk.at + timedelta(days=40))
    assert "逾期" in browser.read("/tasks/?when=late&role=formality_checker")
    assert "值无效" in browser.read("/tasks/?when=never")
