"""Moving through time without skipping anything: from one moment at which something is due to the next."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from accounts import clock
from notifications.models import Deadline, Job, Message
from workflows.sweep import Swept, settle

# Reminders of a day go out in the morning.
MORNING = time(9)


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
    for due_on, due_at, ladder, then in Deadline.objects.open().values_list("due_on", "due_at", "ladder", "then_act"):
        if then and due_at > after:
            found.append(due_at)
        for rung in ladder:
            moment = datetime.combine(due_on + timedelta(days=rung), MORNING, tzinfo=clock.SHANGHAI)
            if moment > after:
                found.append(moment)
                break
    for waiting in (
        Job.objects.filter(state=Job.State.QUEUED, not_before__gt=after),
        Message.objects.filter(state=Message.State.QUEUED, not_before__gt=after),
    ):
        found.extend(waiting.order_by("not_before").values_list("not_before", flat=True)[:1])
    return min(found) if found else None


def travel(start: datetime, until: datetime) -> Swept:
    """Lives through [start, until], sweeping at every moment on the way and at the end. Returns what was done."""
    total = settle(start)
    for moment in moments(start, until):
        total += settle(moment)
    return total + settle(until)
