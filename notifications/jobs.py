"""Durable jobs: leased, retried, parked when hopeless. `work(at)` may run anywhere, any number of times."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from notifications.models import Job

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
PARK_AFTER = 12

_handlers: dict[str, Callable[[Job, datetime], None]] = {}


def handles(kind: str):
    """Registers the function that does jobs of a kind. It must be idempotent: a lease may run out."""

    def register(function):
        _handlers[kind] = function
        return function

    return register


def enqueue(rows: list[Job]) -> None:
    """Stores job rows in the current transaction; a known key is left alone."""
    Job.objects.bulk_create(rows, ignore_conflicts=True)


def job(kind: str, key: str, at: datetime, *, group: str = "", size: int = 1, **payload: object) -> Job:
    """A job row, not saved. `size` is the number of items it deals with, for progress."""
    return Job(kind=kind, key=key, group=group, size=size, payload=payload, created_at=at, not_before=at)


def work(at: datetime, limit: int = 50) -> int:
    """Does due jobs, one after the other; returns how many were finished."""
    done = 0
    for pk in list(Job.objects.due(at).values_list("pk", flat=True)[:limit]):
        won = (
            Job.objects.due(at)
            .filter(pk=pk)
            .update(state=Job.State.RUNNING, lease_until=at + LEASE, attempts=F("attempts") + 1)
        )
        if not won:
            continue
        row = Job.objects.get(pk=pk)
        try:
            # The job's own change and "done" are one transaction: a kill in between loses neither.
            with transaction.atomic():
                _handlers[row.kind](row, at)
                Job.objects.filter(pk=pk).update(state=Job.State.DONE, finished_at=at, lease_until=None, error="")
            done += 1
        except Exception as error:
            log.exception("job %s failed", row)
            _failed(row, at, error)
    return done


def _failed(row: Job, at: datetime, error: Exception) -> None:
    wait = min(timedelta(seconds=30) * 2 ** min(row.attempts, 7), timedelta(hours=1))
    Job.objects.filter(pk=row.pk).update(
        state=Job.State.PARKED if row.attempts >= PARK_AFTER else Job.State.QUEUED,
        not_before=at + wait,
        lease_until=None,
        error=f"{type(error).__name__}: {error}"[:500],
    )
