"""The same upgrade from each released version's dump, on PostgreSQL (trust.md F20)."""

import pytest

from config.drills.house import House
from tests.postgres.databases import empty
from tests.upgrade.test_upgrade import DUMPS, judge, upgraded

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
def test_a_database_of_a_released_version_is_upgraded(transactional_db, tmp_path, dump):
    with empty("pilotage_upgrade") as url:
        found = upgraded(House(tmp_path, url), dump, "planted")
    assert list(found["planted"]) == ["notifications_job"]
    judge(found)
