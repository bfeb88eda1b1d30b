"""/metrics: who may read it, what it says, and that it costs the same however much was done."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from notifications.beats import ANCHOR
from notifications.models import Heartbeat, Job, Message

pytestmark = pytest.mark.django_db


def read(client, **more):
    answer = client.get("/metrics", **more)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}


def jobs(number, state="queued", minutes=5):
    now = timezone.now() - timedelta(minutes=minutes)
    Job.objects.bulk_create(
        Job(
            kind="x",
            key=f"{state}{n}",
            state=state,
            created_at=now,
            not_before=now,
            finished_at=now if state == "done" else None,
        )
        for n in range(number)
    )


def test_depth_and_age_are_told(client):
    jobs(3)
    jobs(2, "parked")
    jobs(50, "done")
    Heartbeat.objects.create(name="sweep", at=timezone.now() - timedelta(seconds=90))
    Heartbeat.objects.create(name=ANCHOR, at=timezone.now() - timedelta(hours=3))
    said = read(client)
    assert said["pilotage_jobs", "queued"] == 3
    assert said["pilotage_jobs", "parked"] == 2
    assert ("pilotage_jobs", "done") not in said
    assert 300 <= said["pilotage_jobs_oldest_seconds", "queued"] < 330
    assert said["pilotage_outbox", "dead"] == 0
    assert 90 <= said["pilotage_sweep_age_seconds",] < 120
    assert 10800 <= said["pilotage_ledger_anchor_age_seconds",] < 10830
    assert said["pilotage_outgoing_held",] == 0
    assert said["pilotage_database_seconds",] > 0


def test_silence_is_absent_and_not_zero(client):
    assert ("pilotage_sweep_age_seconds",) not in read(client)


def test_answers_are_counted_by_route_and_not_by_address(client):
    before = read(client).get(("pilotage_requests_total", "200", "GET", "readyz"), 0)
    client.get("/readyz")
    client.get("/readyz?a=canary-query")
    client.get("/canary-nowhere")
    client.generic("CANARY", "/readyz")
    said = read(client)
    assert said["pilotage_requests_total", "200", "GET", "readyz"] == before + 2
    assert "canary" not in str(said).lower()
    assert any(key[0] == "pilotage_request_seconds_count" and "readyz" in key for key in said)


@pytest.mark.parametrize("many", [5, 500])
def test_it_costs_the_same_however_much_was_done(client, many, django_assert_num_queries):
    jobs(many, "done")
    jobs(5)
    with django_assert_num_queries(3):
        read(client)


def test_what_is_asked_has_an_index():
    for model in (Job, Message):
        assert any(index.fields[0] == "state" for index in model._meta.indexes)


# --- who may read ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "203.0.113.7"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        ({"REMOTE_ADDR": "10.1.2.3"}, 200),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}, 404),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer canary-token"}, 200),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer wrong"}, 404),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer "}, 404),
    ],
)
def test_only_neighbours_and_bearers_of_the_token_may_read(client, settings, tmp_path, more, status):
    file = tmp_path / "token"
    file.write_text("canary-token\n", encoding="ascii")
    settings.METRICS_TOKEN_FILE, settings.METRICS_ALLOW = str(file), ["10.0.0.0/8"]
    assert client.get("/metrics", **more).status_code == status


def test_an_empty_token_opens_nothing(client, settings, tmp_path):
    file = tmp_path / "token"
    file.write_text("\n", encoding="ascii")
    settings.METRICS_TOKEN_FILE = str(file)
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7", HTTP_AUTHORIZATION="Bearer ").status_code == 404


def test_several_processes_add_up(tmp_path):
    """As under gunicorn: counters of two processes in one answer."""
    import os
    import subprocess
    import sys

    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PILOTAGE_", "DJANGO_"))} | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "counters"), "PILOTAGE_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    (tmp_path / "counters").mkdir()
    count = "import django; django.setup(); from config import metrics; metrics.seen('desk', 'GET', 200, 0.1)"
    for _n in range(2):
        subprocess.run([sys.executable, "-c", count], cwd=settings.BASE_DIR, env=environment, check=True)
    told = (
        "import django; django.setup(); from config import metrics; from prometheus_client import *;"
        "r = CollectorRegistry(); multiprocess.MultiProcessCollector(r); print(generate_latest(r).decode())"
    )
    command = [
        sys.executable,
        "-c",
        told.replace("import *", "import CollectorRegistry, generate_latest, multiprocess"),
    ]
    said = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert re.search(r'pilotage_requests_total\{method="GET",route="desk",status="200"\} 2\.0', said)


def test_the_registry_knows_only_ours():
    assert all(name.startswith("pilotage_") for name in metrics._own._names_to_collectors)
