"""Evidence of one case, to be checked by somebody who has nothing of ours: rows, proofs, the signed anchor, a verifier.

The same case and the same anchor give the same bytes.
"""

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils import translation

from accounts import clock
from accounts.acts import acts_of
from accounts.roles import Role
from workflows import anchorlog, ledger, proving
from workflows.anchorlog import Line
from workflows.evidence import verify
from workflows.models import LedgerEntry

_PARTS = Path(__file__).resolve().parent / "evidence"
# Archives know no time zone and nothing before 1980; where there is no anchor, this stands for "no time".
_NEVER = (1980, 1, 1, 0, 0, 0)


def export(case: Any) -> bytes:
    """The archive (ZIP) of a case, as it stands in the newest anchor outside. Raises `anchorlog.Unwritable`.

    It holds everything the rows say, confidential acts too: whoever hands it out decides who may have it.
    """
    rows = ledger.of_case(case)
    anchors = anchorlog.standing(settings.ANCHOR_LOG).anchors
    line = anchors.get(max(anchors, default=0))
    files = dict(_files(case, rows, line))
    return _zip(files, datetime.fromisoformat(line.said["at"]) if line else None)


def _files(case: Any, rows: list[LedgerEntry], line: Line | None) -> Iterable[tuple[str, bytes]]:
    size = line.said["size"] if line else 0
    proved = {one.seq: one for one in proving.of_case(case.uuid, size)} if line else {}
    yield "README.txt", (_PARTS / "README.txt").read_bytes()
    yield "verify.py", (_PARTS / "verify.py").read_bytes()
    facts = {
        "schema": 1, "model": case._meta.label_lower, "uuid": str(case.uuid), "version": len(rows),
        "head": rows[-1].hash if rows else "", "not_anchored": [row.seq for row in rows if row.seq not in proved],
        **_words(case, rows),
    }  # fmt: skip
    told = [_row(row, proved.get(row.seq)) for row in rows]
    yield "case.json", _json(facts)
    yield "rows.jsonl", b"".join(_json(row) for row in told)
    yield "timeline.txt", verify.timeline(facts, told, line.said if line else None).encode()
    yield "files.txt", verify.named_files(told).encode()
    if line is not None:
        yield "anchor.jsonl", line.text.encode() + b"\n"
        yield "anchor.signed", line.statement
        chain = anchorlog.chain_of(settings.ANCHOR_LOG, line.signer)
        if line.signature:
            yield "anchor.sig", line.signature
            yield "signer.pem", b"".join(one.public_bytes(Encoding.PEM) for one in chain)
        if line.time:
            yield "anchor.tst", line.time


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _row(row: LedgerEntry, proof: proving.Proved | None) -> dict[str, Any]:
    return {
        "seq": row.seq, "text": row.text, "previous": row.previous, "hash": row.hash,
        "place": proof.place if proof else None, "proof": [one.hex() for one in proof.path] if proof else [],
    }  # fmt: skip


def _words(case: Any, rows: list[LedgerEntry]) -> dict[str, Any]:
    """The case's name and Chinese words for the codes in its rows: all that a reader cannot get from the rows."""
    acts = acts_of(case)
    with translation.override("zh-hans"):
        words = {f"act {row.act}": str(acts[row.act].done) for row in rows if row.act in acts}
        words |= {f"role {row.role}": str(Role(row.role).label) for row in rows if row.role in Role.values}
        return {"name": str(case), "words": words}


def _zip(files: dict[str, bytes], at: datetime | None) -> bytes:
    stamp = at.astimezone(clock.SHANGHAI).timetuple()[:6] if at and at.year >= _NEVER[0] else _NEVER
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, stamp)
            # Unix, so that the same bytes come out on every system.
            info.create_system, info.external_attr = 3, 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name])
    return buffer.getvalue()
