"""What an attacker with all rights on the database can do, and which wall sees it; and that a sound ledger is silent."""

import pytest

from tests.conftest import START
from workflows import attacks, outside, verifying


@pytest.fixture
def anchored(world):
    """Two cases with an anchor in the midst of their lives, and one at the end."""
    walk, first = world.application(to="ready")
    outside.anchor(START)
    world.application(to="province_review", place="江宁区", walk=walk)
    outside.anchor(walk.at)
    return first


def test_ten_attacks_are_seen_and_nothing_else_is(anchored):
    assert list(verifying.everything()) == []
    tried = list(attacks.play())
    assert {one.name: bool(one.faults) for one in tried} == dict.fromkeys(attacks.ATTACKS, True)
    assert len(tried) == 10
    walls = {one.name: one.walls for one in tried}
    # The first six break the chain of their case; after the last four, chains and heads hold, and only the file knows.
    names = list(attacks.ATTACKS)
    assert all("chain" in walls[name] for name in names[:6]), walls
    assert all("outside" in walls[name] and not {"chain", "head"} & set(walls[name]) for name in names[6:]), walls
    assert list(verifying.everything()) == [], "the attacks left something behind"
