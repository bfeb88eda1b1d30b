"""The desk, the to-dos and the shell around every page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.authority import Authority
from accounts.models import Grant, User
from accounts.roles import Role
from notifications.models import Deadline, Heartbeat
from pilots.views import widgets
from pilots.views.todo import todo

pytestmark = pytest.mark.django_db
MOST = 12


def mine(user, at):
    return list(todo(Authority(user, at)))


# --- whose to-do ----------------------------------------------------------------------------------
def test_a_to_do_is_the_roles_over_the_place_and_nobody_elses(world):
    walk, application = world.application()
    own = world.cast.province(world.place("上海市"))
    other = world.cast.province(world.place("江苏省"))
    assert [row.subject_uuid for row in mine(own, walk.at)] == [application.uuid]
    assert mine(other, walk.at) == []
    assert mine(walk.leader_of(application), walk.at) == []
    assert application.uuid not in [row.subject_uuid for row in mine(world.cast["officer"], walk.at)]


def test_a_review_is_its_own_experts_to_do_only(world):
    walk, application = world.application(to="expert_review")
    experts = [review.expert for review in application.reviews.all()]
    idle = next(user for user in world.cast.experts if user not in experts)
    assert [[row.user_id for row in mine(user, walk.at)] for user in experts] == [[user.pk] for user in experts]
    assert mine(idle, walk.at) == []


def test_an_expert_who_is_also_an_officer_does_not_see_other_peoples_reviews(world):
    walk, application = world.application(to="expert_review")
    officer = world.cast.province(world.place("上海市"))
    Grant.objects.create(user=officer, role=Role.EXPERT, valid_from=world.start)
    assert application.uuid not in [row.subject_uuid for row in mine(officer, walk.at)]


def test_a_seat_for_one_programme_has_the_to_dos_of_that_programme(world):
    walk, _application = world.application(to="formality_check")
    checker = User.objects.create(username="narrow", name="专管员")
    Grant.objects.create(
        user=checker, role=Role.FORMALITY_CHECKER, programme="strong_city_creation", valid_from=world.start
    )
    assert mine(checker, walk.at) == []
    Grant.objects.filter(user=checker).update(programme=walk.programme.code)
    assert len(mine(checker, walk.at)) == 1


def test_waits_of_the_system_are_nobodys_to_do(walk, world):
    walk.call()
    assert Deadline.objects.of(walk.batch).open().filter(code="close").exists()
    assert mine(world.cast["officer"], walk.at) == []


def test_nobody_without_a_seat_has_to_dos(world):
    world.application()
    assert mine(User.objects.create(username="none", name="无"), world.start) == []


# --- the desk -------------------------------------------------------------------------------------
def test_an_officer_sees_funnel_terms_and_map(world, stand, browse):
    walk, _application = world.application(to="formality_check")
    stand(walk.at)
    text = browse(world.cast["officer"]).read("/desk/")
    for part in ("，王颖", walk.batch.title, "省级推荐", "各省申报分布", "建设期与验收节点", "上海"):
        assert part in text


def test_a_province_sees_its_quota_and_what_came_in(world, stand, browse):
    walk, application = world.application(to="formality_check")
    stand(walk.at)
    text = browse(world.cast.province(world.place("上海市"))).read("/desk/")
    assert "1 / 2" in text
    assert application.title in text
    text = browse(world.cast.province(world.place("江苏省"))).read("/desk/")
    assert "0 / 2" in text
    assert application.title not in text


def test_an_applicant_sees_its_applications_and_what_is_open(world, stand, browse):
    walk, application = world.application(to="draft")
    stand(walk.at)
    text = browse(walk.leader_of(application)).read("/desk/")
    assert "我的申报" in text
    assert "提交申报" in text
    assert walk.batch.title in text


def test_an_expert_sees_how_many_are_left_and_no_applicant_by_name(world, stand, browse):
    walk, application = world.application(to="expert_review")
    stand(walk.at)
    text = browse(application.reviews.first().expert).read("/desk/")
    assert "已评 0 份，共 1 份" in text
    assert application.number in text
    assert application.title not in text


def test_somebody_without_a_seat_gets_a_desk_all_the_same(world, stand, browse):
    stand(world.start)
    text = browse(User.objects.create(username="none", name="无角色")).read("/desk/")
    assert "今天没有待办" in text
    assert "没有角色" in text


def test_a_broken_widget_leaves_the_rest_of_the_page(world, stand, browse, monkeypatch, caplog):
    walk, _application = world.application(to="formality_check")
    stand(walk.at)

    def broken(work):
        raise RuntimeError("no such column")

    monkeypatch.setattr(widgets, "funnel", broken)
    text = browse(world.cast["officer"]).read("/desk/")
    assert "这一栏暂时无法显示" in text
    assert "各省申报分布" in text
    assert "desk widget funnel failed" in caplog.text


def test_broken_to_dos_leave_the_rest_of_the_page(world, stand, browse, monkeypatch):
    stand(world.start)
    monkeypatch.setattr("pilots.views.todo.counts", lambda *args: 1 / 0)
    text = browse(world.cast["officer"]).read("/desk/")
    assert "这一栏暂时无法显示" in text
    assert "建设期与验收节点" in text


@pytest.mark.parametrize("who", ["officer", "province", "applicant", "expert"])
def test_the_desk_costs_the_same_at_two_sizes(world, stand, browse, who):
    walk, application = world.application(to="expert_review")
    user = {
        "officer": lambda: world.cast["officer"],
        "province": lambda: world.cast.province(world.place("上海市")),
        "applicant": lambda: walk.leader_of(application),
        "expert": lambda: application.reviews.first().expert,
    }[who]()
    browser = browse(user)

    def cost():
        stand(walk.at)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/desk/").status_code == 200
        return len(queries)

    small = cost()
    for name in ("海淀区", "江宁区", "广州开发区"):
        world.application(place=name, walk=walk, to="expert_review")
    assert cost() == small <= MOST


# --- the shell ------------------------------------------------------------------------------------
def nav_of(browser):
    return [item["label"] for group in browser.get("/search/").context["shell"]["nav"] for item in group["items"]]


def test_the_menu_is_that_of_the_role(world, stand, browse):
    walk, application = world.application(to="expert_review")
    stand(walk.at)
    applicant = nav_of(browse(walk.leader_of(application)))
    expert = nav_of(browse(application.reviews.first().expert))
    officer = nav_of(browse(world.cast["officer"]))
    assert "评审" in expert
    assert "申报" not in expert
    assert {"申报", "试点与站点"} <= set(applicant)
    assert {"评审", "批次与批复", "系统运行"}.isdisjoint(applicant)
    assert {"申报", "批次与批复"} <= set(officer)


def test_the_menu_marks_where_one_is_and_counts_what_waits(world, stand, browse):
    walk, _application = world.application(to="formality_check")
    stand(walk.at)
    shell = browse(world.cast["checker"]).get("/applications/").context["shell"]
    items = {item["label"]: item for group in shell["nav"] for item in group["items"]}
    assert [label for label, item in items.items() if item["active"]] == ["申报"]
    assert items["待我办理"]["count"] == 1
    assert shell["unread"] >= 1
    assert shell["role_line"].startswith("受理中心（示例）·")


def test_the_shell_costs_three_statements(world, stand, browse, rf):
    from config.shell import shell

    stand(world.start)
    request = rf.get("/search/")
    request.user, request.at = world.cast["officer"], world.start
    Authority.of(request.user, request.at)
    with CaptureQueriesContext(connection) as queries:
        assert shell(request)["shell"]["user_name"] == "王颖"
    assert len(queries) <= 3


def test_a_silent_scheduler_is_told_to_officers_only(world, stand, browse):
    walk, application = world.application(to="draft")
    stand(walk.at)
    Heartbeat.objects.update_or_create(name="sweep", defaults={"at": timezone.now() - timedelta(minutes=11)})
    assert "定时任务自" in browse(world.cast["officer"]).read("/desk/")
    assert "定时任务" not in browse(walk.leader_of(application)).read("/desk/")
    Heartbeat.objects.filter(name="sweep").update(at=timezone.now())
    assert "定时任务" not in browse(world.cast["officer"]).read("/desk/")
    Heartbeat.objects.all().delete()
    assert "定时任务还没有运行过" in browse(world.cast["officer"]).read("/desk/")


def test_a_shell_that_fails_does_not_take_the_page_along(world, stand, browse, monkeypatch):
    stand(world.start)
    monkeypatch.setattr("config.shell._person", lambda user: 1 / 0)
    assert "上午好，王颖" in browse(world.cast["officer"]).read("/desk/")


def test_passers_by_cost_the_shell_nothing(rf, settings):
    from django.contrib.auth.models import AnonymousUser

    from config.shell import shell

    settings.DEMO = False
    request = rf.get("/")
    request.user = AnonymousUser()
    with CaptureQueriesContext(connection) as queries:
        assert "nav" not in shell(request)["shell"]
    assert [query["sql"] for query in queries] == []


def test_the_ribbon_tells_the_shifted_time_and_offers_the_leaps(rf, settings, stand, world):
    from django.contrib.auth.models import AnonymousUser

    from config.shell import shell

    stand(world.start)
    settings.DEMO = True
    request = rf.get("/")
    request.user = AnonymousUser()
    demo = shell(request)["shell"]["demo"]
    assert demo["now"] == "2017-03-07 09:00"
    assert [link["value"] for link in demo["links"] if link["post"]] in ([], ["next", "month"])
