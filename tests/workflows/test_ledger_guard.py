"""The database itself refuses to change the ledger, the anchors and the log; adding to them goes on."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.conftest import START
from workflows import anchoring, append_only
from workflows.models import Anchor, LedgerEntry, LogNode

STATEMENTS = {"update": "UPDATE {table} SET id = id", "delete": "DELETE FROM {table}", "truncate": "TRUNCATE {table} CASCADE"}


@pytest.fixture
def guarded(world):
    world.application(to="draft")
    assert anchoring.make(START)
    append_only.install(connection)
    yield world
    append_only.remove(connection)


@pytest.mark.parametrize("model", [LedgerEntry, Anchor, LogNode])
@pytest.mark.parametrize("attack", STATEMENTS)
def test_nothing_is_changed_deleted_or_emptied(guarded, model, attack):
    if attack == "truncate" and connection.vendor == "sqlite":
        # SQLite has no such statement; what it does instead, a DELETE without WHERE, is refused above.
        with pytest.raises(DatabaseError, match="syntax error"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(STATEMENTS[attack].format(table=model._meta.db_table))
        return
    before = list(model.objects.order_by("pk").values_list())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STATEMENTS[attack].format(table=model._meta.db_table))
    assert before
    assert list(model.objects.order_by("pk").values_list()) == before


def test_one_may_go_on_adding(guarded):
    rows = LedgerEntry.objects.count()
    guarded.application(to="draft", place="江宁区")
    assert LedgerEntry.objects.count() > rows
    assert anchoring.make(START).number == 2


def test_without_the_guard_the_same_statement_works(guarded):
    """The planted positive: it is the trigger that refuses, and nothing else."""
    append_only.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_ledgerentry SET reason = 'x'")
    assert LedgerEntry.objects.filter(reason="x").exists()
    append_only.install(connection)
