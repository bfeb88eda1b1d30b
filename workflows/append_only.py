"""Guard triggers: the database itself refuses to change or delete a ledger row, or what anchors it (trust.md A12)."""

from collections.abc import Iterable
from typing import Any

# Table by the word its triggers are named with.
LEDGER = {"ledger": "workflows_ledgerentry"}
LOG = {"anchor": "workflows_anchor", "lognode": "workflows_lognode"}
TABLES = LEDGER | LOG


def _sqlite(word: str, table: str) -> Iterable[str]:
    # SQLite knows no TRUNCATE; a DELETE of everything without WHERE fires the trigger too.
    for act in ("update", "delete"):
        yield (
            f"CREATE TRIGGER {word}_no_{act} BEFORE {act.upper()} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )


def _postgres(word: str, table: str) -> Iterable[str]:
    yield (
        "CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION 'the ledger is append-only'; END; $$ LANGUAGE plpgsql"
    )
    yield (
        f"CREATE TRIGGER {word}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"
    )
    yield (
        f"CREATE TRIGGER {word}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
    )


def install(connection: Any, tables: dict[str, str] = TABLES) -> None:
    """Puts the guards in place."""
    make = _sqlite if connection.vendor == "sqlite" else _postgres
    with connection.cursor() as cursor:
        for word, table in tables.items():
            for statement in make(word, table):
                cursor.execute(statement)


def remove(connection: Any, tables: dict[str, str] = TABLES) -> None:
    """Takes the guards away; only migrations backwards, test databases that are flushed and the self-test do this."""
    with connection.cursor() as cursor:
        for word, table in tables.items():
            if connection.vendor == "sqlite":
                drops = [f"DROP TRIGGER IF EXISTS {word}_no_{act}" for act in ("update", "delete")]
            else:
                drops = [f"DROP TRIGGER IF EXISTS {word}_no_{act} ON {table}" for act in ("change", "truncate")]
            for statement in drops:
                cursor.execute(statement)
