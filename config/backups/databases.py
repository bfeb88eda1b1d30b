"""Copying a database as of one moment, and putting a copy into an empty one; SQLite and PostgreSQL."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import environ
from django.conf import settings
from django.db import connection, transaction

from accounts import wall
from config.backups import Faulty, facts

FILE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def copy(folder: Path) -> dict[str, Any]:
    """Writes the database into `folder` and returns the facts of that very moment. Raises Faulty."""
    target = folder / FILE[connection.vendor]
    return _copy_sqlite(target) if connection.vendor == "sqlite" else _copy_postgres(target)


def is_empty() -> bool:
    """True when the database of the settings has no table at all."""
    with connection.cursor() as cursor:
        return not facts.tables(cursor, connection.vendor)


def put(file: Path) -> None:
    """Puts a copy into the database of the settings, which must be empty. Raises Faulty."""
    if connection.vendor == "sqlite":
        target = Path(settings.DATABASES["default"]["NAME"])
        connection.close()
        for left in (f"{target}-wal", f"{target}-shm"):
            Path(left).unlink(missing_ok=True)
        part = target.with_name(f"{target.name}.restoring")
        shutil.copyfile(file, part)
        part.rename(target)
    else:
        restore_postgres(file, connection.get_connection_params())


# --- SQLite ---------------------------------------------------------------------------------------------------------
def _copy_sqlite(target: Path) -> dict[str, Any]:
    # A connection of its own, which only reads: writers go on, and neither side sees the other.
    if "memory" in str(settings.DATABASES["default"]["NAME"]):
        raise Faulty("a database in memory cannot be backed up")
    address = f"{Path(settings.DATABASES['default']['NAME']).resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=20)) as source:
        cursor = source.cursor()
        cursor.execute("BEGIN")
        found = facts.everything(cursor, "sqlite")
        with closing(sqlite3.connect(target, isolation_level=None)) as there:
            # The same read transaction is counted and copied.
            source.backup(there)
            # A copy is one file: whoever carries it away must not forget a second.
            there.execute("PRAGMA journal_mode=DELETE")
            words = there.execute("PRAGMA integrity_check").fetchone()[0]
        cursor.execute("ROLLBACK")
    if words != "ok":
        raise Faulty(f"the copy of the database is damaged: {words}")
    return found | {"engine": f"SQLite {sqlite3.sqlite_version}"}


# --- PostgreSQL -----------------------------------------------------------------------------------------------------
def _copy_postgres(target: Path) -> dict[str, Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version')")
        snapshot, version = cursor.fetchone()
        found = facts.everything(cursor, "postgresql")
        # pg_dump sees what was counted, to the row.
        words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"]
        if wall.is_up():
            words.append("--enable-row-security")
        _run("pg_dump", words, connection.get_connection_params(), major(version))
    return found | {"engine": f"PostgreSQL {version}"}


def restore_postgres(file: Path, params: dict[str, Any]) -> None:
    """Puts a dump into an empty database; all of it or nothing. Raises Faulty."""
    words = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", f"--dbname={params['dbname']}"]
    _run("pg_restore", [*words, str(file)], params, 0)


@contextmanager
def scratch() -> Iterator[dict[str, Any]]:
    """Connection parameters of a new, empty database on the same server; it is gone afterwards. Raises Faulty."""
    name = f"pilotage_verify_{uuid4().hex[:12]}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    except Exception as error:
        raise Faulty(f"no scratch database could be made ({error}); name one with --scratch") from error
    try:
        yield connection.get_connection_params() | {"dbname": name}
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def params_of(url: str) -> dict[str, Any]:
    """Connection parameters of a PostgreSQL URL, as the settings read one."""
    read = environ.Env.db_url_config(url)
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {word: read[name] for word, name in names.items() if read[name]} | read.get("OPTIONS", {})


def wipe(params: dict[str, Any]) -> None:
    """Empties a scratch database that a backup was put into; its owner may."""
    import psycopg  # noqa: PLC0415 - with PostgreSQL only

    with psycopg.connect(**params, autocommit=True) as server:
        server.execute("DROP SCHEMA public CASCADE")
        server.execute("CREATE SCHEMA public")


def major(version: str) -> int:
    """16 of "16.14 (Debian …)"."""
    return int(re.match(r"\d+", version)[0])


def tool(name: str, wanted: int) -> str:
    """The path of a PostgreSQL program that is at least as new as the server. Raises Faulty."""
    given = settings.PG_BIN
    found = shutil.which(name, path=given or None)
    if found is None:
        raise Faulty(f"{name} is not installed{f' in {given}' if given else ''}: install postgresql-client")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    if (there := major(said.partition(") ")[2])) < wanted:
        raise Faulty(f"{found} is version {there}, the server {wanted}: name newer programs with PILOTAGE_PG_BIN")
    return found


def _run(name: str, words: list[str], params: dict[str, Any], wanted: int) -> None:
    # The password goes through the environment: a command line can be read by everybody on the machine.
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
             "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip
    given = {variable: str(params[word]) for word, variable in names.items() if params.get(word)}
    if wall.is_up():
        # A copy is the house's (accounts.wall); the program would refuse to leave out rows rather than do it silently.
        given["PGOPTIONS"] = f"-c pilotage.person={wall.HOUSE.name}"
    done = subprocess.run(  # noqa: S603
        [tool(name, wanted), *words], env=os.environ | given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Faulty(f"{name}: {done.stderr.strip()[-600:]}")
