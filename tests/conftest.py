"""Fixtures every test may use: a small country, its people, and walks through it."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection

from accounts import wall
from config.demo.paths import PATHS
from notifications import calendars
from tests.office import Office
from tests.world import build_world
from workflows import append_only, row_wall

START = datetime(2017, 3, 7, 1, tzinfo=UTC)


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="a test that skips itself fails the run")
    parser.addoption("--with-database", action="store_true", help="only tests that use the database")


def pytest_collection_modifyitems(config, items):
    """On a second database only those are run again to whom it makes a difference."""
    if config.getoption("--with-database"):
        config.hook.pytest_deselected(items=[item for item in items if not _has_database(item)])
        items[:] = filter(_has_database, items)


def _has_database(item):
    return bool({"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))) or item.get_closest_marker(
        "django_db"
    )


def pytest_sessionfinish(session, exitstatus):
    """Skips are counted: with `--no-skips` none may hide behind a green line."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and session.config.getoption("--no-skips") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def figures(request):
    """`figures("12,000 cells, 0 wrong")`: what a drill, a race or a corpus came to; printed when the run is over."""

    def _figures(*words, **named):
        said = [str(word) for word in words] + [f"{name} {value}" for name, value in named.items()]
        request.node.user_properties.append(("figures", ", ".join(said)))

    return _figures


def pytest_terminal_summary(terminalreporter):
    """The figures of all workers, in the order of their tests."""
    lines = sorted(
        f"{report.nodeid.partition('tests/')[2]}: {value}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "figures"
    )
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Test databases are flushed, which the ledger's guard would refuse; its own test puts it back."""
    with django_db_blocker.unblock():
        append_only.remove(connection)
        if wall.is_up():
            # `make test` runs everything on PostgreSQL behind the second wall, as somebody it counts for.
            with connection.cursor() as cursor:
                cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
                assert cursor.fetchone() == (False,), "a superuser walks through the wall: it would not be tested"
                for statement in row_wall.sql():
                    cursor.execute(statement)


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
        monkeypatch.setattr("accounts.proof.recently_proven", lambda request: value)

    return _prove


@pytest.fixture
def office(world, monkeypatch):
    """The happy road up to the document; nobody has asked for the seal on its certificate yet (tests/office.py)."""
    walk = world.walk()
    with monkeypatch.context() as patch:
        patch.setattr(type(walk), "seal", lambda _self: None)
        PATHS["return"].live(walk, world.place("徐汇区"))
    return Office(walk)
