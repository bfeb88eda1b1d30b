"""What Celery runs. It carries no state: tasks only say "look"."""

import logging
import time

from celery import shared_task
from django.utils import timezone

from accounts import clock, machine, sessions, trail
from notifications import jobs, outbox
from workflows import once, outside, sweep

log = logging.getLogger(__name__)

CATCH_UP_SECONDS = 60


@shared_task(name="pilotage.tick", ignore_result=True)
def tick() -> None:
    """The scheduler's beat: everything that is due. After a long silence it goes on until nothing is left."""
    with trail.bind(request=f"tick-{trail.new_id()}"):
        if _clock_is_right():
            _tick()


def _tick() -> None:
    began = time.monotonic()
    # One pass takes a bounded number of each kind; the next beat takes over what does not fit into this one.
    while sweep.sweep(clock.now()) and time.monotonic() - began < CATCH_UP_SECONDS:
        pass
    outside.beat(clock.now())
    once.forget(clock.now())
    sessions.forget(timezone.now())


@shared_task(name="pilotage.work", ignore_result=True)
def work() -> None:
    """A hint after an act: jobs and mail that were just written, and everything else while the scheduler is silent."""
    with trail.bind(request=f"work-{trail.new_id()}"):
        if _clock_is_right():
            _work()


def _clock_is_right() -> bool:
    """False on a machine that went wrong since it started: it would end deadlines too early. Others do its share; where there
    is none the scheduler falls silent, and pages say so (trust.md F11)."""
    if words := machine.fault():
        log.error("nothing is done here: %s", words)
    return not words


def _work() -> None:
    if sweep.is_late():
        _tick()
        return
    at = clock.now()
    while jobs.work(at):
        at = clock.now()
    outbox.send_due(clock.now())
