"""Moving through time without skipping anything: from one moment at which something is due to the next."""

from collections.abc import Iterator
from datetime import datetime

from notifications.models import Deadline, Job, Message, Reminder
from workflows.sweep import Swept, settle


def moments(after: datetime, until: datetime) -> Iterator[datetime]:
    """The next instant in (after, until] at which a deadline passes or a reminder falls due; then the next one.

    Recomputed each time: what happens at one moment opens the deadlines of the next.
    """
    here = after
    while (found := next_moment(here)) is not None and found <= until:
        yield found
        here = found


def next_moment(after: datetime) -> datetime | None:
    """The first instant after `after` at which the sweep will have something to do; None when nothing is due."""
    found: list[datetime] = []
    for rows, when in (
        (Deadline.objects.open().filter(acts_at=None).exclude(then_act=""), "due_at"),
        (Deadline.objects.open().exclude(then_act=""), "acts_at"),
        (Reminder.objects.waiting(), "speaks_at"),
        (Job.objects.filter(state=Job.State.QUEUED), "not_before"),
        (Message.objects.filter(state=Message.State.QUEUED), "not_before"),
    ):
        found.extend(rows.filter(**{f"{when}__gt": after}).order_by(when).values_list(when, flat=True)[:1])
    return min(found) if found else None


def travel(start: datetime, until: datetime) -> Swept:
    """Lives through [start, until], sweeping at every moment on the way and at the end. Returns what was done."""
    total = settle(start)
    for moment in moments(start, until):
        total += settle(moment)
    return total + settle(until)
