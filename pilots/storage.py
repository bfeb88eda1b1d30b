"""Files under their own hash: never overwritten, never half written, never addressed by a name somebody typed."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from accounts.points import point

# What a process that died left half written may be thrown away after so long: no file takes an hour to write.
LEFT_OVER = 3600


def path_of(sha256: str) -> Path:
    """Where the bytes of a hash live."""
    return Path(settings.FILES_DIR) / sha256[:2] / sha256


def incoming() -> Path:
    """Where files are written before they get their name; on the same volume, so that naming them is one step."""
    return Path(settings.FILES_DIR) / "incoming"


def store(data: bytes) -> str:
    """Keeps bytes and returns their SHA-256. Temp file, fsync, rename: a crash leaves no torn file (trust.md F1)."""
    digest = hashlib.sha256(data).hexdigest()
    return _keep(digest, lambda out: out.write(data))


def adopt(file: Path) -> str:
    """Keeps a file that was written elsewhere, without reading it into memory, and returns its SHA-256."""
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        source.seek(0)
        return _keep(digest, lambda out: shutil.copyfileobj(source, out))


def _keep(digest: str, write: Callable[[BinaryIO], object]) -> str:
    target = path_of(digest)
    if target.exists():
        return digest
    incoming().mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=incoming())
    try:
        with os.fdopen(handle, "wb") as out:
            point("file_opened")
            write(out)
            out.flush()
            point("file_written")
            os.fsync(out.fileno())
        point("file_synced")
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(temporary).rename(target)
        point("file_renamed")
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest


def free() -> int:
    """Bytes left on the volume of the files."""
    folder = Path(settings.FILES_DIR)
    return shutil.disk_usage(folder if folder.exists() else settings.VAR_DIR).free


def is_short(coming: int = 0) -> bool:
    """True when after `coming` more bytes less than the reserve would be left (trust.md F7)."""
    return free() - coming < settings.STORAGE_RESERVE_MB * 1024 * 1024


def sweep(older_than: float = LEFT_OVER) -> int:
    """Throws away what was left half written for `older_than` seconds; returns how many files. Costs one listing."""
    left, now = 0, time.time()
    for part in incoming().glob("*") if incoming().exists() else ():
        try:
            if now - part.stat().st_mtime >= older_than:
                part.unlink()
                left += 1
        except FileNotFoundError:
            # Its writer gave it a name meanwhile.
            continue
    return left


def forget(sha256: str) -> None:
    """Throws the bytes of a hash away. Only for whoever made them and knows that no row names them, nor ever will."""
    path_of(sha256).unlink(missing_ok=True)


def read(sha256: str) -> bytes:
    """The bytes of a hash. Raises FileNotFoundError."""
    return path_of(sha256).read_bytes()
