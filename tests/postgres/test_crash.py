"""PostgreSQL itself crashes while certificates are made."""

import pytest
from django.db import connection

from config.drills.house import House
from config.drills.pgcrash import pgcrash
from tests.postgres.databases import empty

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
DATABASE = "pilotage_crash"


@pytest.fixture
def house(transactional_db, tmp_path):
    """An installation with an empty database of its own beside the test's."""
    with empty(DATABASE) as url:
        yield House(tmp_path, url)
    # The crash took the test's own connection with it.
    connection.close()


def test_a_crash_of_the_server_loses_nothing(house, figures):
    connection.close()
    found = pgcrash(house, cases=300, times=3)
    figures(certificates=300, crashes=found["kills"], caught_up=found["caught_up"], faults=len(found["faults"]))
    assert found["faults"] == []
    assert (found["certificates"], found["kills"]) == (300, 3)
    assert found["caught_up"] <= 90


def test_without_postgresql_the_drill_says_what_it_needs(tmp_path):
    with pytest.raises(ValueError, match="needs PostgreSQL"):
        pgcrash(House(tmp_path, "sqlite:///x"), cases=1, times=1)
