"""PostgreSQL itself crashes while certificates are made."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from config.drills.house import House
from config.drills.pgcrash import pgcrash

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
DATABASE = "pilotage_crash"


@pytest.fixture
def house(transactional_db, tmp_path):
    """An installation with an empty database of its own beside the test's."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    parts = urlsplit(os.environ["DATABASE_URL"])
    yield House(tmp_path, urlunsplit(parts._replace(path=f"/{DATABASE}")))
    # The crash took the test's own connection with it.
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def test_a_crash_of_the_server_loses_nothing(house):
    connection.close()
    found = pgcrash(house, cases=300, times=3)
    assert found["faults"] == []
    assert (found["certificates"], found["kills"]) == (300, 3)
    assert found["caught_up"] <= 90


def test_without_postgresql_the_drill_says_what_it_needs(tmp_path):
    with pytest.raises(ValueError, match="needs PostgreSQL"):
        pgcrash(House(tmp_path, "sqlite:///x"), cases=1, times=1)
