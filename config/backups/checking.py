"""Checking a backup: restored into a scratch database, counted, its ledger verified, its files hashed again.

Whatever is wrong is one line; no line means that this backup can be restored.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from config.backups import Faulty, databases, pool
from config.backups.making import LIST, Backup
from config.backups.pool import sha256

SAMPLE = 20


@dataclass
class Checked:
    """What was wrong, in English, and what was looked at."""

    faults: list[str] = field(default_factory=list)
    hashed: int = 0
    rows: int = 0
    # False when there was no file of anchors to hold the ledger against.
    outside: bool = False


def check(backup: Backup, *, sample: int | None = SAMPLE, scratch: str = "") -> Checked:
    """Everything that is wrong with a backup. `sample` files are hashed again, all for None. Raises Faulty.

    `scratch` is the URL of an empty PostgreSQL database, for a role that may not make one.
    """
    done = Checked()
    done.faults += _unpacked(backup)
    listed = {} if done.faults else backup.files()
    done.faults += _files(backup, listed, sample, done)
    if not done.faults:
        with _standing(backup, scratch) as address:
            done.faults += _looked(backup, address, done)
    return done


def _unpacked(backup: Backup) -> Iterator[str]:
    said = backup.manifest
    if not backup.database.exists():
        yield f"{backup.database.name} is missing"
    elif (
        backup.database.stat().st_size != said["database"]["size"]
        or sha256(backup.database) != said["database"]["sha256"]
    ):
        yield f"{backup.database.name} is not what was written: its hash differs"
    if not (backup.folder / LIST).exists() or sha256(backup.folder / LIST) != said["files"]["sha256"]:
        yield f"{LIST} is not what was written"
    for name in said["files"]["damaged"]:
        yield f"file {name} was damaged when the backup was made, and is not in it"


def _files(backup: Backup, listed: dict[str, int], sample: int | None, done: Checked) -> Iterator[str]:
    for name, size in listed.items():
        there = pool.path(backup.pool, name)
        if not there.exists():
            yield f"file {name} is missing"
        elif there.stat().st_size != size:
            yield f"file {name} has {there.stat().st_size} bytes, not {size}"
    names = sorted(listed)
    # Others each time, so that in the long run every file is read.
    chosen = names if sample is None or sample >= len(names) else random.SystemRandom().sample(names, sample)
    for name in chosen:
        done.hashed += 1
        if not pool.whole(pool.path(backup.pool, name), name):
            yield f"file {name} is not what its name says"


@contextmanager
def _standing(backup: Backup, scratch: str) -> Iterator[str]:
    """The URL of a scratch database that holds the backup."""
    with tempfile.TemporaryDirectory(prefix="pilotage-verify-") as folder:
        if backup.database.suffix == ".sqlite3":
            there = Path(folder) / "scratch.sqlite3"
            shutil.copyfile(backup.database, there)
            yield f"sqlite:///{there}"
        elif scratch:
            params = databases.params_of(scratch)
            # Whatever is in it already makes this fail, and nothing of it is touched.
            databases.restore_postgres(backup.database, params)
            try:
                yield address(params)
            finally:
                databases.wipe(params)
        else:
            if connection.vendor != "postgresql":
                raise Faulty("this is a backup of PostgreSQL: name an empty scratch database with --scratch")
            with databases.scratch() as params:
                databases.restore_postgres(backup.database, params)
                yield address(params)


def address(params: dict) -> str:
    """The URL of connection parameters; a host that is a folder (a Unix socket) goes into the options."""
    user, password = quote(str(params.get("user") or "")), quote(str(params.get("password") or ""), safe="")
    host, port = str(params.get("host") or ""), params.get("port") or ""
    options = {name: params[name] for name in ("sslmode", "sslrootcert") if params.get(name)}
    if host.startswith("/"):
        options["host"], host = host, ""
    tail = f"?{urlencode(options)}" if options else ""
    return f"postgres://{user}:{password}@{host}{f':{port}' if port else ''}/{params['dbname']}{tail}"


def _looked(backup: Backup, url: str, done: Checked) -> list[str]:
    """What a process of its own, with the scratch database as its own, sees in it."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "DJANGO_"))}
    with tempfile.TemporaryDirectory(prefix="pilotage-verify-") as folder:
        environment = keep | {
            "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", "PILOTAGE_VAR": folder,
            "PILOTAGE_ANCHOR_LOG": str(settings.ANCHOR_LOG), "PILOTAGE_SIGNER_DIR": str(settings.SIGNER_DIR),
            "PILOTAGE_WAKE_WORKER": "0", "EMAIL_URL": "dummymail://", "SECRET_KEY": settings.SECRET_KEY, "BROKER_URL": "filesystem://",
        }  # fmt: skip
        command = [sys.executable, "-m", "config.backups.looking", str(backup.folder)]
        ran = subprocess.run(  # noqa: S603
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
    if ran.returncode:
        return [f"the scratch database could not be read: {ran.stderr.strip()[-600:]}"]
    seen = json.loads(ran.stdout)
    done.rows, done.outside = seen["rows"], seen["outside"]
    return list(seen["faults"])
