"""The ledger of deadlines: who sees what, how it is narrowed, what one row tells, what it costs."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.authority import Authority
from accounts.models import Grant, User
from accounts.roles import Role
from notifications import calendars
from notifications.ladder import climb
from notifications.models import Deadline
from notifications.views.deadline import rung_words
from notifications.why import why
from tests.world import TRIAL
from workflows.sweep import sweep

pytestmark = pytest.mark.django_db
MOST, MOST_OF_ONE = 12, 20


@pytest.fixture
def two(world, stand):
    """Applications of 徐汇区 and 江宁区, both with their province."""
    walk, one = world.application(place="徐汇区")
    _walk, other = world.application(place="江宁区", walk=walk)
    sweep(walk.at)
    stand(walk.at)
    return walk, one, other


@pytest.fixture
def reviewing(world, stand):
    walk, application = world.application(to="expert_review")
    sweep(walk.at)
    stand(walk.at)
    return walk, application


def prov(application):
    return Deadline.objects.get(subject_uuid=application.uuid, code="prov")


def cost(browser, url):
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


# --- who sees what ----------------------------------------------------------------------------------------------------
def test_everybody_sees_what_they_reach(two, world, browse):
    walk, one, other = two
    shanghai = browse(world.cast.province(world.place("上海市")))
    text = shanghai.read("/deadlines/")
    assert str(one) in text
    assert str(other) not in text
    assert shanghai.get(prov(one).get_absolute_url()).status_code == 200
    assert shanghai.get(prov(other).get_absolute_url()).status_code == 404
    officer = browse(world.cast["officer"]).read("/deadlines/")
    assert str(one) in officer
    assert str(other) in officer
    leader = browse(walk.leader_of(one)).read("/deadlines/")
    assert str(one) in leader
    assert str(other) not in leader


def test_nobody_signed_in_sees_nothing(two, browse):
    assert browse().get("/deadlines/").status_code == 302
    assert browse().get(prov(two[1]).get_absolute_url()).status_code == 302


def test_an_applicant_does_not_learn_who_judges_or_how_many(reviewing, browse):
    walk, application = reviewing
    judged = Deadline.objects.filter(subject_uuid=application.uuid, code="exp")
    assert judged.count() > 1
    mine = browse(walk.leader_of(application))
    text = mine.read("/deadlines/")
    for row in judged:
        assert str(row.user) not in text
        assert mine.get(row.get_absolute_url()).status_code == 404
    expert = judged.first().user
    own = browse(expert).read(judged.first().get_absolute_url())
    assert str(expert) in own
    other = judged.exclude(user=expert).first()
    assert browse(expert).get(other.get_absolute_url()).status_code == 404


def test_one_row_and_the_list_agree_about_who_may_see(reviewing, world):
    walk, application = reviewing
    people = [*User.objects.all(), User.objects.create(username="nobody", name="无席位")]
    every, disagree = list(Deadline.objects.all()), []
    for user in people:
        authority = Authority(user, walk.at)
        listed = set(Deadline.objects.visible_to(authority).values_list("pk", flat=True))
        disagree += [(str(user), row.code) for row in every if row.is_visible_to(authority) != (row.pk in listed)]
    assert len(people) > 10
    assert application
    assert disagree == []


# --- narrowing --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=江宁", (False, True)),
        ("q=省级推荐", (True, True)),
        ("q=没有的", (False, False)),
        (f"programme={TRIAL}", (True, True)),
        ("programme=protection_centre", (False, False)),
        ("role=province_officer", (True, True)),
        ("role=expert", (False, False)),
        ("role=mine", (False, False)),
        ("when=overdue", (False, False)),
        ("when=90", (True, True)),
        ("when=provisional", (False, False)),
        ("when=stuck", (False, False)),
        ("when=paused", (False, False)),
        ("month=2016-01", (False, False)),
    ],
)
def test_filters(two, world, browse, query, found):
    _walk, *applications = two
    officer = browse(world.cast["officer"])
    text = officer.read(f"/deadlines/?{query}")
    assert tuple(str(application) in text for application in applications) == found
    nothing = not officer.get(f"/deadlines/?{query}").context["rows"]
    assert ("没有符合条件的期限" in text) == nothing


def test_overdue_stuck_and_closed(two, world, stand, browse):
    walk, one, other = two
    officer = browse(world.cast["officer"])
    stand(walk.at + timedelta(days=60))
    Deadline.objects.filter(pk=prov(one).pk).update(stuck_reason="不能办理的原因")
    text = officer.read("/deadlines/?when=stuck")
    assert "不能办理的原因" in text
    assert str(other) not in text
    assert "逾期" in officer.read("/deadlines/?when=overdue")
    assert str(one) not in officer.read("/deadlines/?when=7")
    walk.recommend(one)
    closed = officer.read("/deadlines/?when=closed")
    assert "已办结" in closed
    assert str(one) in closed


@pytest.mark.parametrize(
    "query", ["when=bad", "month=2017-13", "month=x", "role=king", "view=moon", "sort=-nothing", "page=99"]
)
def test_a_wrong_filter_costs_a_note_not_the_page(two, world, browse, query):
    text = browse(world.cast["officer"]).read(f"/deadlines/?{query}")
    assert str(two[1]) in text


def test_sorting(two, world, browse):
    officer = browse(world.cast["officer"])
    for key in ("due", "label", "subject", "role"):
        up = [item["row"].pk for item in officer.get(f"/deadlines/?sort={key}").context["rows"]]
        down = [item["row"].pk for item in officer.get(f"/deadlines/?sort=-{key}").context["rows"]]
        assert up == down[::-1]


def test_without_any_deadline_the_page_says_what_will_come(world, stand, browse):
    stand(world.start)
    assert "没有未完成的期限" in browse(world.cast["officer"]).read("/deadlines/")


def test_the_year_counts_its_months_and_marks_what_is_late(two, world, stand, browse):
    walk, one, _other = two
    officer, due_on = browse(world.cast["officer"]), prov(one).due_on
    strip = officer.get("/deadlines/?role=province_officer").context["strip"]
    month = strip["months"][due_on.month - 1]
    assert (strip["year"], month["n"], month["late"]) == (due_on.year, 2, 0)
    assert sum(other["n"] for other in strip["months"]) == 2
    # The link of a month is the list of that month, with the other filters kept.
    assert str(one) in officer.read("/deadlines/" + month["url"])
    stand(walk.at + timedelta(days=400))
    strip = officer.get("/deadlines/?role=province_officer").context["strip"]
    assert strip["late_before"] == 2
    assert officer.get("/deadlines/" + strip["late_url"]).context["page"].paginator.count == 2
    late = officer.get("/deadlines/" + strip["previous"]).context["strip"]
    assert late["months"][due_on.month - 1]["late"] == 2


def test_the_month_shows_its_days(two, world, browse):
    due_on = prov(two[1]).due_on
    answer = browse(world.cast["officer"]).get(f"/deadlines/?view=month&month={due_on:%Y-%m}")
    assert {item["date"] for item in answer.context["items"]} >= {due_on}
    assert prov(two[1]).get_absolute_url() in answer.content.decode()


# --- taking it away ---------------------------------------------------------------------------------------------------
def test_both_sheets_hold_the_filtered_rows(two, world, browse):
    officer = browse(world.cast["officer"])
    Deadline.objects.filter(pk=prov(two[2]).pk).update(subject_label="=HYPERLINK(1)")
    query = "/deadlines/?role=province_officer&export="
    book = load_workbook(BytesIO(officer.get(query + "xlsx").content))
    lines = [[cell.value for cell in row] for row in book.active.iter_rows()]
    text = officer.get(query + "csv").content.decode("utf-8-sig")
    again = list(csv.reader(StringIO(text)))
    assert len(lines) == len(again) == 3
    assert lines[0] == again[0]
    assert lines[1][0] == again[1][0] == prov(two[1]).due_on.isoformat()
    assert "'=HYPERLINK(1)" in text
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert "上海市" in text


# --- one deadline -----------------------------------------------------------------------------------------------------
def test_one_deadline_tells_everything(two, world, browse):
    walk, one, _other = two
    row, officer = prov(one), world.cast.province(world.place("上海市"))
    text = browse(officer).read(row.get_absolute_url())
    assert why(row, calendars.current(), "zh-hans").sentence in text
    for word in (row.due_on.isoformat(), "24:00", str(officer), str(officer.organisation), row.basis, row.calendar_version,
                 row.starts_on.isoformat(), "提交", "新的待办"):  # fmt: skip
        assert word in text
    coming = browse(officer).get(row.get_absolute_url()).context["coming"]
    waiting = list(
        row.reminders.filter(state="waiting", speaks_at__lte=walk.at + timedelta(days=90)).order_by("speaks_at")
    )
    assert len(coming) == len(waiting) > 3
    assert all(item["holder"].names == str(officer) for item in coming)
    assert [bool(item["above"]) for item in coming] == [rung.rung.startswith("up") for rung in waiting]


def test_what_was_said_is_told_and_what_is_done_says_no_more(two, world, browse):
    walk, one, _other = two
    row = prov(one)
    climb(row.due_at + timedelta(days=10))
    officer = browse(world.cast["officer"])
    text = officer.read(row.get_absolute_url())
    assert "已提醒" in text
    assert "逾期" in text
    walk.recommend(one)
    assert "已办结，不再提醒" in officer.read(row.get_absolute_url())


def test_rungs_in_words():
    assert [rung_words(rung) for rung in ("-7", "0", "1", "up2")] == [
        "到期前 7 天",
        "到期当日",
        "到期后 1 天",
        "第 2 次督办",
    ]


def test_a_seat_nobody_holds_is_said(two, world, browse):
    _walk, one, _other = two
    Grant.objects.filter(role=Role.PROVINCE_OFFICER, user=world.cast.province(world.place("上海市"))).delete()
    assert "暂无人员" in browse(world.cast["officer"]).read(prov(one).get_absolute_url())


def test_in_english_nothing_is_left_in_chinese_of_ours(two, world, browse):
    row, browser = prov(two[1]), browse(world.cast["officer"])
    User.objects.filter(pk=world.cast["officer"].pk).update(language="en")
    text = browser.read(row.get_absolute_url())
    assert "Why this day" in text
    assert why(row, calendars.current(), "en").sentence in text


def test_case_pages_lead_here(two, world, browse):
    _walk, one, _other = two
    html = browse(world.cast["officer"]).get(one.get_absolute_url()).content.decode()
    assert f'href="{prov(one).get_absolute_url()}"' in html


# --- what it costs ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("url", ["/deadlines/", "/deadlines/?view=month", "/deadlines/?when=90&q=区&sort=-subject"])
def test_the_list_costs_the_same_at_any_size(two, world, browse, url):
    walk, one, _other = two
    officer = browse(world.cast["officer"])
    officer.get(url)
    few = cost(officer, url)
    for place in ("广州开发区", "武汉市", "合肥市", "青岛市", "海淀区"):
        world.application(place=place, walk=walk)
    row = prov(one)
    Deadline.objects.bulk_create(
        Deadline(subject_model="pilots.application", subject_uuid=one.uuid, subject_label=f"第{n}件", code=f"x{n}", label="事项",
                 role=Role.EXPERT, user=world.cast.experts[n % 5], programme=TRIAL, due_on=row.due_on, due_at=row.due_at,
                 starts_on=row.starts_on, opened_at=row.opened_at)
        for n in range(60)
    )  # fmt: skip
    assert cost(officer, url) == few <= MOST


def test_one_deadline_costs_the_same_at_any_size(two, world, browse):
    walk, one, _other = two
    row, officer = prov(one), browse(world.cast["officer"])
    officer.get(row.get_absolute_url())
    few = cost(officer, row.get_absolute_url())
    for day in range(0, 60, 3):
        climb(walk.at + timedelta(days=day))
    assert cost(officer, row.get_absolute_url()) == few <= MOST_OF_ONE


def test_a_full_day_of_the_month_says_how_many_more(two, world, browse):
    _walk, one, _other = two
    row = prov(one)
    Deadline.objects.bulk_create(
        Deadline(subject_model="pilots.application", subject_uuid=one.uuid, subject_label=f"第{n}件", code=f"x{n}", label="事项",
                 role=Role.SYSTEM, programme=TRIAL, due_on=row.due_on, due_at=row.due_at, starts_on=row.starts_on,
                 opened_at=row.opened_at)
        for n in range(9)
    )  # fmt: skip
    url = f"/deadlines/?view=month&role=system&month={row.due_on:%Y-%m}"
    items = [item for item in browse(world.cast["officer"]).get(url).context["items"] if item["date"] == row.due_on]
    assert len(items) == 5
    assert "另有 5 个" in items[-1]["label"]
    assert "view" not in items[-1]["url"]
