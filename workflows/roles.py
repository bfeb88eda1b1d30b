"""Who may do what in a production database (PostgreSQL): the owner migrates, the application works, the auditor reads.

The guards of the tables stop a mistake; a role that was never given the right stops an application somebody took over
(trust.md A12). The application adds to the ledger and its log, and has no right to change or delete there.
"""

from collections.abc import Iterator

from workflows.append_only import TABLES
from workflows.heads import case_models

NAMES = {"owner": "pilotage_owner", "app": "pilotage_app", "auditor": "pilotage_auditor"}


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def sql(owner: str, app: str, auditor: str, schema: str = "public") -> Iterator[str]:
    """The statements, one a line, each ending with a semicolon; to be run by a superuser, again after each migration.

    Roles that exist are kept. Passwords are not set here (`\\\\password` in psql).
    """
    names = {"owner": owner, "app": app, "auditor": auditor}
    for name in names.values():
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {_literal(name)}) "
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
    # What verifying needs, and no passwords, sessions or keys of channels.
    for table in [*TABLES.values(), *sorted(model._meta.db_table for model in case_models())]:
        yield f"GRANT SELECT ON {place}.{quoted(table)} TO {read};"
    # Migrations alter what they made; new tables of the owner are the others' to use as the old ones are.
    yield (  # names are quoted as literals and by format()
        "DO $$ DECLARE one text; BEGIN "  # noqa: S608
        f"FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = {_literal(schema)} LOOP "
        f"EXECUTE format('ALTER TABLE %I.%I OWNER TO %I', {_literal(schema)}, one, {_literal(owner)}); END LOOP; END $$;"
    )
    yield f"ALTER FUNCTION {place}.ledger_append_only() OWNER TO {own};"
    defaults = f"ALTER DEFAULT PRIVILEGES FOR ROLE {own} IN SCHEMA {place} GRANT"
    yield f"{defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {work};"
    yield f"{defaults} USAGE, SELECT ON SEQUENCES TO {work};"
