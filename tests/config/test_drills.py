"""The drills that run in every test: workers die while certificates are made, and nothing that was confirmed is lost."""

import pytest

from config.drills import crash, storm
from config.drills.house import House


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, f"sqlite:///{tmp_path / 'drill.sqlite3'}")


@pytest.mark.timeout(600)
def test_a_thousand_certificates_survive_ten_kills(house):
    found = storm.storm(house, cases=1000, kills=10)
    assert found["faults"] == []
    assert (found["certificates"], found["kills"]) == (1000, 10)
    assert found["caught_up"] <= 90


@pytest.mark.timeout(600)
def test_a_worker_may_end_at_every_named_place(house):
    found = crash.crash(house)
    assert found["faults"] == []
    assert found["kills"] == len(crash.OF_JOBS) * len(crash.PASSES)


@pytest.mark.timeout(300)
def test_a_drill_that_kills_nothing_says_so(house, monkeypatch):
    monkeypatch.setattr("config.drills.house.Nursery.kill", lambda _self, pid: False)
    found = storm.storm(house, cases=4, kills=1)
    assert any("kills hit a living worker" in text for text in found["faults"])


@pytest.mark.timeout(300)
def test_the_count_sees_what_is_lost(house):
    """The planted positive: a file that is gone and a certificate that is not issued are named."""
    house.run("config.drills.filling", 3)
    with house.nursery() as nursery:
        nursery.wait(nursery.start())
    stored = [one for one in (house.folder / "files").rglob("*") if one.is_file() and one.stat().st_size > 100_000]
    stored[0].write_bytes(stored[0].read_bytes()[:-10])
    stored[1].unlink()
    import json

    faults = " ".join(json.loads(house.run("config.drills.verifying"))["faults"])
    assert "torn" in faults
    assert "no file" in faults
