"""What stands in a scratch database that was restored from a backup: `python -m config.backups.looking FOLDER` prints JSON."""

import json
import sys
from pathlib import Path

# Columns that name a file of the installation, by model. A test holds this against the models.
FILES = {
    "pilots.Upload": ("sha256",),
    "approvals.Certificate": ("sha256", "archive_sha256"),
    "approvals.Evidence": ("sha256",),
    "approvals.Photo": ("sha256",),
    "approvals.SealUse": ("print_sha256",),
    "approvals.SiteFont": ("sha256",),
}


def named():
    """(model and key, hash) of every file that a row names."""
    from django.apps import apps  # noqa: PLC0415 - Django is set up by the caller

    for label, columns in FILES.items():
        for column in columns:
            rows = apps.get_model(label)._default_manager.exclude(**{column: ""}).values_list("pk", column)
            for pk, sha256 in rows.iterator(2000):
                yield f"{label} {pk}", sha256


def faults(manifest, listed):
    """Everything in which the database of the settings differs from what the backup says of it."""
    from django.db import connection  # noqa: PLC0415

    from config.backups import facts  # noqa: PLC0415

    with connection.cursor() as cursor:
        found = facts.everything(cursor, connection.vendor)
    for table in sorted(found["counts"].keys() | manifest["counts"].keys()):
        said, there = manifest["counts"].get(table), found["counts"].get(table)
        if said != there:
            yield f"table {table}: {there} rows, the backup was made of {said}"
    if found["ledger"] != manifest["ledger"]:
        yield "the ledger is another than the one the backup was made of"
    if found["migrations"] != manifest["migrations"]:
        yield "the schema is another than the one the backup was made of"
    for row, sha256 in named():
        if sha256 not in listed:
            yield f"{row} names file {sha256}, which is not in the backup"
    yield from ledger()


def ledger():
    """Faults of the ledger; anchors that were made after the backup are none."""
    from django.conf import settings  # noqa: PLC0415

    from workflows import verifying  # noqa: PLC0415

    if settings.ANCHOR_LOG.exists():
        yield from map(str, verifying.copy())
    else:
        yield from map(str, verifying.cases(None))


def main(folder):
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    from config.backups.making import one  # noqa: PLC0415

    backup = one(Path(folder))
    wrong = list(faults(backup.manifest, backup.files()))
    seen = {"faults": wrong, "rows": backup.manifest["ledger"]["rows"], "outside": settings.ANCHOR_LOG.exists()}
    sys.stdout.write(json.dumps(seen, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
