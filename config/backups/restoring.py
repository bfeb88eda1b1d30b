"""Putting a backup back: into an empty database, with its files, and with everything outgoing held."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from config.backups import Faulty, databases, pool
from config.backups.making import LIST, Backup
from config.backups.pool import sha256
from notifications import sentlog
from pilots import storage


@dataclass
class Restored:
    """What was put back."""

    files: int = 0
    # Files of the backup that could not be put back, with the reason.
    faults: list[str] = field(default_factory=list)
    # True when the sent-log was there and now bears a mark that the restored database does not know.
    marked: bool = False


def restore(backup: Backup, at: datetime) -> Restored:
    """Puts database and files back. Raises Faulty, with nothing changed, when the database is not empty or the backup not whole."""
    if not databases.is_empty():
        raise Faulty("the database is not empty: a backup is only put into an empty one")
    if not backup.database.exists() or sha256(backup.database) != backup.manifest["database"]["sha256"]:
        raise Faulty(f"{backup.database.name} is missing or not what was written")
    if sha256(backup.folder / LIST) != backup.manifest["files"]["sha256"]:
        raise Faulty(f"{LIST} is not what was written")
    done = Restored()
    # Before the database is there: no process may send anything between its coming and the mark.
    done.marked = _hold(at)
    # Files first, for the same reason as in a backup the other way round: a row finds its file.
    _files(backup, done)
    databases.put(backup.database)
    return done


def _files(backup: Backup, done: Restored) -> None:
    for name in backup.files():
        target = storage.path_of(name)
        if pool.whole(target, name):
            continue
        source = pool.path(backup.pool, name)
        if not source.exists():
            done.faults.append(f"file {name} is missing")
        elif not pool.carry(source, target, name):
            done.faults.append(f"file {name} is not what its name says")
        else:
            done.files += 1


def _hold(at: datetime) -> bool:
    """A new mark in the sent-log, which the restored database cannot know (notifications.epoch).

    Without a log nothing needs to be done: a database that has marks and no log beside it is held as well, and said to be
    so for that reason. An empty log made here would hide that nobody can tell what went.
    """
    log = sentlog.log()
    if not log.exists():
        return False
    log.set_token(uuid4(), at)
    return True
