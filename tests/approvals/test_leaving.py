"""Somebody leaves in the middle of it: nothing that only they could do stays silent (trust.md F18)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.authority import Authority
from accounts.models import Grant, User
from accounts.roles import Role
from accounts.seats import lend, lendable
from approvals import reassigning
from approvals.models import GrantLine, Review
from notifications.ladder import climb
from notifications.models import Deadline, Feed, Message
from notifications.orphans import orphans
from pilots.models import Application
from pilots.views import widgets
from pilots.views.work import Work
from tests.office import codes
from tests.pilots.conftest import stand  # noqa: F401 - a fixture
from workflows import ledger, perform
from workflows.beginnings import begin_grant_request
from workflows.models import CaseTask
from workflows.refusals import Denied, NotNow

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _clock(stand, world):  # noqa: F811
    stand(world.start)


@pytest.fixture
def reviewing(world):
    """Two applications of one batch under review."""
    walk = world.walk()
    cases = [world.application(place=place, to="expert_review", walk=walk)[1] for place in ("徐汇区", "江宁区")]
    return walk, [Application.objects.get(pk=case.pk) for case in cases]


def off(world, user, at):
    """The account is switched off at once, through the one door."""
    line = GrantLine(user=User.objects.get(pk=user.pk))
    by = world.cast["secadmin"]
    return begin_grant_request("off", [line], by=by, at=at, grounds="离职", at_once=True).obj


def end_seat(world, user, role, at):
    grant = Grant.objects.get(user=user, role=role)
    line = GrantLine(user=user, role=role, grant=grant)
    by = world.cast["secadmin"]
    return begin_grant_request("end", [line], by=by, at=at, grounds="转岗", at_once=True).obj


def sees(client, user, address="/"):
    client.force_login(user, backend=BACKEND)
    return client.get(address).content.decode()


def nobody_can(at):
    return orphans(Deadline.objects.all(), at)


# --- the walk
def test_an_expert_leaves_and_the_organiser_gives_the_reviews_to_others_until_the_panel_closes(
    world,
    reviewing,
    client,
    stand,  # noqa: F811
):
    walk, cases = reviewing
    stand(walk.at)
    leaver = User.objects.get(
        pk=(
            set(cases[0].reviews.values_list("expert", flat=True))
            & set(cases[1].reviews.values_list("expert", flat=True))
        ).pop()
    )
    assert not nobody_can(walk.at).exists()
    off(world, leaver, walk.at)
    assert nobody_can(walk.at).count() == 2
    officer = world.cast["officer"]
    # The organiser hears of it at once, and finds it on the desk with what to do.
    assert Message.objects.filter(user=officer, kind="vacant", channel="inbox").count() == 2
    desk, address = sees(client, officer, reverse("desk")), reverse("batch_left", args=[walk.batch.uuid])
    assert "无人可办" in desk
    assert f"{leaver}的账号已停用" in desk
    assert address in desk
    # So do they on the page of the batch; nobody else is told there.
    page = sees(client, officer, walk.batch.get_absolute_url())
    assert "2 份评分的专家已不能评审" in page
    assert address in page
    assert address not in sees(client, world.cast["auditor"], walk.batch.get_absolute_url())
    preview = sees(client, officer, address)
    made = reassigning.plan(walk.batch, walk.at)
    assert [(person, n) for person, n in made.people] == [(leaver, 2)]
    for line in made.lines:
        assert line.application.organisation.name in preview
        assert str(line.heirs[0]) in preview
    assert client.post(address, {"sha256": "0" * 64}).status_code == 422
    assert client.post(address, {"sha256": made.sha256}).status_code == 302
    assert not nobody_can(walk.at).exists()
    assert "无人可办" not in sees(client, officer, reverse("desk"))
    assert address not in sees(client, officer, walk.batch.get_absolute_url())
    for line in made.lines:
        case = Application.objects.get(pk=line.application.pk)
        gone = case.reviews.get(expert=leaver)
        assert (gone.state, case.reviews.filter(expert__in=line.heirs, state="assigned").count()) == ("recused", 1)
        assert ledger.of_case(case)[-1].act == "reassign"
        assert ledger.verify(case) == []
        open_tasks = CaseTask.objects.filter(process__application=case, finished__isnull=True, owner__isnull=False)
        assert set(open_tasks.values_list("owner_id", flat=True)) == {
            row.expert_id for row in case.sheets if row.state == "assigned"
        }
        assert Message.objects.filter(user=line.heirs[0], kind="duty_opened", channel="inbox").exists()
        for index, row in enumerate(list(case.reviews.filter(state="assigned").select_related("expert"))):
            walk.score_now(Application.objects.get(pk=case.pk), row.expert, index)
        assert Application.objects.get(pk=case.pk).state == "ready"


def test_a_seat_that_ends_by_itself_leaves_nothing_silent_either(world, reviewing):
    walk, cases = reviewing
    expert = cases[0].reviews.first().expert
    n = Review.objects.filter(expert=expert, state="assigned").count()
    Grant.objects.filter(user=expert, role=Role.EXPERT).update(valid_to=walk.at + timedelta(days=1))
    assert not nobody_can(walk.at).exists()
    later = walk.at + timedelta(days=2)
    assert nobody_can(later).count() == n
    # Reminders go where somebody can do something about it.
    before = set(Message.objects.values_list("pk", flat=True))
    climb(walk.at + timedelta(days=30))
    told = Message.objects.exclude(pk__in=before)
    assert not told.filter(user=expert).exists()
    assert told.filter(kind="vacant", user=world.cast["officer"]).exists()
    perform(cases[0], "reassign", by=world.cast["officer"], at=later, data={"experts": []})
    assert nobody_can(later).count() == n - 1


def test_whoever_loses_the_seat_is_reported_at_once(world, reviewing):
    walk, cases = reviewing
    expert = cases[0].reviews.first().expert
    end_seat(world, expert, Role.EXPERT, walk.at)
    assert Message.objects.filter(kind="vacant", user=world.cast["officer"], channel="inbox").exists()
    assert nobody_can(walk.at).exists()


# --- who may, and what is refused
def test_nothing_is_taken_from_whoever_still_can(world, reviewing):
    walk, cases = reviewing
    with pytest.raises(NotNow) as refusal:
        perform(cases[0], "reassign", by=world.cast["officer"], at=walk.at, data={"experts": []})
    assert codes(refusal) == {"nobody_left"}
    off(world, cases[0].reviews.first().expert, walk.at)
    for key in ("leader", "secadmin", "expert1"):
        with pytest.raises(Denied):
            perform(cases[0], "reassign", by=world.cast[key], at=walk.at, data={"experts": []})


def test_without_anybody_in_their_place_the_others_close_the_panel_or_the_secretary_has_it(world, ruled):
    ruled("quorum = 5", "quorum = 4")
    walk = world.walk()
    cases = [world.application(to="expert_review", walk=walk)[1]]
    rows = list(cases[0].reviews.select_related("expert"))
    for index, row in enumerate(rows[1:]):
        walk.score_now(Application.objects.get(pk=cases[0].pk), row.expert, index)
    off(world, rows[0].expert, walk.at)
    done = perform(cases[0], "reassign", by=world.cast["officer"], at=walk.at, data={"experts": []})
    assert Application.objects.get(pk=cases[0].pk).state == "ready"
    assert done.entry.act == "reassign"


def test_an_applicant_never_reads_who_left_the_panel(world, reviewing, client):
    walk, cases = reviewing
    expert = cases[0].reviews.first().expert
    off(world, expert, walk.at)
    perform(cases[0], "reassign", by=world.cast["officer"], at=walk.at, data={"experts": []})
    page = sees(client, walk.leader_of(cases[0]), cases[0].get_absolute_url() + "?tab=log")
    assert "改派" not in page
    assert expert.name not in page


def test_where_too_few_are_left_it_is_the_organisers_to_complete(world, reviewing):
    walk, cases = reviewing
    rows = list(cases[0].reviews.select_related("expert"))
    for index, row in enumerate(rows[1:]):
        walk.score_now(Application.objects.get(pk=cases[0].pk), row.expert, index)
    off(world, rows[0].expert, walk.at)
    perform(cases[0], "reassign", by=world.cast["officer"], at=walk.at, data={"experts": []})
    assert Application.objects.get(pk=cases[0].pk).state == "expert_review"
    assert Deadline.objects.of(cases[0]).open().get(code="settle").role == "expert_secretary"


def test_an_employer_who_goes_makes_room_for_another_of_the_same(world, reviewing):
    """Who leaves does not count against the rule on one employer."""
    walk, cases = reviewing
    leaver = cases[0].reviews.first().expert
    off(world, leaver, walk.at)
    line = next(one for one in reassigning.plan(walk.batch, walk.at).lines if one.application == cases[0])
    assert line.short == 0
    assert leaver not in line.heirs
    # The same preview at every look.
    assert reassigning.plan(walk.batch, walk.at).sha256 == reassigning.plan(walk.batch, walk.at).sha256


def test_the_preview_and_the_desk_cost_the_same_at_any_size(world, reviewing, client):
    walk, cases = reviewing
    officer, address = world.cast["officer"], reverse("batch_left", args=[walk.batch.uuid])
    client.force_login(officer, backend=BACKEND)
    off(world, cases[0].reviews.order_by("pk").first().expert, walk.at)

    def cost(page):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    few = cost(address), cost(reverse("deadlines") + "?when=nobody")
    for review in list(cases[0].reviews.order_by("pk")[1:4].select_related("expert")):
        off(world, review.expert, walk.at)
    many = cost(address), cost(reverse("deadlines") + "?when=nobody")
    assert all(more <= less <= 12 for more, less in zip(many, few, strict=True)), (few, many)
    # Rows shown, and statements: the seats, the rows, who can mend it, in which batches.
    with CaptureQueriesContext(connection) as captured:
        card = widgets.nobody(Work(Authority(officer, walk.at), walk.at, "national", unheld=4))
    assert (len(card["rows"]), len(captured)) == (5, 4)


# --- before it is done
def test_before_it_is_done_the_page_shows_what_hangs_there_and_never_a_case(world, reviewing, client, prove):
    walk, cases = reviewing
    expert = cases[0].reviews.first().expert
    sysadmin, secadmin = world.cast["sysadmin"], world.cast["secadmin"]
    prove(True)
    for who, address in (
        (sysadmin, reverse("account_switch", args=[expert.pk])), (secadmin, reverse("person_cut", args=[expert.pk])),
        (sysadmin, reverse("grant_end", args=[expert.grants.get(role="expert").pk])),
    ):  # fmt: skip
        page = sees(client, who, address)
        assert "此人手上的事项" in page
        assert "评审专家的待办" in page
        assert world.cast["officer"].name in page
        assert not any(case.title in page or case.number in page for case in cases)
    request = begin_grant_request("off", [GrantLine(user=expert)], by=sysadmin, at=walk.at, grounds="离职").obj
    assert "评审专家的待办" in sees(client, secadmin, request.get_absolute_url())
    confirm = reverse("act", args=["grantrequest", request.uuid, "confirm_grant"])
    assert "评审专家的待办" in sees(client, secadmin, confirm)
    # Who holds nothing leaves nothing behind.
    nobody = User.objects.create(username="empty", name="无事")
    assert "没有须交由他人办理的事项" in sees(client, sysadmin, reverse("account_switch", args=[nobody.pk]))


def test_a_second_seat_of_the_same_reach_keeps_the_work(world, reviewing, client):
    _walk, cases = reviewing
    expert = cases[0].reviews.first().expert
    first = expert.grants.get(role="expert")
    Grant.objects.create(user=expert, role="expert", programme=cases[0].batch.programme.code, valid_from=world.start)
    page = sees(client, world.cast["sysadmin"], reverse("grant_end", args=[first.pk]))
    assert "没有须交由他人办理的事项" in page


def test_whoever_sits_in_a_lent_seat_goes_with_it_and_is_not_named_as_a_colleague(world, client, stand):  # noqa: F811
    walk, _application = world.application(to="province_review")
    officer, at = world.cast.province(world.place("上海市")), walk.at
    deputy = User.objects.create(username="deputy", name="代办人", organisation=officer.organisation)
    lend(lendable(officer, at)[0], deputy, at + timedelta(days=9), by=officer, at=at)
    stand(at + timedelta(hours=1))
    page = sees(client, world.cast["sysadmin"], reverse("account_switch", args=[officer.pk]))
    assert "没有其他人能办" in page
    assert "委托同时终止，受托人不能再代办：代办人" in page


# --- seats of an office
def test_an_empty_seat_stands_on_the_desk_with_who_can_fill_it(world, client, stand):  # noqa: F811
    walk, application = world.application(to="province_review")
    stand(walk.at)
    officer = world.cast.province(world.place("上海市"))
    assert not nobody_can(walk.at).exists()
    off(world, officer, walk.at)
    [row] = nobody_can(walk.at)
    assert (row.role, row.subject_uuid) == ("province_officer", application.uuid)
    page = sees(client, world.cast["officer"], reverse("desk"))
    assert "岗位没有人员" in page
    assert world.cast["sysadmin"].name in page
    assert world.cast["secadmin"].name in page
    assert application.title in sees(client, world.cast["officer"], reverse("deadlines") + "?when=nobody")


# --- what else hangs on an account
def test_feeds_and_lent_seats_end_with_the_account_and_do_not_come_back(world, client):
    head, at = world.cast["head"], world.start
    deputy = User.objects.create(username="deputy", name="周", organisation=head.organisation)
    lend(lendable(head, at)[0], deputy, at + timedelta(days=9), by=head, at=at)
    User.objects.filter(pk=deputy.pk).update(feed_key="k" * 43)
    Feed.objects.create(user=deputy, programme="x", key="f" * 43, created_at=at)
    off(world, deputy, at)
    User.objects.filter(pk=deputy.pk).update(is_active=True)
    assert client.get(reverse("programme_feed", args=["f" * 43])).status_code == 404
    assert client.get(reverse("calendar_feed", args=["k" * 43])).status_code == 404
    # Whoever lent it hears that nobody stands in for them.
    [row] = Message.objects.filter(user=head, kind="outcome", channel="inbox")
    assert row.body.startswith("席位委托：")
    assert "委托终止" in row.body
