"""`play` in its own throw-away database, as a stranger calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def play(*words):
    return subprocess.run([sys.executable, str(ROOT / "manage.py"), "play", *words], capture_output=True, text=True,
                          cwd=ROOT, check=False, timeout=300)  # fmt: skip


def test_a_whole_life_as_one_object():
    done = play("service_cluster_trial_zone", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["final"] == {"application": "approved", "designation": "accepted", "certificate": "issued"}
    assert told["programme"] == "service_cluster_trial_zone"
    assert told["path"] == "happy"
    assert told["ledger_ok"] is True
    assert len(told["certificate_code"]) == 10
    assert told["acts"] == len(told["events"]) > 25
    # The promise is twenty seconds; a loaded machine gets some room, a slow engine does not.
    assert told["seconds"] < 20
    first = told["events"][0]
    assert set(first) >= {"at", "actor", "role", "act", "object", "from", "to", "deadline", "messages"}
    assert [event["at"] for event in told["events"]] == sorted(event["at"] for event in told["events"])
    assert any(event["messages"] for event in told["events"])
    assert any(event["deadline"] and event["deadline"]["due"] for event in told["events"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no_such_programme",), "no published programme"),
        (("strong_city_creation", "--path", "sideways"), "no path"),
        (("patent_navigation_centre", "--path", "objection"), "do not know the path"),
    ],
)
def test_a_wrong_call_says_what_there_is(words, said):
    done = play(*words)
    assert done.returncode != 0
    assert said in done.stderr
