"""A year of deadlines, reminders and sweeps is the same year wherever the machine says it is (trust.md F12)."""

import json
import subprocess
import sys

import pytest

from config.drills.house import ROOT, House

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata")


@pytest.fixture
def played(tmp_path):
    """`played(zone, …)`: the years played at once, each in an installation of its own, in those zones: [what was found]."""

    def _played(*zones, more=()):
        running = []
        for number, zone in enumerate(zones):
            folder = tmp_path / f"{number}"
            folder.mkdir()
            house = House(folder, f"sqlite:///{folder / 'year.sqlite3'}", more={"TZ": zone})
            command = [sys.executable, "-m", "tests.notifications.year", zone, *more]
            running.append(
                subprocess.Popen(command, cwd=ROOT, env=house.environment, stdout=subprocess.PIPE, text=True)
            )
        return [json.loads(one.communicate()[0]) for one in running]

    return _played


@pytest.mark.timeout(400)
def test_a_year_is_the_same_in_four_zones(played):
    found = played(*ZONES)
    here = [one.pop("here") for one in found]
    assert len(set(here)) == len(ZONES), f"the zones were not those of the processes: {here}"
    first = found[0]
    for zone, other in zip(ZONES[1:], found[1:], strict=True):
        for name, rows in first.items():
            assert other[name] == rows, (zone, name)
    # A year in which something happened: rungs before and after, reports upward, ends that came by themselves.
    spoken = {row[3] for row in first["reminders"] if row[5] == "spoken"}
    assert {"0", "1", "up1", "up6"} <= spoken, spoken
    assert {"reminder", "due_today", "overdue", "escalation"} <= {row[1] for row in first["messages"]}
    assert "deem_withdrawn" in {row[1] for row in first["acts"]}
    days = {row[3] for row in first["deadlines"]}
    assert min(days) < "2019-12-31"
    assert max(days) > "2020-02-29"


@pytest.mark.timeout(200)
def test_a_machine_s_own_midnight_would_be_seen(played):
    """The planted positive: rungs that speak at midnight of the process' zone make another year."""
    shanghai, new_york = played("Asia/Shanghai", "America/New_York", more=("planted",))
    assert shanghai["deadlines"] == new_york["deadlines"]
    assert shanghai["reminders"] != new_york["reminders"]
    assert shanghai["messages"] != new_york["messages"]
