"""What is counted when a backup is made and again when it is checked, with plain SQL over any DB-API cursor.

Plain SQL, because on SQLite the counting happens on a connection of its own, inside the very read transaction that is copied.
"""

import hashlib
from typing import Any
from uuid import UUID

# The last row of each case, in the order of public ids.
_HEADS = (
    "SELECT e.case_uuid, e.seq, e.hash FROM workflows_ledgerentry e JOIN (SELECT case_uuid, max(seq) AS seq FROM "
    "workflows_ledgerentry GROUP BY case_uuid) m ON m.case_uuid = e.case_uuid AND m.seq = e.seq ORDER BY e.case_uuid"
)
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    "postgresql": "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY tablename",
}
_CHUNK = 2000


def tables(cursor: Any, vendor: str) -> list[str]:
    """Names of all tables of the installation."""
    cursor.execute(_TABLES[vendor])
    return [name for (name,) in cursor.fetchall()]


def counts(cursor: Any, vendor: str) -> dict[str, int]:
    """{table: rows} of every table."""
    found = {}
    for name in tables(cursor, vendor):
        cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - names come from the database's own list
        found[name] = cursor.fetchone()[0]
    return found


def ledger(cursor: Any) -> dict[str, Any]:
    """The ledger in four words: rows, cases, one hash over the heads of all cases, and the newest anchor's root."""
    cursor.execute("SELECT count(*) FROM workflows_ledgerentry")
    rows = cursor.fetchone()[0]
    heads, cases = hashlib.sha256(), 0
    cursor.execute(_HEADS)
    while chunk := cursor.fetchmany(_CHUNK):
        for uuid, seq, digest in chunk:
            heads.update(f"{UUID(str(uuid))} {seq} {digest}\n".encode())
            cases += 1
    cursor.execute("SELECT number, root FROM workflows_anchor ORDER BY number DESC LIMIT 1")
    number, root = cursor.fetchone() or (0, "")
    return {"rows": rows, "cases": cases, "heads": heads.hexdigest(), "anchor": number, "root": root}


def migrations(cursor: Any, vendor: str) -> list[str]:
    """`app.name` of every migration that was applied, sorted; none where tables were made without (drills)."""
    if "django_migrations" not in tables(cursor, vendor):
        return []
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [f"{app}.{name}" for app, name in cursor.fetchall()]


def everything(cursor: Any, vendor: str) -> dict[str, Any]:
    """{"counts", "ledger", "migrations"} of one moment."""
    return {"counts": counts(cursor, vendor), "ledger": ledger(cursor), "migrations": migrations(cursor, vendor)}
