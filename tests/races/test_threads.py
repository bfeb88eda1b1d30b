"""Two hundred collisions of each kind on PostgreSQL, by threads that start at one barrier."""

import threading

import pytest
from django.db import connection, connections

from tests.conftest import START
from tests.races.rounds import ROUNDS, Count, Snapshot, end_of
from tests.races.scenes import SCENES, TwoDecisions
from tests.world import build_world
from workflows import door

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


@pytest.fixture
def world(transactional_db):
    assert connection.vendor == "postgresql", "run by `make test`, which brings a server"
    return build_world(START)


def play(scene, rounds):
    """Each contestant is a thread with a connection of its own for the whole scene."""
    count, before = Count(scene), Snapshot()
    start, end = threading.Barrier(scene.people + 1), threading.Barrier(scene.people + 1)
    ends = [None] * scene.people

    def contestant(number):
        try:
            for _round in range(rounds):
                start.wait(60)
                seen = scene.look(number)
                looked.wait(60)
                ends[number] = end_of(scene, number, seen)
                end.wait(60)
        finally:
            connections.close_all()

    looked = threading.Barrier(scene.people)
    threads = [threading.Thread(target=contestant, args=[number], daemon=True) for number in range(scene.people)]
    for thread in threads:
        thread.start()
    for _round in range(rounds):
        start.wait(60)
        end.wait(60)
        count.add(list(ends))
        before.restore()
    for thread in threads:
        thread.join(60)
    return count


@pytest.mark.parametrize("kind", SCENES, ids=lambda kind: kind.__name__)
def test_two_hundred_collisions(world, kind, figures):
    count = play(kind(world), ROUNDS)
    figures(count.line())
    assert count.wrong == []
    assert count.rounds == ROUNDS


def test_without_the_lock_and_the_version_the_same_scene_goes_wrong(world, monkeypatch):
    """The planted positive: these rounds really collide."""
    monkeypatch.setattr(
        door, "_lock", lambda obj: type(obj)._default_manager.select_related(*obj.related).get(pk=obj.pk)
    )
    monkeypatch.setattr(door, "_same", lambda case, version: None)
    count = play(TwoDecisions(world), 40)
    assert count.wrong
