"""What a drill left behind, counted: `python -m config.drills.verifying` prints one JSON object."""

import json
import sys
from collections import Counter
from pathlib import Path


def faults():
    """[words] of everything that is not as it should be, and {name: number} of what was looked at."""
    from approvals.models import SealUse  # noqa: PLC0415 - Django is set up by the caller

    request = SealUse.objects.get()
    rows = list(request.certificates.order_by("pk"))
    files, left, torn = _folder()
    found = [*_rows(request, rows), *_files(rows), *_chains(), *torn]
    return found, {"certificates": len(rows), "files": len(files), "left_overs": left, "unnamed": _unnamed(files)}


def _unnamed(files):
    """How many stored files no row names: what a killed worker had made before anybody could hear of it."""
    from config.backups import looking  # noqa: PLC0415

    named = {sha256 for _row, sha256 in looking.named()}
    return sum(one.name not in named for one in files)


def _rows(request, rows):
    """All of them issued, each once, with numbers, codes and bytes of their own."""
    from workflows.models import LedgerEntry  # noqa: PLC0415

    if lost := [row.serial for row in rows if row.state != "issued"]:
        yield f"lost: {len(lost)} not issued, {lost[0]}"
    if len(rows) != request.size:
        yield f"{len(rows)} certificates of {request.size}"
    acts = LedgerEntry.objects.filter(act="issue", case_model="approvals.certificate").values_list(
        "case_uuid", flat=True
    )
    times = Counter(acts)
    if double := [uuid for uuid, number in times.items() if number != 1]:
        yield f"double: {len(double)} issued more than once"
    for name in ("serial", "code", "sha256"):
        values = [getattr(row, name) for row in rows]
        if len(set(values)) != len(values):
            yield f"{name} occurs twice"


def _files(rows):
    """Every file is there, whole, and signed; the signature of twenty is checked."""
    from approvals import sealing  # noqa: PLC0415
    from pilots import storage  # noqa: PLC0415

    for row in rows:
        try:
            data = storage.read(row.sha256)
        except OSError:
            yield f"no file: {row.serial}"
            continue
        if len(data) != row.size:
            yield f"torn: {row.serial}"
    whole = [row for row in rows if storage.path_of(row.sha256).is_file()]
    for row in whole[:: max(1, len(whole) // 20)]:
        verdict = sealing.check(storage.read(row.sha256))
        if not verdict.ok:
            yield f"signature of {row.serial}: {verdict.reasons}"


def _chains():
    from approvals.models import Certificate  # noqa: PLC0415
    from workflows import ledger  # noqa: PLC0415

    broken = [row.serial for row in Certificate.objects.all() if ledger.verify(row)]
    if broken:
        yield f"ledger: {len(broken)} chains broken, {broken[0]}"


def _folder():
    """([stored files], half written ones that were left, what is wrong with them)."""
    from django.conf import settings  # noqa: PLC0415

    from pilots import storage  # noqa: PLC0415

    files = [one for one in Path(settings.FILES_DIR).rglob("*") if one.is_file() and one.parent != storage.incoming()]
    wrong = []
    if torn := [one.name for one in files if one.name != _hash(one)]:
        wrong.append(f"torn: {len(torn)} stored files are not what their names say")
    left = len(list(storage.incoming().glob("*"))) if storage.incoming().exists() else 0
    if storage.sweep(older_than=0) != left:
        wrong.append("half written files were not swept")
    return files, left, wrong


def _hash(file):
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    import django

    django.setup()
    wrong, looked = (_folder()[2], {}) if "torn" in sys.argv else faults()
    sys.stdout.write(json.dumps({"faults": wrong, **looked}, ensure_ascii=False))
