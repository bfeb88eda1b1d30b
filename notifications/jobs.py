"""Durable jobs: leased, retried, parked when hopeless. `work(at)` may run anywhere, any number of times."""

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Min, Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext

from accounts import trail
from accounts.points import point
from notifications.models import Job
from notifications.turns import turn

log = logging.getLogger("pilotage.jobs")

# By the database's clock, whatever `at` a worker works with (accounts.machine).
LEASE = timedelta(seconds=60)
PARK_AFTER = 12
# On PostgreSQL a job's transaction that stands still is ended before the lease is: the next worker waits for no lock.
IDLE = "45s"
# Short jobs a worker takes at once, and the seconds after which it gives back what it has not begun.
AT_ONCE, PATIENCE = 10, 20

_handlers: dict[str, Callable[..., None]] = {}
_before: dict[str, Callable[[Job, datetime], Any]] = {}
_together: dict[str, Callable[[list[Job], datetime], Any]] = {}
_late: dict[str, Callable[[Job, Any], None]] = {}
# What people read of a kind.
LABELS: dict[str, object] = {}


class _Overtaken(Exception):
    """Another worker has done the job meanwhile: what this one changed is rolled back."""


def handles(
    kind: str, label: object = "", *, before: Callable[[Job, datetime], Any] | None = None,
    together: Callable[[list[Job], datetime], Any] | None = None, late: Callable[[Job, Any], None] | None = None,
):  # fmt: skip
    """Registers the function that does jobs of a kind. It must be idempotent: a lease may run out.

    `before` does what takes long and changes no row, outside of any transaction: nobody waits for a lock meanwhile. What
    it returns is the third argument of the function; None says there is nothing to do any more. A kind with
    `together` has jobs that take well under a second: a worker takes several at once, and does them inside the context
    manager that `together(jobs, at)` returns, where what all of them need is read once. `late(job, found)` throws away
    what `before` made outside the database when another worker was faster (trust.md F19).
    """

    def register(function):
        _handlers[kind] = function
        if before is not None:
            _before[kind] = before
        if together is not None:
            _together[kind] = together
        if late is not None:
            _late[kind] = late
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
    """Does due jobs, one after the other, up to `limit`; returns how many were finished."""
    done, left = 0, limit
    while left > 0 and (rows := _claim(at, left)):
        finished, begun = _several(rows, at)
        done, left = done + finished, left - begun
    return done


def _several(rows: list[Job], at: datetime) -> tuple[int, int]:
    """Does jobs of one kind that are leased; (how many were finished, how many were begun)."""
    done, began = 0, time.monotonic()
    with _shared(rows, at):
        for number, row in enumerate(rows):
            if time.monotonic() - began > PATIENCE:
                # Whoever is free goes on with the rest before our lease ends.
                _give_back(rows[number:])
                return done, number
            point("job_claimed")
            with trail.bind(job=str(row.uuid), kind=row.kind):
                done += _one(row, at)
    return done, len(rows)


def _shared(rows: list[Job], at: datetime) -> Any:
    """What the jobs read once for all of them. Where that fails each reads for itself, and fails by itself."""
    together = _together.get(rows[0].kind)
    try:
        return nullcontext() if together is None else together(rows, at)
    except Exception:
        log.exception("jobs are done one by one", extra={"kind": rows[0].kind})
        return nullcontext()


def _one(row: Job, at: datetime) -> int:
    """Does one job that is leased; 1 when it was finished."""
    found: tuple[Any, ...] = ()
    try:
        found = (_before[row.kind](row, at),) if row.kind in _before else ()
        # The job's own change and "done" are one transaction: a kill in between loses neither.
        # Inside somebody else's transaction the limit would outlive the job.
        own = not connection.in_atomic_block
        with turn(), transaction.atomic():
            if own:
                _let_go_when_stuck()
            if found != (None,):
                _handlers[row.kind](row, at, *found)
            _done(row, at)
            point("job_done")
        point("job_committed")
    except _Overtaken:
        _throw_away(row, found)
        log.info("job was done by another worker", extra={"attempt": row.attempts})
        return 0
    except Exception as error:
        if _failed(row, at, error):
            log.exception("job failed", extra={"attempt": row.attempts})
        else:
            _throw_away(row, found)
        return 0
    log.info("job done", extra={"attempt": row.attempts})
    return 1


def _done(row: Job, at: datetime) -> None:
    """Marks a job done, in the transaction of what it changed. Raises _Overtaken when somebody else has: a worker that was
    stuck while its lease ran out changes nothing (trust.md F19).

    Who comes first wins, even when the lease has passed to somebody who is not ready yet: a job that always takes longer than
    its lease would otherwise never be done. What was stopped or parked meanwhile is not done behind that person's back.
    """
    open_ = Job.objects.filter(pk=row.pk, state__in=[Job.State.RUNNING, Job.State.QUEUED])
    if not open_.update(state=Job.State.DONE, finished_at=at, lease_until=None, error=""):
        raise _Overtaken


def _let_go_when_stuck() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [IDLE])


def _throw_away(row: Job, found: tuple[Any, ...]) -> None:
    """Takes away what a late worker made outside the database, when the job is done: nobody will name it any more."""
    late = _late.get(row.kind)
    if late is None or not found or found[0] is None:
        return
    try:
        if Job.objects.filter(pk=row.pk, state=Job.State.DONE).exists():
            late(row, found[0])
    except Exception:
        log.exception("what a late worker made is left", extra={"kind": row.kind})


def _claim(at: datetime, most: int) -> list[Job]:
    """Takes what is due first for this worker: one job, or several of a kind whose jobs are short.

    Several in one transaction, because writers wait for one another: workers that take job by job spend their time on it.
    """
    if not Job.objects.due(at).exists():
        return []
    with transaction.atomic():
        # A worker beside us reads the same rows: on PostgreSQL it passes those that are being taken, on SQLite it waits.
        skip = connection.features.has_select_for_update_skip_locked
        free = Job.objects.due(at).select_for_update(skip_locked=skip)
        rows = list(free[: min(most, AT_ONCE)])
        several = bool(rows) and rows[0].kind in _together
        rows = [row for row in rows if row.kind == rows[0].kind] if several else rows[:1]
        Job.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Job.State.RUNNING, lease_until=Now() + LEASE, attempts=F("attempts") + 1
        )
    for row in rows:
        row.state, row.attempts = Job.State.RUNNING, row.attempts + 1
    return rows


def _give_back(rows: list[Job]) -> None:
    """Puts jobs back that were taken and not begun."""
    for row in rows:
        Job.objects.filter(pk=row.pk, state=Job.State.RUNNING, attempts=row.attempts).update(
            state=Job.State.QUEUED, lease_until=None, attempts=F("attempts") - 1
        )


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
