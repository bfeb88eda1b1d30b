"""Workers whose clocks differ by minutes: no lease is stolen, and a machine with a wrong clock does nothing (trust.md F11)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import DateTimeField, Value
from django.utils import timezone

from accounts import machine
from notifications import jobs, sending
from notifications.channels import registry
from notifications.models import Heartbeat, Job, Message
from tests.channels import lapse, make_person, tell
from workflows import sweep, tasks

pytestmark = pytest.mark.django_db
SKEW = timedelta(seconds=120)
SKEWS = [(-SKEW, SKEW), (SKEW, -SKEW), (timedelta(0), SKEW), (-SKEW, timedelta(0))]
IDS = ["behind-ahead", "ahead-behind", "right-ahead", "behind-right"]


@pytest.fixture
def thefts(monkeypatch):
    """`thefts(mine, other)`: while a worker with the clock `mine` does a job, one with `other` looks for work; what it took."""
    taken, clocks = [], []

    def work(skew):
        clocks.append(skew)
        try:
            return jobs.work(timezone.now() + skew)
        finally:
            clocks.pop()

    def slow(row, _at):
        alone = len(clocks) == 1
        if alone and work(other_of[row.key]):
            taken.append(row.key)
        return "made"

    other_of = {}
    monkeypatch.setitem(jobs._before, "skewed", slow)
    monkeypatch.setitem(jobs._handlers, "skewed", lambda _row, _at, _made: None)

    def _thefts(mine, other):
        row = jobs.job("skewed", f"{mine}{other}", timezone.now() - timedelta(hours=1))
        other_of[row.key] = other
        jobs.enqueue([row])
        done = work(mine)
        # Should it have been stolen, whoever comes second counts for nothing (tests/workflows/test_stuck.py).
        assert done == (0 if taken else 1)
        assert Job.objects.get(key=row.key).attempts == 1 + len(taken)
        return taken

    _thefts.clocks = clocks
    return _thefts


@pytest.mark.parametrize(("mine", "other"), SKEWS, ids=IDS)
def test_no_lease_is_stolen_by_a_worker_whose_clock_differs(thefts, mine, other):
    assert thefts(mine, other) == []


def test_by_their_own_clocks_one_would_steal_from_the_other(thefts, monkeypatch):
    """The planted positive: leases by the clock of each worker, as they were once."""

    def own():
        return Value(timezone.now() + thefts.clocks[-1], output_field=DateTimeField())

    for module in ("notifications.jobs", "notifications.models.job"):
        monkeypatch.setattr(f"{module}.Now", own)
    assert len(thefts(-SKEW, SKEW)) == 1


@pytest.mark.parametrize(("mine", "other"), SKEWS, ids=IDS)
def test_no_letter_is_taken_from_a_sender_whose_clock_differs(mine, other):
    person, now = make_person(), timezone.now()
    tell(person, at=now - timedelta(days=30))
    email = registry.every()["email"]
    assert len(sending.claim(email, now + mine)) == 1
    assert sending.claim(email, now + other) == []
    lapse()
    assert len(sending.claim(email, now + other)) == 1
    assert Message.objects.get(channel="email").attempts == 2


def test_a_job_taken_late_in_a_long_pass_is_leased_for_a_whole_minute(monkeypatch):
    """Leases once began with the pass, not with the job: what was taken after a minute was anybody's at once."""
    monkeypatch.setitem(jobs._handlers, "long", lambda _row, _at: None)
    began = timezone.now() - timedelta(seconds=61)
    jobs.enqueue([jobs.job("long", "k", began)])
    assert jobs._claim(began, 1)
    assert jobs.work(timezone.now()) == 0


def test_the_beat_is_written_and_judged_by_the_database(client, monkeypatch):
    """A sweeper and a web process two minutes apart: neither makes the scheduler look dead or alive."""
    real = timezone.now
    for off in (SKEW * 10, -SKEW * 10):
        Heartbeat.objects.all().delete()
        with monkeypatch.context() as patch:
            patch.setattr(timezone, "now", lambda off=off: real() + off)
            sweep.beat()
            assert not sweep.is_late()
        said = client.get("/healthz").json()
        assert (said["scheduler"], said["clock"]) == (True, True)


# --- a machine whose clock is wrong ------------------------------------------------------------------------------------
@pytest.fixture
def off_by(monkeypatch):
    def _off_by(seconds):
        monkeypatch.setattr(machine, "skew", lambda: timedelta(seconds=seconds))

    return _off_by


@pytest.mark.parametrize(("seconds", "words"), [(5, ""), (-5, ""), (6, "6 s ahead"), (-120, "120 s behind")])
def test_five_seconds_are_tolerated(off_by, seconds, words):
    off_by(seconds)
    assert words in machine.fault()
    assert bool(machine.fault()) == bool(words)


def test_what_the_question_took_is_no_skew():
    asked = datetime(2026, 1, 1, tzinfo=UTC)
    heard = asked + timedelta(seconds=9)
    for shift, ahead in ((0, 0), (4, 0), (9, 0), (-3, 3), (21, -12)):
        there = asked + timedelta(seconds=shift)
        assert machine.apart(asked, there, heard) == timedelta(seconds=ahead)


def test_the_difference_is_measured_on_postgresql_and_there_is_none_on_sqlite(monkeypatch):
    real = timezone.now
    assert abs(machine.skew()) < timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: real() + SKEW)
    found = machine.skew()
    if connection.vendor == "postgresql":
        assert abs(found - SKEW) < timedelta(seconds=1)
    else:
        assert found == machine.NONE


def test_a_machine_with_a_wrong_clock_is_taken_out_of_service(client, off_by):
    sweep.beat()
    assert client.get("/healthz").status_code == 200
    off_by(7)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["clock"], answer.json()["clock_ahead_seconds"]) == (503, False, 7.0)
    assert answer.json()["scheduler"] is True


def test_a_worker_whose_clock_went_wrong_sweeps_nothing(off_by, monkeypatch):
    swept = []
    monkeypatch.setattr(tasks, "_tick", lambda: swept.append("tick"))
    monkeypatch.setattr(tasks, "_work", lambda: swept.append("work"))
    off_by(-6)
    tasks.tick()
    tasks.work()
    assert swept == []
    off_by(0)
    tasks.tick()
    tasks.work()
    assert swept == ["tick", "work"]


def test_officers_are_told(world, client, monkeypatch):
    sweep.beat()
    client.force_login(world.cast["officer"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "本机时钟" not in client.get("/desk/").content.decode()
    monkeypatch.setattr(machine, "apart", lambda *_instants: timedelta(seconds=-42))
    assert "本机时钟比数据库慢 42 秒" in client.get("/desk/").content.decode()


def test_metrics_say_how_far_it_is_off(client):
    sweep.beat()
    assert b"\npilotage_clock_ahead_seconds 0.0" in client.get("/metrics").content
