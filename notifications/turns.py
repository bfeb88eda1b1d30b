"""Workers beside one SQLite file take turns at writing.

SQLite has one writer at a time, and whoever waits sleeps longer and longer between looks: two workers that write all the
time were no faster than one. A lock of the operating system wakes the next one at once, and goes with a process that dies.
Pages do not take turns: they write seldom, and wait for SQLite itself.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def turn() -> Iterator[None]:
    """Waits for this worker's turn, where the database is a file of SQLite's; elsewhere there is nothing to wait for."""
    file = _file()
    if file is None:
        yield
        return
    with file.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Closing the file ends the turn.
        yield


def _file() -> Path | None:
    name = str(connection.settings_dict["NAME"])
    # A database in memory belongs to one process.
    if connection.vendor != "sqlite" or "memory" in name:
        return None
    return Path(f"{name}.turn")
