"""The demonstration as a stranger builds it: the report's places at their stages, twice in a row without harm."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]


def build(folder):
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PILOTAGE_", "DJANGO_", "DATABASE_"))
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "demo", "--seed-only"], capture_output=True, text=True, cwd=ROOT,
        env=environment | {"PILOTAGE_VAR": str(folder)}, check=False, timeout=280,
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def ask(folder, question):
    with sqlite3.connect(folder / "demo" / "demo.sqlite3") as database:
        answer = database.execute(question).fetchall()
    database.close()
    return answer


def test_the_report_s_places_stand_where_the_report_says(built):
    """programmes.md §1.1–1.2: 14 strong cities; two zones accepted after three years; four zones approved in 2017."""
    sites = ask(built, "select r.code, d.state, count(*) from pilots_designation d join pilots_batch b on b.id=d.batch_id"
                       " join pilots_programme r on r.id=b.programme_id group by 1, 2 order by 1, 2")  # fmt: skip
    assert sites == [
        ("service_cluster_demo_zone", "building", 2),
        ("service_cluster_trial_zone", "accepted", 2),
        ("service_cluster_trial_zone", "building", 2),
        ("strong_city_creation", "building", 14),
    ]
    accepted = ask(
        built,
        "select p.name from pilots_designation d join accounts_place p on p.id=d.place_id where d.state='accepted'",
    )
    assert sorted(accepted) == [("佛山市",), ("成都高新区",)]


def test_visitors_find_cases_at_every_stage_and_certificates_made(built):
    states = {state for (state,) in ask(built, "select distinct state from pilots_application")}
    assert states >= {"draft", "province_review", "formality_check", "panel_draw", "expert_review", "ready", "approved"}
    # All but the three that wait for the seal.
    assert ask(built, "select count(*) from approvals_certificate where sha256=''") == [(3,)]
    assert ask(built, "select count(*) from notifications_job where state<>'done'") == [(0,)]


def test_a_second_time_changes_nothing(built):
    before = ask(built, "select count(*), max(id) from workflows_ledgerentry")
    again = build(built)
    assert again.returncode == 0, again.stderr
    assert ask(built, "select count(*), max(id) from workflows_ledgerentry") == before


def test_it_serves_and_its_scheduler_is_heard_and_it_stops_when_asked(built):
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PILOTAGE_", "DJANGO_", "DATABASE_"))
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(port)], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.STDOUT, cwd=ROOT, env=environment | {"PILOTAGE_VAR": str(built)},
    )  # fmt: skip
    try:
        healthy = answers(f"http://127.0.0.1:{port}/healthz", demo)
        assert healthy, "the scheduler was not heard within a minute and a half"
    finally:
        demo.send_signal(signal.SIGINT)
        said, _none = demo.communicate(timeout=40)
    assert demo.returncode == 0, said
    assert f"http://127.0.0.1:{port}/" in said
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the web server is gone too"


def answers(address, process, seconds=90):
    """True as soon as an address answers 200; False when time or the process is over."""
    for _second in range(seconds):
        if process.poll() is not None:
            return False
        try:
            with urlopen(address) as response:
                return response.status == 200
        except OSError:
            time.sleep(1)
    return False
