"""What a drill left behind, counted: `python -m config.drills.verifying` prints one JSON object."""

import json
import sys
from collections import Counter
from pathlib import Path


def faults():
    """[words] of everything that is not as it should be, and {name: number} of what was looked at."""
    from django.conf import settings  # noqa: PLC0415 - Django is set up by the caller

    from approvals import sealing  # noqa: PLC0415
    from approvals.models import Certificate, SealUse  # noqa: PLC0415
    from pilots import storage  # noqa: PLC0415
    from workflows import ledger  # noqa: PLC0415
    from workflows.models import LedgerEntry  # noqa: PLC0415

    request, found = SealUse.objects.get(), []
    rows = list(request.certificates.order_by("pk"))
    if lost := [row.serial for row in rows if row.state != "issued"]:
        found.append(f"lost: {len(lost)} not issued, {lost[0]}")
    if len(rows) != request.size:
        found.append(f"{len(rows)} certificates of {request.size}")
    times = Counter(
        LedgerEntry.objects.filter(act="issue", case_model="approvals.certificate").values_list("case_uuid", flat=True)
    )
    if double := [uuid for uuid, number in times.items() if number != 1]:
        found.append(f"double: {len(double)} issued more than once")
    for name in ("serial", "code", "sha256"):
        values = [getattr(row, name) for row in rows]
        if len(set(values)) != len(values):
            found.append(f"{name} occurs twice")
    for row in rows:
        try:
            data = storage.read(row.sha256)
        except OSError:
            found.append(f"no file: {row.serial}")
            continue
        if len(data) != row.size:
            found.append(f"torn: {row.serial}")
    for row in rows[:: max(1, len(rows) // 20)]:
        verdict = sealing.check(storage.read(row.sha256))
        if not verdict.ok:
            found.append(f"signature of {row.serial}: {verdict.reasons}")
    broken = [row.serial for row in Certificate.objects.all() if ledger.verify(row)]
    if broken:
        found.append(f"ledger: {len(broken)} chains broken, {broken[0]}")
    files = [one for one in Path(settings.FILES_DIR).rglob("*") if one.is_file() and one.parent != storage.incoming()]
    torn = [one.name for one in files if one.name != _hash(one)]
    if torn:
        found.append(f"torn: {len(torn)} stored files are not what their names say")
    left = len(list(storage.incoming().glob("*"))) if storage.incoming().exists() else 0
    if storage.sweep(older_than=0) != left:
        found.append("half written files were not swept")
    return found, {"certificates": len(rows), "files": len(files), "left_overs": left}


def _hash(file):
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    import django

    django.setup()
    wrong, looked = faults()
    sys.stdout.write(json.dumps({"faults": wrong, **looked}, ensure_ascii=False))
