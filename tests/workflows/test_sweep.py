"""Time: deadlines act by themselves, reminders speak once, a sweep missed for weeks catches up."""

from datetime import timedelta

from django.core import mail
from django.db import connection
from django.utils import timezone

from notifications import jobs, outbox
from notifications.ladder import climb
from notifications.models import Deadline, Heartbeat, Job, Message, Reminder
from notifications.preferences import next_opening
from pilots.models import Application, Batch
from workflows import tasks
from workflows.sweep import AGAIN, settle, sweep
from workflows.timeline import moments, travel


def test_a_window_closes_by_itself_even_if_the_sweep_slept_for_a_week(world):
    walk, application = world.application(to="draft")
    settle(walk.batch.closes_at + timedelta(days=7))
    assert Batch.objects.get().state == "reviewing"
    assert Application.objects.get(pk=application.pk).state == "deemed_withdrawn"


def test_a_window_does_not_close_a_moment_early(world):
    walk, _application = world.application(to="draft")
    sweep(walk.batch.closes_at - timedelta(microseconds=1))
    assert Batch.objects.get().state == "open"
    sweep(walk.batch.closes_at)
    assert Batch.objects.get().state == "reviewing"


def test_running_the_sweep_again_changes_nothing(world):
    walk, _application = world.application(to="province_review")
    at = walk.batch.closes_at - timedelta(days=1)
    settle(at)
    before = (Reminder.objects.count(), Message.objects.count())
    for _n in range(3):
        sweep(at)
    assert (Reminder.objects.count(), Message.objects.count()) == before


def test_after_a_long_silence_only_the_newest_rung_speaks(world):
    walk, application = world.application(to="formality_check")
    row = Deadline.objects.open().get(subject_uuid=application.uuid)
    climb(walk.at + timedelta(days=60))
    outcomes = list(Reminder.objects.filter(deadline=row).order_by("speaks_at", "pk").values_list("state", flat=True))
    assert outcomes[-1] == "spoken"
    assert set(outcomes[:-1]) == {"superseded"}
    told = Message.objects.filter(key__startswith=f"{row.uuid}:", channel="inbox")
    assert told.filter(kind="overdue", user=world.cast["checker"]).count() == 1
    assert told.filter(kind="escalation", user=world.cast["officer"]).count() == 1


def test_a_duty_that_is_done_is_not_reminded_of(world):
    walk, application = world.application(to="formality_check")
    walk.check(application)
    closed = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    assert closed.closed_at is not None
    climb(walk.at + timedelta(days=60))
    assert not Reminder.objects.filter(deadline=closed).exclude(state="dropped").exists()
    assert not Message.objects.filter(duty=closed.uuid, kind__in=outbox.ABOUT_TIME).exists()


def test_travel_meets_every_moment_in_order(world):
    walk, _application = world.application(to="draft")
    seen = list(moments(walk.at, walk.batch.closes_at))
    assert seen == sorted(set(seen))
    assert walk.batch.closes_at in seen
    travel(walk.at, walk.batch.closes_at)
    spoken = Reminder.objects.filter(deadline__code="submit", state="spoken").order_by("at")
    assert list(spoken.values_list("rung", flat=True)) == ["-7", "-3", "-1", "0"]


def test_mail_goes_out_once_with_a_message_id_of_its_own(world):
    walk, _application = world.application(to="province_review")
    morning = next_opening(walk.at)
    outbox.send_due(morning)
    outbox.send_due(morning)
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert ids
    assert len(ids) == len(set(ids))
    assert not Message.objects.filter(channel="email", state="queued").exists()


def test_a_mail_server_that_is_down_loses_nothing(world, monkeypatch):
    walk, _application = world.application(to="province_review")
    waiting, morning = Message.objects.filter(channel="email", state="queued").count(), next_opening(walk.at)

    def broken(*_args, **_kwargs):
        raise OSError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", broken)
        assert outbox.send_due(morning) == 0
    row = Message.objects.filter(channel="email").first()
    assert (row.state, row.error) == ("queued", "connection refused")
    assert outbox.send_due(morning) == 0, "not before the back-off is over"
    assert outbox.send_due(morning + timedelta(hours=1)) == waiting


def test_a_job_whose_worker_died_is_done_by_the_next_one(world):
    done = []
    jobs._handlers["planted"] = lambda row, at: done.append(row.pk)
    row = Job.objects.create(kind="planted", key="k", created_at=world.start, not_before=world.start,
                             state=Job.State.RUNNING, lease_until=timezone.now() + timedelta(seconds=60))  # fmt: skip
    assert jobs.work(world.start) == 0
    # Whatever hour the next one thinks it is: the minute is the database's.
    assert jobs.work(world.start + timedelta(days=900)) == 0
    Job.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.work(world.start) == 1
    assert done == [row.pk]


def test_who_lost_the_lease_does_not_undo_what_the_next_worker_did(world, monkeypatch):
    """The slow worker fails because the other one was faster: the job stays done, and no mistake is kept (trust.md F19)."""
    row = Job.objects.create(kind="slow", key="k", created_at=world.start, not_before=world.start)
    turns = []

    def slow(_job, _at):
        turns.append(1)
        if len(turns) == 1:
            Job.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            assert jobs.work(world.start) == 1
            raise ValueError("somebody else has done it")
        return "found"

    monkeypatch.setitem(jobs._before, "slow", slow)
    monkeypatch.setitem(jobs._handlers, "slow", lambda _job, _at, _found: None)
    assert jobs.work(world.start) == 0
    row.refresh_from_db()
    assert (row.state, row.error, row.attempts, len(turns)) == ("done", "", 2, 2)


def test_what_is_prepared_is_done_before_the_transaction_and_nothing_found_is_done(world, monkeypatch):
    outer, seen = len(connection.savepoint_ids), []
    monkeypatch.setitem(
        jobs._before, "two", lambda job, _at: (seen.append(len(connection.savepoint_ids)), job.payload.get("n"))[1]
    )
    monkeypatch.setitem(jobs._handlers, "two", lambda _job, _at, n: seen.append((len(connection.savepoint_ids), n)))
    for n in (1, None):
        Job.objects.create(kind="two", key=f"k{n}", payload={"n": n}, created_at=world.start, not_before=world.start)
    assert jobs.work(world.start) == 2
    assert seen == [outer, (outer + 1, 1), outer]
    assert set(Job.objects.filter(kind="two").values_list("state", flat=True)) == {"done"}


def test_a_poisoned_job_is_parked_and_its_neighbour_is_done(world):
    def poison(_row, _at):
        raise ValueError("planted")

    jobs._handlers |= {"poison": poison, "fine": lambda row, at: None}
    for kind in ("poison", "fine"):
        Job.objects.create(kind=kind, key=kind, created_at=world.start, not_before=world.start)
    at = world.start
    for _n in range(20):
        jobs.work(at)
        at += timedelta(hours=2)
    assert dict(Job.objects.values_list("kind", "state")) == {"poison": "parked", "fine": "done"}
    assert "planted" in Job.objects.get(kind="poison").error


def test_a_deadline_that_cannot_act_says_why_and_stays_open(world):
    walk, _application = world.application(to="draft")
    row = Deadline.objects.get(code="close")
    Deadline.objects.filter(pk=row.pk).update(acts_at=walk.at)
    sweep(walk.at)
    row.refresh_from_db()
    assert row.closed_at is None
    assert "截止时间未到" in row.stuck_reason
    # It stands behind what comes meanwhile, and is tried again.
    assert row.acts_at == walk.at + AGAIN
    settle(walk.batch.closes_at + AGAIN)
    assert Batch.objects.get().state == "reviewing"


def test_a_beat_after_a_long_silence_goes_on_until_nothing_is_left(world, monkeypatch):
    walk, _application = world.application(to="draft")
    late = walk.batch.closes_at + timedelta(days=7)
    calls = []
    real = tasks.sweep.sweep
    monkeypatch.setattr(tasks.clock, "now", lambda: late)
    monkeypatch.setattr(tasks.sweep, "sweep", lambda at: calls.append(real(at)) or calls[-1])
    tasks.tick()
    assert Batch.objects.get().state == "reviewing"
    assert calls[0], "there was something to do"
    assert not calls[-1], "and in the end there was not"


def test_while_the_scheduler_is_silent_a_hint_sweeps_everything(world, monkeypatch):
    """Beat is dead: the worker that hears of an act does what beat would have made it do (trust.md F10)."""
    walk, application = world.application(to="draft")
    monkeypatch.setattr("accounts.clock.now", lambda: walk.batch.closes_at + timedelta(hours=1))
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    tasks.work()
    application.refresh_from_db()
    assert application.state == "draft"
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=3))
    tasks.work()
    application.refresh_from_db()
    assert application.state == "deemed_withdrawn"
    assert Heartbeat.objects.get(name="sweep").at > timezone.now() - timedelta(minutes=1)
