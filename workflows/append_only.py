"""Guard triggers: the database itself refuses to change or delete a ledger row (trust.md A12)."""

from typing import Any

TABLE = "workflows_ledgerentry"

_SQLITE = [
    f"CREATE TRIGGER ledger_no_update BEFORE UPDATE ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    f"CREATE TRIGGER ledger_no_delete BEFORE DELETE ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
]
_POSTGRES = [
    "CREATE FUNCTION ledger_append_only() RETURNS trigger AS $$ BEGIN "
    "RAISE EXCEPTION 'the ledger is append-only'; END; $$ LANGUAGE plpgsql",
    f"CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()",
    f"CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()",
]


def install(connection: Any) -> None:
    """Puts the guards in place."""
    with connection.cursor() as cursor:
        for statement in _SQLITE if connection.vendor == "sqlite" else _POSTGRES:
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Takes the guards away; only migrations backwards and test databases that are flushed do this."""
    if connection.vendor == "sqlite":
        drops = ["DROP TRIGGER IF EXISTS ledger_no_update", "DROP TRIGGER IF EXISTS ledger_no_delete"]
    else:
        drops = ["DROP FUNCTION IF EXISTS ledger_append_only() CASCADE"]
    with connection.cursor() as cursor:
        for statement in drops:
            cursor.execute(statement)
