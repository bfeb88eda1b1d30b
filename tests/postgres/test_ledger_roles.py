"""The roles `manage.py ledger roles` prints, on a real PostgreSQL: the application adds and cannot take back."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, ProgrammingError

from tests.conftest import START
from tests.world import build_world
from workflows import append_only, outside, perform, roles, verifying
from workflows.models import Anchor, LedgerEntry, LogNode

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NAMES = {"owner": "test_ledger_owner", "app": "test_ledger_app", "auditor": "test_ledger_auditor"}


@pytest.fixture
def world(transactional_db):
    assert connection.vendor == "postgresql", "run by `make test`, which brings a server"
    found = build_world(START)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        own = cursor.fetchone()[0]
        for statement in roles.sql(**NAMES):
            cursor.execute(statement)
    yield found
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f'REASSIGN OWNED BY {NAMES["owner"]} TO "{own}"')
        for name in NAMES.values():
            cursor.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def become(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {name}")


def refused(statement):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_application_s_role(world):
    """The whole application works in it: acts, the sweep's anchors, and their verification."""
    become(NAMES["app"])
    walk, application = world.application(to="province_review")
    perform(application, "withdraw", by=walk.leader_of(application), at=walk.at, reason="不再申报")
    outside.anchor(walk.at)
    assert list(verifying.everything()) == []
    for model in (LedgerEntry, Anchor, LogNode):
        table = model._meta.db_table
        count = model.objects.count()
        assert count
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE",
                          f"DROP TABLE {table}", f"ALTER TABLE {table} DISABLE TRIGGER ALL"):  # fmt: skip
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
                connection.cursor().execute(statement)
        assert model.objects.count() == count
    refused("DELETE FROM django_migrations")
    # The planted positive: elsewhere the same role may delete.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM notifications_heartbeat")


def test_the_auditor_s_role(world):
    walk, _application = world.application(to="draft")
    outside.anchor(walk.at)
    become(NAMES["auditor"])
    assert LedgerEntry.objects.count()
    assert list(verifying.everything()) == [], "it can verify, and needs no other table for it"
    refused("SELECT password FROM accounts_user")
    refused("INSERT INTO workflows_anchor SELECT * FROM workflows_anchor")
    refused("UPDATE pilots_application SET state = state")


def test_even_the_owner_meets_the_guards(world):
    world.application(to="draft")
    append_only.install(connection)
    try:
        become(NAMES["owner"])
        # It may migrate, and the application may use what it makes.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE made_later (id int); ALTER TABLE pilots_programme ADD COLUMN later int")
            become(NAMES["app"])
            cursor.execute("INSERT INTO made_later VALUES (1)")
            transaction.set_rollback(True)
        become(NAMES["owner"])
        for statement in ("UPDATE workflows_ledgerentry SET id = id", "DELETE FROM workflows_ledgerentry",
                          "TRUNCATE workflows_ledgerentry CASCADE"):  # fmt: skip
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        append_only.remove(connection)
