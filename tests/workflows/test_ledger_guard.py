"""The database itself refuses to change the ledger."""

import pytest
from django.db import DatabaseError, connection, transaction

from workflows import append_only
from workflows.models import LedgerEntry


@pytest.mark.parametrize("attack", ["update", "delete"])
def test_ledger_rows_cannot_be_changed_or_deleted(world, attack):
    world.application(to="draft")
    append_only.install(connection)
    try:
        rows = LedgerEntry.objects.all()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(reason="x") if attack == "update" else rows.delete()
    finally:
        append_only.remove(connection)
    assert LedgerEntry.objects.exists()
    assert not LedgerEntry.objects.filter(reason="x").exists()
