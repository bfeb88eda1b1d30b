"""A clock that stands still, days of grace, the hour at which a day closes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from notifications.duties import STOP_CLOCK
from notifications.ladder import climb
from notifications.models import Deadline, DueChange, Message, Reminder
from notifications.standing import period_of
from notifications.why import why
from notifications.workdays.arithmetic import Period, due
from notifications.workdays.days import STOPPED
from notifications.workdays.seed import library_calendar
from pilots.models import Application, ApplicationState, DesignationState
from pilots.rules.lint import lint
from pilots.rules.parts import STANDSTILL
from pilots.rules.parts import Period as RulesPeriod
from tests.world import CATALOGUE, TRIAL
from workflows.sweep import expire, settle
from workflows.timeline import next_moment

CALENDAR = library_calendar()
FORM = 'due = { n = 5, unit = "working", basis = "领域简报 §3 FORM；取值待确认" }'
SUPP = 'due = { n = 5, unit = "working", basis = "领域简报 §5 补正：一次，5 个工作日，逾期视为撤回；取值待确认" }'


def with_more(line, more):
    return line, line.replace(" }", f", {more} }}")


# --- arithmetic -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("period", "stops", "on"),
    [
        # Five working days from Monday 6 March 2017 end on the 13th.
        (Period(5, "working"), (), date(2017, 3, 13)),
        # Stopped on Wednesday, gone on next Tuesday: Thursday, Friday, Monday, Tuesday are not counted.
        (Period(5, "working"), ((date(2017, 3, 8), date(2017, 3, 14)),), date(2017, 3, 17)),
        (Period(5, "working"), ((date(2017, 3, 8), date(2017, 3, 8)),), date(2017, 3, 13)),
        (Period(5, "working"), ((date(2017, 3, 7), date(2017, 3, 8)), (date(2017, 3, 9), date(2017, 3, 10))), date(2017, 3, 15)),
        (Period(10, "calendar"), ((date(2017, 3, 8), date(2017, 3, 14)),), date(2017, 3, 22)),
        # A stretch that begins after the end moves nothing.
        (Period(10, "calendar"), ((date(2017, 3, 20), date(2017, 3, 25)),), date(2017, 3, 16)),
        (Period(1, "month", roll=True), ((date(2017, 3, 8), date(2017, 3, 10)),), date(2017, 4, 10)),
    ],
)  # fmt: skip
def test_days_on_which_the_clock_stands_are_not_counted(period, stops, on):
    assert due(date(2017, 3, 6), period, CALENDAR, stops).on == on


def test_stopped_days_are_told_apart_from_days_off():
    answer = due(date(2017, 3, 6), Period(5, "working"), CALENDAR, ((date(2017, 3, 8), date(2017, 3, 14)),))
    assert [day for day, why_off in answer.skipped if why_off == STOPPED] == [
        date(2017, 3, day) for day in range(9, 15)
    ]


def test_stages_become_states_that_exist():
    known = set(ApplicationState.values) | set(DesignationState.values)
    assert {state for states in STANDSTILL.values() for state in states} <= known
    period = RulesPeriod(n=5, unit="working", stop_clock=["SUPP", "EXP"], grace=3).reckoned()
    assert (period.stop_clock, period.grace) == (("supplement", "panel_draw", "expert_review"), 3)


# --- a case -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def stopped(ruled):
    """A formality check whose clock stands while the applicant supplements; asked for the supplement on the second day."""
    world = ruled(*with_more(FORM, 'stop_clock = ["SUPP"]'))
    walk, application = world.application(to="formality_check")
    before = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    application = walk.check(application, "ask_supplement", reason="承诺函缺少公章。")
    return walk, application, before


def test_the_duty_waits_while_the_case_is_elsewhere(stopped):
    walk, application, before = stopped
    row = Deadline.objects.get(pk=before.pk)
    assert application.state == "supplement"
    assert (row.closed_at, row.paused_on) == (None, (walk.at + timedelta(hours=8)).date())
    assert row.due_on == before.due_on
    assert not Deadline.objects.open().filter(pk=row.pk).exists()
    assert set(row.reminders.values_list("state", flat=True)) == {"dropped"}
    climb(walk.at + timedelta(days=60))
    assert not Message.objects.filter(duty=row.uuid, kind="overdue").exists()


def test_the_remaining_days_go_on_when_it_is_back(stopped):
    walk, application, before = stopped
    walk.at += timedelta(days=4)
    application = walk.act(application, "supplement", walk.leader_of(application))
    assert application.state == "formality_check"
    row = Deadline.objects.get(pk=before.pk)
    [stretch] = row.stops
    first, last = map(date.fromisoformat, stretch)
    spent = sum(CALENDAR.is_working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert spent > 0
    assert row.paused_on is None
    assert row.starts_on == before.starts_on
    assert row.due_on == due(before.due_on, Period(spent, "working"), CALENDAR).on
    change = DueChange.objects.get(deadline=row)
    assert (change.why, change.before, change.after) == (STOP_CLOCK, before.due_on, row.due_on)
    assert Message.objects.filter(kind="date_changed", duty=row.uuid, user=walk.cast["checker"]).exists()
    assert Reminder.objects.filter(deadline=row, due_version=2, state="waiting").exists()
    told = why(row, CALENDAR, "zh-hans")
    assert "停止计算" in told.sentence
    assert told.counted.on == row.due_on
    # Nothing moves it again.
    settle(walk.at)
    assert Deadline.objects.get(pk=row.pk).due_version == 2


def test_a_case_that_does_not_come_back_closes_it(stopped):
    _walk, application, before = stopped
    supplement = Deadline.objects.get(subject_uuid=application.uuid, code="supp")
    settle(supplement.due_at)
    assert Application.objects.get(pk=application.pk).state == "deemed_withdrawn"
    assert Deadline.objects.get(pk=before.pk).closed_at is not None


def test_without_the_rule_the_duty_ends_and_a_new_one_begins(world):
    walk, application = world.application(to="formality_check")
    before = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    application = walk.check(application, "ask_supplement", reason="承诺函缺少公章。")
    assert Deadline.objects.get(pk=before.pk).closed_at is not None
    walk.act(application, "supplement", walk.leader_of(application))
    assert Deadline.objects.filter(subject_uuid=application.uuid, code="form").count() == 2


# --- grace ------------------------------------------------------------------------------------------------------------
def test_nothing_happens_by_itself_in_the_days_of_grace(ruled):
    world = ruled(*with_more(SUPP, "grace = 3"))
    walk, application = world.application(to="formality_check")
    application = walk.check(application, "ask_supplement", reason="承诺函缺少公章。")
    row = Deadline.objects.get(subject_uuid=application.uuid, code="supp")
    assert row.acts_at == row.due_at + timedelta(days=3)
    assert next_moment(row.due_at) <= row.acts_at
    moment = timedelta(microseconds=1)
    for at in (row.due_at, row.acts_at - moment):
        expire(at)
        assert Application.objects.get(pk=application.pk).state == "supplement"
    expire(row.acts_at)
    assert Application.objects.get(pk=application.pk).state == "deemed_withdrawn"


def test_the_due_day_is_the_same_with_grace(ruled):
    answers = [due(date(2017, 3, 6), Period(5, "working", grace=n), CALENDAR) for n in (0, 3)]
    assert answers[0] == answers[1]
    with pytest.raises(ValueError, match="grace"):
        Period(5, "working", grace=-1)


# --- the hour ---------------------------------------------------------------------------------------------------------
def test_the_hour_of_the_rules_is_the_hour_of_the_row(ruled):
    world = ruled(*with_more(FORM, "cut_off = 17:30:00"))
    _walk, application = world.application(to="formality_check")
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    local = datetime.combine(row.due_on, time(9, 30), UTC)
    assert row.due_at == local  # 17:30 in Shanghai
    assert period_of(row).cut_off == time(17, 30)
    assert "17:30" in why(row, CALENDAR, "zh-hans").sentence
    assert "17:30" in why(row, CALENDAR, "en").sentence


def test_a_window_that_closes_at_another_hour_of_the_same_day(world):
    walk, application = world.application(to="draft")
    row = Deadline.objects.get(subject_uuid=application.uuid, code="submit")
    batch = application.batch
    type(batch).objects.filter(pk=batch.pk).update(closes_at=batch.closes_at - timedelta(hours=7))
    from notifications.duties import replan

    fresh = Application.objects.select_related(*Application.related).get(pk=application.pk)
    replan(fresh, fresh.duties(walk.at), walk.at)
    again = Deadline.objects.get(pk=row.pk)
    assert (again.due_on, again.due_version) == (row.due_on, 1)
    assert again.due_at == row.due_at - timedelta(hours=7)


# --- the rules document -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "more", "level", "said"),
    [
        (FORM, "grace = 3", "warning", "宽限天数没有作用"),
        (SUPP, 'stop_clock = ["SUPP"]', "error", "不能在本环节内停止计算"),
        (FORM, 'stop_clock = ["PREF"]', "warning", "没有使用环节 PREF"),
        (FORM, 'stop_clock = ["MOON"]', "error", "stop_clock"),
        (SUPP, "grace = -1", "error", "grace"),
    ],
)
def test_a_period_that_makes_no_sense_is_told(line, more, level, said):
    text = (CATALOGUE / f"{TRIAL}.toml").read_text(encoding="utf-8")
    old, new = with_more(line, more)
    assert text.count(old) == 1
    found = [one for one in lint(text.replace(old, new)) if said in f"{one.path} {one.text}"]
    assert [one.level for one in found] == [level]
    assert lint(text.replace(*with_more(SUPP, "grace = 3"))) == lint(text)


def test_what_has_none_says_nothing():
    assert RulesPeriod(n=5, unit="working").reckoned() == Period(5, "working")
