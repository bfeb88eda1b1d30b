"""Durable jobs: leased, retried, parked when hopeless. `work(at)` may run anywhere, any number of times."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q, Sum
from django.utils.translation import gettext

from accounts import trail
from accounts.points import point
from notifications.models import Job

log = logging.getLogger("pilotage.jobs")

LEASE = timedelta(seconds=60)
PARK_AFTER = 12

_handlers: dict[str, Callable[..., None]] = {}
_before: dict[str, Callable[[Job, datetime], Any]] = {}
# What people read of a kind.
LABELS: dict[str, object] = {}


def handles(kind: str, label: object = "", *, before: Callable[[Job, datetime], Any] | None = None):
    """Registers the function that does jobs of a kind. It must be idempotent: a lease may run out.

    `before` does what takes long and changes no row, outside of any transaction: nobody waits for a lock meanwhile. What
    it returns is the third argument of the function; None says there is nothing to do any more.
    """

    def register(function):
        _handlers[kind] = function
        if before is not None:
            _before[kind] = before
        LABELS[kind] = label or kind
        return function

    return register


def enqueue(rows: list[Job]) -> None:
    """Stores job rows in the current transaction; a known key is left alone."""
    Job.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        # Here the request and its jobs stand in one line; later lines name the job alone.
        log.info("jobs queued", extra={"kind": rows[0].kind, "number": len(rows), "job": str(rows[0].uuid)})


def job(kind: str, key: str, at: datetime, *, group: str = "", size: int = 1, **payload: object) -> Job:
    """A job row, not saved. `size` is the number of items it deals with, for progress."""
    return Job(kind=kind, key=key, group=group, size=size, payload=payload, created_at=at, not_before=at)


def work(at: datetime, limit: int = 50) -> int:
    """Does due jobs, one after the other; returns how many were finished."""
    done = 0
    for row in list(Job.objects.due(at)[:limit]):
        if not _claim(row, at):
            continue
        point("job_claimed")
        with trail.bind(job=str(row.uuid), kind=row.kind):
            done += _one(row, at)
    return done


def _one(row: Job, at: datetime) -> int:
    """Does one job that is leased; 1 when it was finished."""
    try:
        found = (_before[row.kind](row, at),) if row.kind in _before else ()
        # The job's own change and "done" are one transaction: a kill in between loses neither.
        with transaction.atomic():
            if found != (None,):
                _handlers[row.kind](row, at, *found)
            Job.objects.filter(pk=row.pk).update(state=Job.State.DONE, finished_at=at, lease_until=None, error="")
            point("job_done")
        point("job_committed")
    except Exception as error:
        if _failed(row, at, error):
            log.exception("job failed", extra={"attempt": row.attempts})
        return 0
    log.info("job done", extra={"attempt": row.attempts})
    return 1


def _claim(row: Job, at: datetime) -> bool:
    """Takes a due job for this worker. Nobody has had it since it was read: `row` is what the database holds."""
    lease, attempts = at + LEASE, row.attempts + 1
    free = Job.objects.due(at).filter(pk=row.pk, attempts=row.attempts)
    if not free.update(state=Job.State.RUNNING, lease_until=lease, attempts=attempts):
        return False
    row.state, row.lease_until, row.attempts = Job.State.RUNNING, lease, attempts
    return True


@dataclass
class Work:
    """Jobs of one kind that belong together, as people see them: how far they are, what failed, since when they wait."""

    kind: str
    group: str
    sizes: dict[str, int] = field(default_factory=dict)
    oldest: datetime | None = None
    error: str = ""

    @property
    def total(self) -> int:
        return sum(self.sizes.values())

    @property
    def done(self) -> int:
        return self.sizes.get(Job.State.DONE, 0)

    @property
    def parked(self) -> int:
        return self.sizes.get(Job.State.PARKED, 0)

    @property
    def stopped(self) -> int:
        return self.sizes.get(Job.State.STOPPED, 0)

    @property
    def moving(self) -> int:
        """Items that wait or are being done."""
        return self.sizes.get(Job.State.QUEUED, 0) + self.sizes.get(Job.State.RUNNING, 0)


UNFINISHED = [Job.State.QUEUED, Job.State.RUNNING, Job.State.PARKED, Job.State.STOPPED]


def works(most: int = 50) -> list[Work]:
    """Everything that is not finished, with what of it is, the longest waiting first; two queries."""
    unfinished = Job.objects.filter(state__in=UNFINISHED)
    keys = list(
        unfinished.order_by().values_list("kind", "group").annotate(since=Min("created_at"), why=Max("error"))
        .order_by("since")[:most]
    )  # fmt: skip
    found = {(kind, group): Work(kind, group, oldest=since, error=why) for kind, group, since, why in keys}
    if not found:
        return []
    same = Q()
    for kind, group in found:
        # Jobs without a group are counted while they are unfinished only: what was done is history.
        same |= Q(kind=kind, group=group) if group else Q(kind=kind, group="", state__in=UNFINISHED)
    rows = Job.objects.filter(same).order_by().values_list("kind", "group", "state").annotate(n=Sum("size"))
    for kind, group, state, size in rows:
        found[kind, group].sizes[state] = size
    return list(found.values())


def stop(kind: str, group: str, by: object) -> int:
    """Stops what waits of one work; what is being done right now is finished. Returns the number of items stopped."""
    rows = Job.objects.filter(kind=kind, group=group, state__in=[Job.State.QUEUED, Job.State.PARKED])
    size = rows.aggregate(n=Sum("size"))["n"] or 0
    rows.update(state=Job.State.STOPPED, lease_until=None, error=gettext("由 %(who)s 停止") % {"who": by})
    return size


def resume(kind: str, group: str, at: datetime) -> int:
    """Goes on with what was stopped or parked, at once. Returns the number of items."""
    rows = Job.objects.filter(kind=kind, group=group, state__in=[Job.State.STOPPED, Job.State.PARKED])
    size = rows.aggregate(n=Sum("size"))["n"] or 0
    rows.update(state=Job.State.QUEUED, not_before=at, attempts=0, lease_until=None, error="")
    return size


def _failed(row: Job, at: datetime, error: Exception) -> bool:
    """Puts a job back, to be tried again later. False when it is not ours any more: our lease ran out, and whoever took
    it over has done it or is doing it; what stopped us may be just that."""
    wait = min(timedelta(seconds=30) * 2 ** min(row.attempts, 7), timedelta(hours=1))
    ours = Job.objects.filter(pk=row.pk, state=Job.State.RUNNING, attempts=row.attempts)
    back = ours.update(
        state=Job.State.PARKED if row.attempts >= PARK_AFTER else Job.State.QUEUED,
        not_before=at + wait,
        lease_until=None,
        error=f"{type(error).__name__}: {error}"[:500],
    )
    return bool(back)
