"""What Celery runs. It carries no state: tasks only say "look"."""

from celery import shared_task

from accounts import clock
from notifications import jobs, outbox
from workflows import sweep


@shared_task(name="pilotage.tick", ignore_result=True)
def tick() -> None:
    """The scheduler's beat: everything that is due."""
    sweep.sweep(clock.now())


@shared_task(name="pilotage.work", ignore_result=True)
def work() -> None:
    """A hint after an act: jobs and mail that were just written."""
    at = clock.now()
    while jobs.work(at):
        at = clock.now()
    outbox.send_due(clock.now())
