"""The files of all backups: once each, under their hash, copied only when they are not there yet."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from config.backups import Faulty

_NAME = re.compile(r"[0-9a-f]{64}")
_PIECE = 1024 * 1024


@dataclass
class Pooled:
    """What a pass over the files did: `sizes` is {hash: bytes} of all of them."""

    sizes: dict[str, int] = field(default_factory=dict)
    copied: int = 0
    # Files of the installation that are not what their names say.
    torn: list[str] = field(default_factory=list)


def path(pool: Path, name: str) -> Path:
    """Where a file of the pool lies."""
    return pool / name[:2] / name


def stored(folder: Path) -> Iterator[Path]:
    """The files of an installation, or of a pool, that bear a hash as their name; sorted."""
    for shelf in sorted(folder.glob("[0-9a-f][0-9a-f]")):
        yield from (one for one in sorted(shelf.iterdir()) if _NAME.fullmatch(one.name))


def take(pool: Path) -> Pooled:
    """Copies what is not in the pool yet. A file that is not what its name says is named and left out."""
    done = Pooled()
    for one in stored(Path(settings.FILES_DIR)):
        there, size = path(pool, one.name), one.stat().st_size
        if not there.exists() or there.stat().st_size != size:
            if not carry(one, there, one.name):
                done.torn.append(one.name)
                continue
            done.copied += 1
        done.sizes[one.name] = size
    return done


def carry(source: Path, target: Path, name: str) -> bool:
    """Copies a file, fsynced and renamed into place; False, and nothing there, when it is not what its hash says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    digest = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as data:
            while piece := data.read(_PIECE):
                digest.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != name:
            return False
        Path(temporary).chmod(0o640)
        Path(temporary).rename(target)
        return True
    finally:
        Path(temporary).unlink(missing_ok=True)


def sha256(file: Path) -> str:
    """The hash of a file, read piece by piece."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def whole(file: Path, name: str) -> bool:
    """True when the file is there and is what its name says."""
    try:
        return sha256(file) == name
    except OSError:
        return False


def written(sizes: dict[str, int]) -> str:
    """The list of files as it is kept: one line each, hash and size."""
    return "".join(f"{name} {size}\n" for name, size in sorted(sizes.items()))


def listed(file: Path) -> dict[str, int]:
    """{hash: size} of a list of files. Raises Faulty."""
    found = {}
    for line in file.read_text(encoding="ascii").splitlines():
        name, _space, size = line.partition(" ")
        if not _NAME.fullmatch(name) or not size.isdecimal():
            raise Faulty(f"{file}: not a list of files: {line[:80]!r}")
        found[name] = int(size)
    return found


def prune(pool: Path, kept: Iterable[str]) -> int:
    """Throws away what none of the kept names; returns how many files."""
    keep, gone = set(kept), 0
    for one in list(stored(pool)):
        if one.name not in keep:
            one.unlink()
            gone += 1
    for part in pool.glob("*/.part-*"):
        part.unlink()
    return gone
