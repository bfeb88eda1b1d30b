"""Whether the second wall of this database stands, and is this release's."""

from django.apps import apps
from django.db import connection

from accounts import wall
from workflows import row_wall

_FACTS = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, obj_description(p.oid, 'pg_policy')
  FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = %s
 WHERE c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace
"""


def stands() -> bool:
    """True when at least one table has the policy; False on SQLite."""
    return connection.vendor == "postgresql" and any(said is not None for _up, said in _read().values())


def faults() -> list[str]:
    """Why nobody could rely on the wall, for the role this process connects as; empty where it holds (PostgreSQL only)."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        name, above = cursor.fetchone()
    if above:
        found.append(f"{name} is above the policies (superuser or BYPASSRLS)")
    rows = _read()
    for table, condition in row_wall.walls().items():
        up, said = rows.get(table, (False, None))
        if said is None:
            found.append(f"{table} has no policy")
        elif not up:
            found.append(f"{table} does not ask its policy")
        elif said != row_wall.mark(condition):
            found.append(f"the policy of {table} is another release's")
    return found


def leaks() -> list[str]:
    """Tables of which a passer-by reads a row: asked as nobody, and not believed of the policies."""
    models = {model._meta.db_table: model for model in apps.get_models()}
    with wall.as_nobody():
        return [table for table in row_wall.walls() if models[table]._default_manager.exists()]


def objections() -> list[str]:
    """Everything that speaks against relying on the wall, in words: what is seen of it, and what comes through."""
    return [*faults(), *(f"nobody reads rows of {table}" for table in leaks())]


def _read() -> dict[str, tuple[bool, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [row_wall.POLICY, list(row_wall.walls())])
        return {table: (bool(up), said) for table, up, said in cursor.fetchall()}
