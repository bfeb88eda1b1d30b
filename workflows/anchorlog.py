"""The anchors outside the database: one JSON line each, signed, each naming the hash of the line before.

Whoever may write the database must not be able to write this file: another volume, an append-only attribute, a copy
that is fetched by somebody else. Lines are only added. A line that a crash cut short is left behind and closed by the
next one; what it would have said is written again.

A restore of an older database is a fact, too: a line of kind "restored" says, with a reason, that the anchors after a
number count no longer.
"""

import fcntl
import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

# Longer than any line: a body of about 500 bytes, a signature, and a timestamp with its certificates.
_TAIL = 256 * 1024


class Unwritable(Exception):
    """The file cannot be read or written; the message says why."""


def statement(before: str, body: str) -> bytes:
    """What is signed: the hash of the line before, and what this line says."""
    return f"{before}\n{body}".encode()


@dataclass(frozen=True)
class Line:
    """One line. `signature` is DER (empty: the signer did not answer), `signer` the SHA-256 of its certificate,
    `time` a DER timestamp token (RFC 3161) over the statement, or empty."""

    text: str
    body: str
    before: str
    signature: bytes = b""
    signer: str = ""
    time: bytes = b""

    @cached_property
    def said(self) -> dict[str, Any]:
        """What the body says."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the line's text, hexadecimal: what the next line names."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def statement(self) -> bytes:
        """The bytes the signature and the timestamp are over."""
        return statement(self.before, self.body)


def parse(text: str) -> Line | None:
    """The line of a text, or None where it is none."""
    try:
        raw = json.loads(text)
        line = Line(
            text, raw["body"], raw["before"], b64decode(raw["signature"], validate=True), raw["signer"],
            b64decode(raw["time"], validate=True),
        )  # fmt: skip
        return line if _sound(line.said) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _sound(said: dict[str, Any]) -> bool:
    """Whether a body has what its kind must have. Whoever can write the file must not be able to stop its readers."""
    needed: dict[str, type] = {"number": int, "at": str}
    if said["kind"] == "anchor":
        needed |= {"size": int, "rows": int, "root": str, "previous": str, "heads": str}
    elif said["kind"] == "restored":
        needed |= {"body": str, "reason": str}
    else:
        return False
    bytes.fromhex(said.get("root", ""))
    return all(type(said[name]) is kind for name, kind in needed.items()) and (
        datetime.fromisoformat(said["at"]).tzinfo is not None
    )


def lines(path: Path) -> Iterator[tuple[int, Line | None]]:
    """(number of the line, line) of the whole file; None for what is no line. Raises Unwritable."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, text in enumerate(file, start=1):
                yield number, parse(text.rstrip("\n"))
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unwritable(f"{path}: {error.strerror}") from error


@dataclass
class Standing:
    """Which anchors count at the end of some lines, by number; and the lines that said that some count no longer."""

    anchors: dict[int, Line] = field(default_factory=dict)
    restores: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> str:
        """Takes the next line; returns what is wrong with its place, or an empty text."""
        number = line.said["number"]
        newest = max(self.anchors, default=0)
        if line.said["kind"] == "restored":
            self.restores.append(line)
            self.anchors = {known: kept for known, kept in self.anchors.items() if known <= number}
            return "" if number <= newest else "it goes back to an anchor that is not there"
        before = self.anchors.get(number - 1)
        self.anchors[number] = line
        if number != newest + 1:
            return f"anchor {number} follows anchor {newest}"
        if before is not None and (line.said["previous"], before.said["size"] > line.said["size"]) != (
            before.said["root"],
            False,
        ):
            return "it does not continue the anchor before"
        return ""


def standing(path: Path) -> Standing:
    """The anchors that count now, as the file says; what is wrong with it is `verifying`'s matter. Raises Unwritable."""
    found = Standing()
    for _number, line in lines(path):
        if line is not None:
            found.add(line)
    return found


Sign = Callable[[bytes], tuple[bytes, str, bytes]]


@contextmanager
def _locked(path: Path) -> Iterator[Any]:
    """The file open for reading and adding; nobody else on this machine adds meanwhile."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
    except OSError as error:
        raise Unwritable(f"{path}: {error.strerror or error}") from error


def append(path: Path, waiting: Callable[[Line | None], Iterable[str]], sign: Sign) -> list[Line]:
    """Adds a line for each body that `waiting(last line)` names; the file is on disk when this returns.

    Called under the lock, so that two processes never write the same anchor. `sign(statement)` gives signature, signer and
    time. Raises Unwritable, and whatever `waiting` raises.
    """
    with _locked(path) as file:
        last, whole = _last(file)
        added = []
        for body in waiting(last):
            before = last.hash if last is not None else ""
            signature, signer, time = sign(statement(before, body))
            raw = {"body": body, "before": before, "signature": b64encode(signature).decode(), "signer": signer,
                   "time": b64encode(time).decode()}  # fmt: skip
            text = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            file.write((b"" if whole else b"\n") + text.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            last, whole = parse(text), True
            assert last is not None  # noqa: S101 - what we wrote ourselves
            added.append(last)
        _settle(path.parent)
        return added


def _settle(folder: Path) -> None:
    """The folder's own entry, for a file that is new."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def last_line(path: Path) -> Line | None:
    """The newest line, or None where there is none. Raises Unwritable."""
    try:
        with path.open("rb") as file:
            return _last(file)[0]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unwritable(f"{path}: {error.strerror}") from error


def _last(file: Any) -> tuple[Line | None, bool]:
    """The newest line that is one, and whether the file ends with a line end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    data = file.read()
    for raw in reversed(data.split(b"\n")):
        if raw and (line := parse(raw.decode("utf-8", "replace"))) is not None:
            return line, data.endswith(b"\n")
    return None, not data or data.endswith(b"\n")


# --- certificates of those who signed -------------------------------------------------------------------------------
def keep_chain(path: Path, chain: Iterable[bytes]) -> str:
    """Stores a signer's certificates (DER) beside the log, once; returns the SHA-256 of the signing one."""
    certificates = [x509.load_der_x509_certificate(der) for der in chain]
    name = hashlib.sha256(certificates[0].public_bytes(Encoding.DER)).hexdigest()
    file = _chain_file(path, name)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")
        part.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in certificates))
        part.replace(file)
    return name


def chain_of(path: Path, signer: str) -> list[x509.Certificate]:
    """The certificates of a signer by the SHA-256 of the signing one; none where they are not beside the log."""
    file = _chain_file(path, signer)
    if not signer.isalnum() or not file.exists():
        return []
    return x509.load_pem_x509_certificates(file.read_bytes())


def _chain_file(path: Path, signer: str) -> Path:
    return path.parent / "certificates" / f"{signer}.pem"
