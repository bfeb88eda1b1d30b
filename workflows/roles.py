"""Who may do what in a production database (PostgreSQL): the owner migrates, the application works, the auditor reads.

The guards of the tables stop a mistake; a role that was never given the right stops an application somebody took over
(trust.md A12). The application adds to the ledger and its log, and has no right to change or delete there.
"""

from collections.abc import Iterator

from workflows.append_only import TABLES

NAMES = {"owner": "pilotage_owner", "app": "pilotage_app", "auditor": "pilotage_auditor"}


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def sql(owner: str, app: str, auditor: str, schema: str = "public") -> Iterator[str]:
    """The statements, one a line, each ending with a semicolon; to be run by a superuser, again after each migration.

    Roles that exist are kept. Passwords are not set here (`\\\\password` in psql).
    """
    names = {"owner": owner, "app": app, "auditor": auditor}
    for name in names.values():
        literal = "'" + name.replace("'", "''") + "'"
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal}) "
            f"THEN CREATE ROLE {quoted(name)} LOGIN; END IF; END $$;"
        )
    place, own, work, read = quoted(schema), quoted(owner), quoted(app), quoted(auditor)
    yield f"GRANT USAGE, CREATE ON SCHEMA {place} TO {own};"
    yield f"GRANT USAGE ON SCHEMA {place} TO {work}, {read};"
    yield f"REVOKE CREATE ON SCHEMA {place} FROM PUBLIC;"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {place} TO {work};"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {place} TO {work};"
    for table in TABLES.values():
        yield f"REVOKE ALL ON {place}.{quoted(table)} FROM {work};"
        yield f"GRANT SELECT, INSERT ON {place}.{quoted(table)} TO {work};"
    # What migrations have run is the owner's word.
    yield f"REVOKE INSERT, UPDATE, DELETE ON {place}.django_migrations FROM {work};"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {place} TO {read};"
    for table in TABLES.values():
        yield f"ALTER TABLE {place}.{quoted(table)} OWNER TO {own};"
