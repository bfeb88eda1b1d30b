"""Fixtures every test may use: a small country, its people, and walks through it."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection

from config.demo.paths import PATHS
from notifications import calendars
from tests.office import Office
from tests.world import build_world
from workflows import append_only

START = datetime(2017, 3, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Test databases are flushed, which the ledger's guard would refuse; its own test puts it back."""
    with django_db_blocker.unblock():
        append_only.remove(connection)


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()
    calendars.forget()


@pytest.fixture(autouse=True)
def _sent_log(settings, tmp_path_factory):
    """Every test has its own record of what left the house, as it has its own database."""
    settings.SENT_LOG = tmp_path_factory.mktemp("outside") / "sent.sqlite3"
    settings.ANCHOR_LOG = settings.SENT_LOG.parent / "anchors" / "anchors.jsonl"


@pytest.fixture(autouse=True)
def _signing(settings, tmp_path_factory):
    """Every test has its own authority, made only if it signs something."""
    settings.SIGNER_DIR = tmp_path_factory.mktemp("signing") / "authority"


@pytest.fixture
def world(db):
    """Places, working days, the catalogue's programmes, staff and experts (tests/world.py)."""
    return build_world(START)


@pytest.fixture
def walk(world):
    """A walk of the trial zone; its `at` is the moment of the next act."""
    return world.walk()


@pytest.fixture
def prove(monkeypatch):
    """`prove(True)`: the password was given again just now; `prove(False)`: it was not."""

    def _prove(value):
        monkeypatch.setattr("pilots.views.act.recently_proven", lambda request: value)

    return _prove


@pytest.fixture
def office(world, monkeypatch):
    """The happy road up to the document; nobody has asked for the seal on its certificate yet (tests/office.py)."""
    walk = world.walk()
    with monkeypatch.context() as patch:
        patch.setattr(type(walk), "seal", lambda _self: None)
        PATHS["return"].live(walk, world.place("徐汇区"))
    return Office(walk)
