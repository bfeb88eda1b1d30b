"""Workers that are stuck while their lease runs out: what they bring too late counts for nothing (trust.md F19)."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from approvals.models import Certificate
from config.celery import app
from config.drills.house import ROOT, House
from notifications import jobs
from notifications.models import Heartbeat, Job
from pilots import storage
from workflows import handlers


@pytest.fixture
def overtaken(world, monkeypatch):
    """A worker that is stuck while its lease runs out, and goes on when another has done the job: (what was changed, what was
    thrown away)."""
    row = Job.objects.create(kind="stuck", key="k", created_at=world.start, not_before=world.start)
    turns, changed, thrown = [], [], []

    def stuck(_job, _at):
        turns.append(1)
        mine = len(turns)
        if mine == 1:
            Job.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            assert jobs.work(world.start) == 1
        return f"file of {mine}"

    def change(_job, at, made):
        changed.append(made)
        Heartbeat.objects.create(name=made, at=at)

    monkeypatch.setitem(jobs._before, "stuck", stuck)
    monkeypatch.setitem(jobs._handlers, "stuck", change)
    monkeypatch.setitem(jobs._late, "stuck", lambda _job, made: thrown.append(made))

    def _overtaken():
        jobs.work(world.start)
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("done", 2)
        return sorted(Heartbeat.objects.values_list("name", flat=True)), thrown

    return _overtaken


def test_who_was_stuck_changes_nothing_when_it_goes_on(overtaken):
    """Even where the job itself would not notice: its change is rolled back, and its file goes (trust.md F19)."""
    assert overtaken() == (["file of 2"], ["file of 1"])


def test_without_the_fence_the_late_writer_would_write_twice(overtaken, monkeypatch):
    """The planted positive."""
    monkeypatch.setattr(
        jobs, "_done", lambda row, at: Job.objects.filter(pk=row.pk).update(state="done", finished_at=at)
    )
    assert overtaken() == (["file of 1", "file of 2"], [])


def test_what_was_stopped_by_hand_is_not_done_by_who_was_stuck(world, monkeypatch):
    row = Job.objects.create(kind="stuck", key="k", group="g", created_at=world.start, not_before=world.start)
    done = []

    def stuck(_job, _at):
        Job.objects.filter(pk=row.pk).update(state=Job.State.STOPPED)
        return "made"

    monkeypatch.setitem(jobs._before, "stuck", stuck)
    monkeypatch.setitem(jobs._handlers, "stuck", lambda _job, at, made: done.append(Heartbeat(name=made, at=at).save()))
    assert jobs.work(world.start) == 0
    row.refresh_from_db()
    assert (row.state, len(done), Heartbeat.objects.count()) == ("stopped", 1, 0)


def test_the_late_file_of_a_certificate_is_thrown_away_and_a_named_one_is_not(office, monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "FILES_DIR", tmp_path / "files")
    issued = Certificate.objects.first()
    named, late = storage.store(b"%PDF-named"), storage.store(b"%PDF-late")
    Certificate.objects.filter(pk=issued.pk).update(sha256=named)
    for digest in (named, late):
        handlers.unwanted(None, (issued, {"sha256": digest, "size": 10}))
    assert storage.path_of(named).exists()
    assert not storage.path_of(late).exists()


def test_a_stuck_task_is_ended_by_its_own_pool():
    """Leases pass after a minute; the process that hangs is ended, whether it hears anything or not."""
    assert jobs.LEASE.total_seconds() < app.conf.task_soft_time_limit < app.conf.task_time_limit <= 900


# A task that stands still in a worker whose limits are three seconds; it is waited for, and what became of it is told.
STANDS = """
import os, signal, sys, threading, time
import django
django.setup()
from config.celery import app
app.conf.update(task_soft_time_limit=2, task_time_limit=3)
@app.task(name="stand")
def stand(file):
    with open(file, "w") as out:
        out.write(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)
file = sys.argv[1]
stand.delay(file)
def watch():
    while not (os.path.exists(file) and open(file).read()):
        time.sleep(0.1)
    stuck, began = int(open(file).read()), time.monotonic()
    while time.monotonic() - began < 30:
        try:
            os.kill(stuck, 0)
        except ProcessLookupError:
            os.write(1, b"ended")
            break
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
app.worker_main(["worker", "--concurrency", "1", "--loglevel", "critical"])
"""


@pytest.mark.timeout(120)
def test_a_process_that_is_stopped_is_ended_all_the_same(tmp_path):
    house = House(tmp_path, f"sqlite:///{tmp_path / 'stuck.sqlite3'}")
    command = [sys.executable, "-c", STANDS, str(tmp_path / "process")]
    done = subprocess.run(command, cwd=ROOT, env=house.environment, capture_output=True, text=True, check=False)
    assert "ended" in done.stdout, done.stdout + done.stderr
