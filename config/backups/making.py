"""Making a backup, and throwing old ones away."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from config.backups import Faulty, databases, pool
from config.backups.pool import sha256

FORMAT = 1
MANIFEST, LIST, POOL = "manifest.json", "files.txt", "pool"
# An older backup may be restored while a newer one is being made: the files of two are always kept.
FEWEST = 2
# Said in every manifest, so that nobody finds out after the fire.
NOT_INCLUDED = {
    "SECRET_KEY, passwords, keys and certificates of the signer": "keep them in a safe of their own",
    "PILOTAGE_SENT_LOG": "it must not go back in time with the database; another volume",
    "PILOTAGE_ANCHOR_LOG": "it proves what the database was; copy it to somebody else's machine",
}


@dataclass(frozen=True)
class Backup:
    """One backup: its folder, and what its manifest says."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def database(self) -> Path:
        return self.folder / self.manifest["database"]["file"]

    @property
    def pool(self) -> Path:
        return self.folder.parent / POOL

    def files(self) -> dict[str, int]:
        """{hash: size} of the files it names. Raises Faulty."""
        return pool.listed(self.folder / LIST)


def make(to: Path, at: datetime) -> tuple[Backup, list[str]]:
    """A new backup in the folder `to`, and the names of stored files that were found damaged. Raises Faulty."""
    to.mkdir(parents=True, exist_ok=True)
    with _alone(to):
        for left in to.glob(".making-*"):
            shutil.rmtree(left)
        name = f"{at:%Y%m%dT%H%M%SZ}"
        if (to / name).exists():
            raise Faulty(f"{to / name} is there already")
        part = to / f".making-{name}"
        part.mkdir(mode=0o750)
        try:
            found = databases.copy(part)
            # After the database: whatever a row names was on disk before the row was.
            files = pool.take(to / POOL)
            manifest = _manifest(part, found, files, at)
            _write(part / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
            part.rename(to / name)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    return Backup(to / name, manifest), files.torn


def _manifest(part: Path, found: dict[str, Any], files: pool.Pooled, at: datetime) -> dict[str, Any]:
    _write(part / LIST, pool.written(files.sizes))
    database = next(part.glob("database.*"))
    return {
        "format": FORMAT, "made_at": at.isoformat(), "django": django.get_version(), "pilotage": release(), **found,
        "database": {"file": database.name, "size": database.stat().st_size, "sha256": sha256(database)},
        "files": {"count": len(files.sizes), "bytes": sum(files.sizes.values()), "sha256": sha256(part / LIST),
                  "copied": files.copied, "damaged": files.torn},
        "not_included": NOT_INCLUDED,
    }  # fmt: skip


def release() -> str:
    """The version of this installation, as pyproject.toml says it."""
    import tomllib  # noqa: PLC0415

    text = (Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8")
    try:
        return str(tomllib.loads(text)["project"]["version"])
    except KeyError:
        return metadata.version("pilotage")


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder: a second one would prune what the first is about to name."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Faulty(f"another backup is being made in {folder}") from None
        yield


# --- finding and pruning --------------------------------------------------------------------------------------------
def backups(folder: Path) -> list[Backup]:
    """All whole backups in a folder, oldest first."""
    return [one(manifest.parent) for manifest in sorted(folder.glob(f"[0-9]*/{MANIFEST}"))]


def one(folder: Path) -> Backup:
    """The backup in a folder, or the newest of a folder of backups. Raises Faulty."""
    file = folder / MANIFEST
    if not file.exists():
        if found := sorted(folder.glob(f"[0-9]*/{MANIFEST}")):
            return one(found[-1].parent)
        raise Faulty(f"{folder}: no backup here")
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise Faulty(f"{file}: format {said['format']}, this installation reads {FORMAT}")
    except (ValueError, KeyError, TypeError) as error:
        raise Faulty(f"{file}: not a manifest ({error})") from error
    return Backup(folder.resolve(), said)


def prune(folder: Path, keep: int) -> tuple[int, int]:
    """Leaves the newest `keep` backups, and every file that one of them names: (backups, files) thrown away. Raises Faulty."""
    if keep < FEWEST:
        raise Faulty(f"at least {FEWEST} backups are kept")
    with _alone(folder):
        every = backups(folder)
        old, kept = every[:-keep], every[-keep:]
        # Read first: a list that cannot be read must not cost anybody's files.
        names = {name for backup in kept for name in backup.files()}
        for backup in old:
            # Its manifest goes first: what is left half thrown away is no backup.
            (backup.folder / MANIFEST).unlink()
            shutil.rmtree(backup.folder)
        return len(old), pool.prune(folder / POOL, names)
