"""Two hundred collisions of each kind on SQLite, by processes."""

import json

import pytest

from config.drills.house import House
from tests.races.rounds import ROUNDS
from tests.races.scenes import SCENES


@pytest.mark.timeout(1200)
def test_two_hundred_collisions_of_each_kind(tmp_path, figures):
    house = House(tmp_path, f"sqlite:///{tmp_path / 'races.sqlite3'}")
    told = json.loads(house.run("tests.races.processes", ROUNDS))
    for one in told.values():
        figures(one["line"])
    assert told.keys() == {kind.__name__ for kind in SCENES}
    assert {name: one["wrong"] for name, one in told.items() if one["wrong"]} == {}
    assert {one["rounds"] for one in told.values()} == {ROUNDS}
