"""Acts on hundreds of items: small batches at once, large ones as jobs that survive a crash and show their progress.

What is signed is stored with the signature; the items follow. A job looks at each item's state first, so it may run
twice, and what is left to do can always be counted from the items themselves.
"""

from django.conf import settings

from notifications.jobs import job

CHUNK = 25


def group_of(batch):
    """The group under which the jobs of a batch are counted."""
    return f"batch:{batch.uuid}"


def carry(deed, kind, rows, now):
    """Does `now(row)` for each application, or leaves them to jobs of `kind` when there are many.

    The number that is still done within the request is the setting BULK_INLINE.
    """
    if len(rows) <= settings.BULK_INLINE:
        for row in rows:
            now(row)
        return
    batch = deed.obj
    keys = [row.pk for row in rows]
    deed.facts["jobs"] = len(keys)
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        key = f"{kind}:{batch.uuid}:{batch.list_version}:{start}"
        deed.jobs.append(job(kind, key, deed.at, group=group_of(batch), size=len(part), items=part))
