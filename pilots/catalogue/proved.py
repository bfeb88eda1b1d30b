"""Which documents of the catalogue were proved as they stand: their digests, kept beside them.

A proof explores thousands of worlds; an installation need not do that again for the documents that came with it.
`./manage.py programmes prove --record` writes the record, and a test proves all of them anew.
"""

import hashlib
import json
from pathlib import Path

from pilots import catalogue
from pilots.catalogue.proving import proof_of
from pilots.rules.lint import Finding

RECORD = catalogue.FOLDER / "proved.json"


def digest(text: str) -> str:
    """SHA-256 of a document, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def recorded(path: Path | None = None) -> dict[str, str]:
    """{code: digest} of the documents that were proved; empty without a record."""
    path = path or RECORD
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def record(proved: dict[str, str], path: Path | None = None) -> None:
    """Adds documents to the record, and drops those that are gone."""
    known = set(catalogue.codes())
    rows = {code: value for code, value in (recorded(path) | proved).items() if code in known}
    (path or RECORD).write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def doubts(code: str, text: str) -> list[Finding]:
    """What the provers say of a document that has nothing against it but is not on record as it stands."""
    if recorded().get(code) == digest(text):
        return []
    return [item for item in proof_of(text) if item.level == "error"]
