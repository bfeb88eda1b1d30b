"""The drills that run in every test: workers die while certificates are made, and nothing that was confirmed is lost."""

import pytest

from config.drills import broker, crash, diskfull, hang, mail, nobeat, storm
from config.drills.house import House


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, f"sqlite:///{tmp_path / 'drill.sqlite3'}")


def told(found):
    """What a drill found, for the report: how many were made, how many blows fell, what was wrong, how soon it was made up for."""
    wanted = ("certificates", "kills", "unnamed", "caught_up", "seconds")
    return {name: found[name] for name in wanted if name in found} | {"faults": len(found["faults"])}


@pytest.mark.timeout(600)
def test_a_thousand_certificates_survive_ten_kills(house, figures):
    found = storm.storm(house, cases=1000, kills=10)
    figures(**told(found))
    assert found["faults"] == []
    assert (found["certificates"], found["kills"]) == (1000, 10)
    assert found["caught_up"] <= 90


@pytest.mark.timeout(600)
def test_a_worker_may_end_at_every_named_place(house, figures):
    found = crash.crash(house)
    figures(**told(found))
    assert found["faults"] == []
    assert found["kills"] == len(crash.OF_JOBS) * len(crash.PASSES)


@pytest.mark.timeout(300)
def test_a_drill_that_kills_nothing_says_so(house, monkeypatch):
    monkeypatch.setattr("config.drills.house.Nursery.kill", lambda _self, pid: False)
    found = storm.storm(house, cases=4, kills=1)
    assert any("kills hit a living worker" in text for text in found["faults"])


@pytest.mark.timeout(600)
def test_workers_that_are_stuck_are_overtaken_and_too_late(house, figures):
    """Stopped at every place outside the transaction; a real minute passes."""
    found = hang.hang(house, cases=60, stops=1)
    figures(**told(found))
    assert found["faults"] == []
    assert (found["certificates"], found["kills"], found["unnamed"]) == (60, len(hang.FREE), 0)
    assert found["taken_over"] >= len(hang.FREE)
    assert found["caught_up"] <= hang.TAKEN_OVER


@pytest.mark.timeout(300)
def test_a_hang_that_stops_nobody_is_no_drill(house, monkeypatch):
    monkeypatch.setattr(hang, "FREE", ("mail_accepted",))
    found = hang.hang(house, cases=2, stops=1)
    faults = " ".join(found["faults"])
    assert "no worker was stopped at: mail_accepted" in faults
    assert "nothing was hung" in faults


@pytest.mark.timeout(300)
def test_the_count_sees_what_is_lost(house):
    """The planted positive: a file that is gone and a certificate that is not issued are named."""
    house.run("config.drills.filling", 3)
    with house.nursery() as nursery:
        nursery.wait(nursery.start())
    stored = [one for one in (house.folder / "files").rglob("*") if one.is_file() and one.stat().st_size > 100_000]
    stored[0].write_bytes(stored[0].read_bytes()[:-10])
    stored[1].unlink()
    (stored[0].parent / ("0" * 64)).write_bytes(b"")
    import json

    found = json.loads(house.run("config.drills.verifying"))
    faults = " ".join(found["faults"])
    assert found["unnamed"] == 1
    assert "torn" in faults
    assert "no file" in faults


@pytest.mark.timeout(400)
def test_a_broker_that_forgets_everything_loses_nothing(house, figures):
    found = broker.broker(house, cases=200, flushes=3)
    figures(**told(found))
    assert found["faults"] == []
    assert found["kills"] == 3
    assert found["messages"] >= 3
    assert found["caught_up"] <= broker.ALL_DONE


@pytest.mark.timeout(300)
def test_a_flush_that_takes_nothing_is_no_drill(house, monkeypatch):
    monkeypatch.setattr(broker, "flush", lambda _house: 0)
    found = broker.broker(house, cases=2, flushes=1)
    assert any("flushes took a message away" in text for text in found["faults"])


@pytest.mark.timeout(300)
def test_three_days_without_a_mail_server_lose_no_letter(house, figures):
    found = mail.mail(house, cases=20, hours=72)
    figures(**told(found))
    assert found["faults"] == []
    assert found["kills"] > 100
    assert found["caught_up"] <= mail.WITHIN_MINUTES


@pytest.mark.timeout(400)
def test_a_full_volume_tears_no_file(house, figures):
    found = diskfull.diskfull(house, cases=40, refusals=5)
    figures(**told(found))
    assert found["faults"] == []
    assert found["kills"] >= 5


@pytest.mark.timeout(300)
def test_a_volume_that_was_never_full_is_no_drill(house, monkeypatch):
    monkeypatch.setattr(diskfull, "SMALL", "200m")
    found = diskfull.diskfull(house, cases=2, refusals=1, patience=2)
    assert any("never full" in text for text in found["faults"])


@pytest.mark.timeout(400)
def test_a_dead_scheduler_is_seen_and_the_next_worker_catches_up(house, figures):
    found = nobeat.nobeat(house, cases=3)
    figures(**told(found))
    assert found["faults"] == []
    assert found["kills"] > 0
    assert found["caught_up"] <= nobeat.CATCH_UP
