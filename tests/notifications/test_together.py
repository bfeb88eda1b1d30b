"""Short jobs are taken several at once; workers beside one SQLite file take turns."""

import subprocess
import sys
import threading
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from accounts.kept import keeping, kept, known
from notifications import jobs, turns
from notifications.models import Job

START = datetime(2017, 3, 7, 1, tzinfo=UTC)


@pytest.fixture
def short(db, monkeypatch):
    """Twenty-five jobs of a kind that is done several at once; what was done, and how many were taken together."""
    done, taken = [], []

    def together(rows, _at):
        taken.append(len(rows))
        return nullcontext()

    monkeypatch.setitem(jobs._handlers, "short", lambda job, _at: done.append(job.key))
    monkeypatch.setitem(jobs._together, "short", together)
    jobs.enqueue([jobs.job("short", f"k{n:02}", START) for n in range(25)])
    return done, taken


def test_short_jobs_are_taken_several_at_once_and_done_once_each(short):
    done, taken = short
    assert jobs.work(START, limit=22) == 22
    assert taken == [10, 10, 2]
    assert jobs.work(START) == 3
    assert done == [f"k{n:02}" for n in range(25)]
    assert set(Job.objects.filter(kind="short").values_list("state", "attempts")) == {("done", 1)}


def test_what_a_slow_worker_has_not_begun_is_given_back(short, monkeypatch):
    """Ten are taken, and the first takes so long that the lease would end: the others wait for whoever is free."""
    clock = iter(range(0, 1000, 15))
    monkeypatch.setattr(jobs.time, "monotonic", lambda: next(clock))
    row = jobs._claim(START, 50)
    assert jobs._several(row, START) == (1, 1)
    states = Counter(Job.objects.filter(kind="short").values_list("state", "attempts"))
    assert states == {("done", 1): 1, ("queued", 0): 24}


def test_one_that_fails_does_not_hold_those_taken_with_it(short, monkeypatch):
    done, _taken = short

    def planted(job, _at):
        if job.key == "k03":
            raise ValueError("planted")
        done.append(job.key)

    monkeypatch.setitem(jobs._handlers, "short", planted)
    assert jobs.work(START) == 24
    assert Job.objects.get(key="k03").state == "queued"


def test_where_what_is_shared_cannot_be_read_each_reads_for_itself(short, monkeypatch):
    def broken(_rows, _at):
        raise ValueError("planted")

    monkeypatch.setitem(jobs._together, "short", broken)
    assert jobs.work(START) == 25


def test_a_worker_waits_for_its_turn_and_a_dead_one_keeps_nobody(tmp_path, monkeypatch):
    """Beside one SQLite file one worker writes at a time; a killed one lets go (notifications/turns.py)."""
    monkeypatch.setattr(turns, "_file", lambda: tmp_path / "db.turn")
    code = (
        "import fcntl, sys, time; lock = open(sys.argv[1], 'ab'); fcntl.flock(lock, fcntl.LOCK_EX);"
        "print('mine', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path / "db.turn"], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        mine = threading.Event()

        def wait():
            with turns.turn():
                mine.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not mine.wait(0.3)
        other.kill()
        assert mine.wait(10)
        waiting.join()


def test_nothing_is_kept_outside_of_a_block():
    made = []
    for _n in range(2):
        kept("words", lambda: made.append(1))
    assert (len(made), known("words")) == (2, None)
    with keeping(given="x"):
        for _n in range(2):
            kept("more", lambda: made.append(1))
        assert (len(made), known("given")) == (3, "x")
    assert known("given") is None
