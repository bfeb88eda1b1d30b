"""The bill of materials: every package of the lock, with hashes and licence, as CycloneDX 1.6 JSON. Needs no network."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings

from config.backups.making import release
from config.backups.pool import sha256

LOCK = Path(settings.BASE_DIR) / "requirements.lock"
_ENTRY = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^\s+#\s+(?:via\s+)?([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass
class Locked:
    """One entry of a lock: name as the index has it, version, hashes of its files, who asked for it."""

    name: str
    version: str
    hashes: list[str] = field(default_factory=list)
    via: list[str] = field(default_factory=list)


def normal(name: str) -> str:
    """A package's name in the one spelling (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: Path = LOCK) -> list[Locked]:
    """The entries of a lock, in its order."""
    found: list[Locked] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if entry := _ENTRY.match(line):
            found.append(Locked(normal(entry[1]), entry[2]))
        elif found:
            found[-1].hashes += _HASH.findall(line)
            if (via := _VIA.match(line)) and via[1] not in ("via", "pilotage"):
                found[-1].via.append(normal(via[1]))
    return found


def bill(at: datetime, lock: Path = LOCK) -> dict[str, Any]:
    """The bill of materials of this installation's lock."""
    rows = locked(lock)
    root = f"pkg:generic/pilotage@{release()}"
    purls = {row.name: f"pkg:pypi/{row.name}@{row.version}" for row in rows}
    asked = {name: sorted(purls[row.name] for row in rows if name in row.via) for name in purls}
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        # The same lock is the same bill.
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{root}#{sha256(lock)}')}",
        "metadata": {
            "timestamp": at.isoformat(timespec="seconds"),
            "component": {"type": "application", "bom-ref": root, "name": "pilotage", "version": release(),
                          "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}]},
        },
        "components": [_component(row, purls[row.name]) for row in rows],
        "dependencies": [
            {"ref": root, "dependsOn": sorted(purls[row.name] for row in rows if not row.via)},
            *[{"ref": purls[name], "dependsOn": asked[name]} for name in sorted(purls)],
        ],
    }  # fmt: skip


def _component(row: Locked, purl: str) -> dict[str, Any]:
    made = {
        "type": "library", "bom-ref": purl, "name": row.name, "version": row.version, "purl": purl,
        # One for each file that may be installed: the same package for several machines.
        "externalReferences": [{"type": "distribution", "url": purl, "hashes": [
            {"alg": "SHA-256", "content": digest} for digest in row.hashes]}],
    }  # fmt: skip
    if said := list(_licences(row.name)):
        made["licenses"] = said
    return made


def _licences(name: str) -> Iterator[dict[str, Any]]:
    """What the installed package says of its licence; nothing where it is not installed."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return
    if expression := about.get("License-Expression"):
        yield {"expression": expression}
        return
    classified = [
        one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or () if one.startswith("License :: ")
    ]
    short = (about.get("License") or "").strip()
    for words in classified or ([short] if short and "\n" not in short and len(short) < 80 else []):
        yield {"license": {"name": words}}
