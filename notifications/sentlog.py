"""What left the house, in a file outside the database and outside its backups.

After a restore the database believes that messages are still waiting which went long ago. This file knows better: a
message whose key and content stand here is not sent again. The content counts too, because after a restore the same
act may be done with another result: what says something new must not be swallowed.

A SQLite file (standard library) in WAL mode: a row is safe from a killed process as soon as it is written.
"""

import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings

# Nobody restores a backup older than this; older lines are forgotten.
KEEP = timedelta(days=400)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (
    key TEXT NOT NULL, digest TEXT NOT NULL, letter TEXT NOT NULL, channel TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (key, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sent_at ON sent (at);
CREATE TABLE IF NOT EXISTS epoch (one INTEGER PRIMARY KEY CHECK (one = 1), token TEXT NOT NULL, at TEXT NOT NULL);
"""


class Unreadable(Exception):
    """The file cannot be read or written. Nothing may be sent then: nobody could tell later what went."""


def digest_of(message) -> str:
    """A short hash of what the message says: its essence, where it has one, else its words."""
    return sha256((message.essence or f"{message.subject}\n{message.body}").encode()).hexdigest()[:16]


class SentLog:
    """The file. One instance per process and path; safe for threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def exists(self) -> bool:
        """True when the file is there; it is made by the first write."""
        return self.path.exists()

    def prepare(self) -> None:
        """Makes the file where there is none. Raises Unreadable."""
        with self._open():
            pass

    def known(self, messages: list) -> set[str]:
        """Keys of those messages that went already, saying the same; one query."""
        if not messages or not self.exists():
            return set()
        marks = ",".join("?" * len(messages))
        with self._open() as connection:
            rows = connection.execute(
                f"SELECT key, digest FROM sent WHERE key IN ({marks})",  # noqa: S608 - only question marks
                [message.key for message in messages],
            )
            went = set(rows.fetchall())
        return {message.key for message in messages if (message.key, digest_of(message)) in went}

    def append(self, messages: Iterable, letter: UUID, at: datetime) -> None:
        """Notes that these messages left in one letter; one transaction."""
        rows = [(one.key, digest_of(one), str(letter), one.channel, at.isoformat()) for one in messages]
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO sent VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")

    def token(self) -> UUID | None:
        """The epoch the file knows; None when there is no file or no epoch in it."""
        if not self.exists():
            return None
        with self._open() as connection:
            row = connection.execute("SELECT token FROM epoch").fetchone()
        return UUID(row[0]) if row else None

    def set_token(self, token: UUID, at: datetime) -> None:
        """Notes the epoch, and forgets lines that are older than any backup."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR REPLACE INTO epoch VALUES (1, ?, ?)", (str(token), at.isoformat()))
            # Counted from the newest line, not from the clock: a clock that runs ahead must not empty the log.
            newest = connection.execute("SELECT max(at) FROM sent").fetchone()[0]
            if newest is not None:
                before = min(at, datetime.fromisoformat(newest)) - KEEP
                connection.execute("DELETE FROM sent WHERE at < ?", (before.isoformat(),))
            connection.execute("COMMIT")

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _open(self):
        with self._lock:
            try:
                if self._connection is None or not self.path.exists():
                    self._connection = self._connect()
                yield self._connection
            except (sqlite3.Error, OSError) as error:
                if self._connection is not None:
                    with closing(self._connection):
                        self._connection = None
                raise Unreadable(f"{self.path}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=20, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_SCHEMA)
        return connection


_open: dict[Path, SentLog] = {}


def log() -> SentLog:
    """The installation's sent-log (`settings.SENT_LOG`)."""
    path = Path(settings.SENT_LOG)
    if path not in _open:
        for other in _open.values():
            other.close()
        _open.clear()
        _open[path] = SentLog(path)
    return _open[path]
