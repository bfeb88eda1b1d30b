"""Writing and checking the chain. The hash covers stored canonical text, never a database type (trust.md §3.4)."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from workflows.models import LedgerEntry

SCHEMA = 1
HEAD_DIFFERS = "the head of the case differs"
STATE_DIFFERS = "the case is in another state than its last row says"


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError("the ledger holds no floats: they do not print the same everywhere")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def canonical(facts: dict[str, Any]) -> str:
    """One text for one meaning: NFC, sorted keys, UTC times, decimals as text."""
    return json.dumps(_plain(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(previous: str, text: str) -> str:
    """SHA-256 over the previous hash and the canonical text, as hexadecimal."""
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def entry(case: Any, *, deed: Any, actor_name: str, from_state: str) -> LedgerEntry:
    """The next ledger row of a case, not saved; the caller moves the case's head to its hash."""
    facts = {
        "schema": SCHEMA,
        "case": str(case.uuid),
        "model": case._meta.label_lower,
        "seq": case.version + 1,
        "at": deed.at,
        "actor": deed.by.pk if deed.by is not None else None,
        "actor_name": actor_name,
        "role": str(deed.role),
        "on_behalf": str(deed.on_behalf_of or ""),
        "act": deed.facts.get("act", ""),
        "from": from_state,
        "to": case.state,
        "reason": deed.reason,
        "facts": {key: value for key, value in deed.facts.items() if key != "act"},
    }
    text = canonical(facts)
    return LedgerEntry(
        case_model=case._meta.label_lower,
        case_uuid=case.uuid,
        seq=case.version + 1,
        at=deed.at,
        actor=deed.by,
        actor_name=actor_name,
        role=str(deed.role),
        on_behalf=deed.on_behalf_of if isinstance(deed.on_behalf_of, User) else None,
        on_behalf_name=str(deed.on_behalf_of or ""),
        act=facts["act"],
        from_state=from_state,
        to_state=case.state,
        reason=deed.reason,
        text=text,
        previous=case.head,
        hash=digest(case.head, text),
    )


@dataclass(frozen=True)
class Break:
    """A place where the chain does not hold."""

    seq: int
    what: str


def check(entries: Iterable[LedgerEntry], head: str, version: int, state: str | None = None) -> list[Break]:
    """Every break in one case's chain; empty when it holds. `head`, `version` and `state` come from the case row.

    States are replayed: each row begins where the one before ended, and the case stands where the last one ended
    (trust.md §3.8). Without `state` (a case that is gone) the last step is left out.
    """
    breaks, previous, expected = [], "", 1
    ended: str | None = None
    for row in entries:
        if row.seq != expected:
            breaks.append(Break(expected, "missing"))
            expected = row.seq
        if row.previous != previous:
            breaks.append(Break(row.seq, "does not follow the row before"))
        if digest(row.previous, row.text) != row.hash:
            breaks.append(Break(row.seq, "text or hash was changed"))
        said = _said(row.text)
        shown = {"act": row.act, "to": row.to_state, "from": row.from_state, "reason": _plain(row.reason),
                 "actor": row.actor_id, "actor_name": _plain(row.actor_name), "case": str(row.case_uuid),
                 "model": row.case_model, "seq": row.seq, "role": row.role, "on_behalf": _plain(row.on_behalf_name),
                 "at": row.at.astimezone(UTC).isoformat()}  # fmt: skip
        breaks.extend(
            Break(row.seq, f"column {key} differs from the text") for key in shown if said.get(key) != shown[key]
        )
        if ended is not None and row.from_state != ended:
            breaks.append(Break(row.seq, "it begins in another state than the row before ended in"))
        ended = row.to_state
        previous, expected = row.hash, expected + 1
    if state is not None and ended is not None and state != ended:
        breaks.append(Break(version, STATE_DIFFERS))
    if previous != head or expected - 1 != version:
        breaks.append(Break(version, HEAD_DIFFERS))
    return breaks


def _said(text: str) -> dict[str, Any]:
    """What a text says; nothing where somebody made it unreadable."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def of_case(case: Any) -> list[LedgerEntry]:
    """The rows of one case in order."""
    return list(LedgerEntry.objects.filter(case_uuid=case.uuid).order_by("seq"))


def verify(case: Any) -> list[Break]:
    """Breaks in the chain of one case."""
    return check(of_case(case), case.head, case.version, case.state)
