"""The database itself refuses to change the ledger, the anchors and the log; adding to them goes on."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.conftest import START
from workflows import anchoring, append_only
from workflows.models import Anchor, LedgerEntry, LogNode

STATEMENTS = {
    "update": "UPDATE {table} SET id = id",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table} CASCADE",
}


def test_nothing_is_changed_deleted_or_emptied_and_one_may_go_on_adding(world):
    world.application(to="draft")
    assert anchoring.make(START)
    append_only.install(connection)
    try:
        for model in (LedgerEntry, Anchor, LogNode):
            _refuses(model)
        rows = LedgerEntry.objects.count()
        world.application(to="draft", place="江宁区")
        assert LedgerEntry.objects.count() > rows
        assert anchoring.make(START).number == 2
    finally:
        append_only.remove(connection)
    # The planted positive: it was the triggers that refused, and nothing else.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_ledgerentry SET reason = 'x'")
    assert LedgerEntry.objects.filter(reason="x").exists()


def _refuses(model):
    before = list(model.objects.order_by("pk").values_list())
    # PostgreSQL puts nothing away that still waits for a look at its foreign keys.
    connection.check_constraints()
    assert before
    for attack, statement in STATEMENTS.items():
        # SQLite has no TRUNCATE; what it has instead, a DELETE without WHERE, is among the attacks.
        words = "syntax error" if attack == "truncate" and connection.vendor == "sqlite" else "append-only"
        with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table=model._meta.db_table))
    assert list(model.objects.order_by("pk").values_list()) == before
