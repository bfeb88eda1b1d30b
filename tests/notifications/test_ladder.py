"""Rungs and reports upward: on which day, to whom, how often; and a directory of seats that answers as the single question does."""

from datetime import date, datetime, timedelta

import pytest

from accounts.authority import Scope
from accounts.clock import SHANGHAI
from accounts.holders import Directory, holders
from accounts.models import Grant, Place, User
from accounts.roles import UNGRANTABLE, Role
from notifications import ladder
from notifications.duties import close
from notifications.models import Deadline, Message, Reminder
from notifications.rungs import days_of, plan, reports
from notifications.workdays.seed import library_calendar
from pilots.models import Application
from tests.world import TRIAL

pytestmark = pytest.mark.django_db
CALENDAR = library_calendar()


def at(year, month, day, hour=9):
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


def test_reports_upward_come_after_one_and_five_working_days_then_weekly_six_in_all():
    # Due on the last working day before the National Day week of 2024.
    found = reports(date(2024, 9, 30), CALENDAR)
    assert found == [
        ("up1", date(2024, 10, 8)), ("up2", date(2024, 10, 12)), ("up3", date(2024, 10, 19)), ("up4", date(2024, 10, 26)),
        ("up5", date(2024, 11, 2)), ("up6", date(2024, 11, 9)),
    ]  # fmt: skip


def test_a_report_is_newer_than_the_rung_of_its_day():
    days = days_of(date(2024, 3, 5), [-7, 0, 1], CALENDAR)
    assert [rung for rung, _day in days][:4] == ["-7", "0", "1", "up1"]
    assert days_of(date(2024, 3, 5), [], CALENDAR) == [], "a wait of the system"


def test_what_had_passed_before_the_duty_existed_is_owed_to_nobody():
    due, opened = date(2024, 3, 20), at(2024, 3, 14)
    assert [rung for rung, _when in plan(due, [-30, -7, -6, -1, 0], CALENDAR, opened)][:3] == ["-6", "-1", "0"]
    # The message about a moved date stands for the rung of that day, but not for the due day itself.
    assert next(iter(plan(due, [-6, -1], CALENDAR, opened, moved=True)))[0] == "-1"
    assert next(iter(plan(due, [-6, 0], CALENDAR, at(2024, 3, 20), moved=True)))[0] == "0"


def test_a_directory_answers_as_the_single_question_does(world):
    world.application(to="formality_check")
    roles = [role for role in Role if role not in UNGRANTABLE]
    scopes = [application.scope() for application in Application.objects.all()]
    scopes += [Scope(place.path, None, programme) for place in Place.objects.order_by("path")[:40]
               for programme in ("", TRIAL, "strong_city_creation")]  # fmt: skip
    people = frozenset(User.objects.values_list("pk", flat=True)[:7])
    scopes.append(Scope("", 3, "", people))
    directory = Directory(roles, world.start)
    for scope in scopes:
        single = holders(roles, scope, world.start)
        for role in roles:
            assert directory.of(role, scope) == single.get(role, []), (role, scope)


@pytest.fixture
def duty(world):
    world.application(to="formality_check")
    return Deadline.objects.open().get(code="form")


def heard(duty, kind):
    rows = Message.objects.filter(duty=duty.uuid, kind=kind, channel="inbox").order_by("created_at", "pk")
    return [row.user for row in rows]


def test_a_late_duty_is_reported_six_times_and_then_no_more(duty, world):
    day = duty.due_on
    for _n in range(120):
        day += timedelta(days=1)
        ladder.climb(datetime(day.year, day.month, day.day, 8, tzinfo=SHANGHAI))
    assert heard(duty, "escalation") == [world.cast["officer"]] * 6
    assert duty.reminders.filter(rung__startswith="up", state="spoken").count() == 6


def test_an_empty_seat_is_reported_to_the_next_level_that_has_anybody(duty, world):
    now, later = (row.speaks_at for row in duty.reminders.filter(state="waiting").order_by("speaks_at")[:2])
    Grant.objects.filter(role=Role.FORMALITY_CHECKER).update(valid_to=now - timedelta(days=1))
    ladder.climb(now)
    assert heard(duty, "vacant") == [world.cast["officer"]]
    Grant.objects.filter(role=Role.PROGRAMME_OFFICER).update(valid_to=now)
    ladder.climb(later)
    assert heard(duty, "vacant") == [world.cast["officer"], world.cast["head"]]


def test_who_sits_in_both_seats_hears_it_once_and_the_next_level_hears_it_too(duty, world):
    late = duty.due_on + timedelta(days=8)
    now = at(late.year, late.month, late.day)
    Grant.objects.filter(role=Role.FORMALITY_CHECKER).update(user=world.cast["officer"])
    ladder.climb(now)
    assert heard(duty, "overdue") == [world.cast["officer"]]
    assert heard(duty, "escalation") == [world.cast["head"]]


def test_a_sweep_that_died_between_marking_and_speaking_says_only_the_newest(duty):
    first = duty.reminders.filter(state="waiting").order_by("speaks_at").first()
    assert ladder.reach(first.speaks_at) >= 1
    long_after = first.speaks_at + timedelta(days=60)
    ladder.climb(long_after)
    states = dict(duty.reminders.values_list("rung", "state"))
    assert states[first.rung] == "superseded"
    assert list(states.values()).count("spoken") == 1


def test_what_is_closed_between_marking_and_speaking_is_not_spoken_of(duty):
    ladder.reach(at(duty.due_on.year, duty.due_on.month, duty.due_on.day))
    close([duty], duty.due_at)
    ladder.climb(duty.due_at)
    assert not Reminder.objects.filter(deadline=duty, state="spoken").exists()
    assert heard(duty, "due_today") == []


def test_a_sweep_costs_the_same_for_one_and_for_many(world, django_assert_max_num_queries):
    """Two statements to mark, and a bounded number for a batch of any size."""
    walk, _application = world.application(to="formality_check")
    for size in (1, 30):
        for _n in range(size - 1):
            world.application(to="formality_check", walk=world.walk())
        Reminder.objects.filter(state="waiting").update(speaks_at=walk.at)
        with django_assert_max_num_queries(24):
            ladder.climb(walk.at)
