"""From each released version's dump to today: nothing lost, everything goes on, on SQLite (trust.md F20)."""

import json
from pathlib import Path

import pytest

from config import migrating
from config.drills.house import House

HERE = Path(__file__).parent
DUMPS = sorted(HERE.glob("*.jsonl.xz"))
# Migrating twice takes its time on a file.
pytestmark = pytest.mark.timeout(600)


def upgraded(house, dump, *words):
    house.more |= {"PILOTAGE_DEMO": "1"}
    return json.loads(house.run("tests.upgrade.upgrading", dump, *words))


def judge(found):
    """What must hold, on every database."""
    assert found["changed"] == [], "rows were lost or changed"
    assert min(found["tables"].values()) > 0, "a table without a row shows nothing"
    assert sum(found["loaded"].values()) > 9000
    assert found["refused"] == {}, "the release before cannot write these any more"
    assert (found["broken"], found["untold"]) == ([], 0)
    assert found["chains"] > 90
    assert set(found["pages"].values()) == {200}, found["pages"]
    assert len(found["pages"]) == 6
    assert found["acts"] == {
        "recommend": ["province_review", "formality_check", True], "withdraw": ["ready", "withdrawn", True],
    }  # fmt: skip


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
def test_a_database_of_a_released_version_is_upgraded(tmp_path, dump):
    found = upgraded(House(tmp_path, f"sqlite:///{tmp_path / 'old.sqlite3'}"), dump, "planted")
    # The planted positive: a column that demands a value turns the old release away, and only there.
    assert list(found["planted"]) == ["notifications_job"]
    judge(found)


def test_the_release_that_is_recorded_has_a_dump():
    assert f"{migrating.baseline()['release']}.jsonl.xz" in [dump.name for dump in DUMPS]
    assert all(dump.stat().st_size <= 300_000 for dump in DUMPS)
