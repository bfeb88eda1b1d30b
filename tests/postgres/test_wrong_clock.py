"""A worker or beat does not start on a machine whose clock differs from PostgreSQL's (trust.md F11)."""

import subprocess
import sys

import pytest

from config.drills.house import ROOT, House
from tests.postgres.databases import empty

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
# A machine with another hour; what is started on it is stopped again once it stands.
START = """
import os, sys
from datetime import timedelta
from django.utils import timezone
real = timezone.now
timezone.now = lambda: real() + timedelta(seconds=float(sys.argv[2]))
from celery.signals import beat_init, worker_ready
from config.celery import app
def stop(**more):
    # Celery takes prints for its log.
    os.write(1, b"started")
    raise SystemExit(0)
worker_ready.connect(stop)
app.set_default()
beat_init.connect(stop)
if sys.argv[1] == "beat":
    app.Beat(schedule=sys.argv[3]).run()
else:
    app.worker_main(["worker", "--pool", "solo", "--loglevel", "critical"])
"""


@pytest.fixture
def start(transactional_db, tmp_path):
    with empty("pilotage_clock") as url:
        house = House(tmp_path, url)

        def _start(kind, seconds):
            command = [sys.executable, "-c", START, kind, str(seconds), str(tmp_path / "schedule")]
            return subprocess.run(command, cwd=ROOT, env=house.environment, capture_output=True, text=True, check=False)

        yield _start


@pytest.mark.parametrize(
    ("kind", "seconds", "words"), [("worker", 120, "120 s ahead of"), ("beat", -120, "120 s behind")]
)
def test_with_a_wrong_clock_nothing_starts(start, kind, seconds, words):
    done = start(kind, seconds)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"not started: the clock of this machine is {words}" in done.stderr
    assert "started" not in done.stdout


@pytest.mark.parametrize("kind", ["worker", "beat"])
def test_within_the_tolerance_it_starts(start, kind):
    """The planted positive: only the difference kept it from starting."""
    done = start(kind, 3)
    assert "started" in done.stdout, done.stdout + done.stderr
