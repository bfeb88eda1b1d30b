"""Security floors: below which version of a package we must not be, from advisories somebody read and when.

A scanner without its data finds nothing and says so with exit code 0. This table says what was looked at, and ages in plain sight.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from config.sbom import LOCK, locked, normal

TABLE = Path(settings.BASE_DIR) / "docs" / "security" / "floors.toml"
# Older than this nobody has looked for too long to release (trust.md G28).
FRESH = timedelta(days=30)


@dataclass(frozen=True)
class Floor:
    """A package, the first version without the fault, the advisory, the day it was noted; whether it was read at its source."""

    package: str
    minimum: str
    advisory: str
    read: date
    confirmed: bool


def table() -> list[Floor]:
    """All floors."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["floor"]
    return [
        Floor(normal(row["package"]), row["minimum"], row["advisory"], row["read"], row["confirmed"]) for row in rows
    ]


def reviewed() -> date | None:
    """The day on which somebody last went through the advisories of the whole lock; None: nobody has yet."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8")).get("reviewed")


def number(version: str) -> tuple[int, ...]:
    """A release number to compare by: (5, 2, 19). What follows the numbers does not count."""
    head = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in head[0].split(".")) if head else ()


def below(lock: Path = LOCK) -> list[str]:
    """Entries of a lock that are below a floor, in words."""
    there = {row.name: row.version for row in locked(lock)}
    return [
        f"{floor.package} {there[floor.package]} is below {floor.minimum} ({floor.advisory})"
        for floor in table()
        if floor.package in there and number(there[floor.package]) < number(floor.minimum)
    ]


def stale(today: date) -> str:
    """Why the table is too old to release by, in words; an empty text while somebody has looked within 30 days."""
    last = reviewed()
    if last is None:
        return "nobody has gone through the advisories of the whole lock yet"
    return f"the advisories were last gone through on {last}" if today - last > FRESH else ""
