"""What pages say about the machine itself, in one statement: when it was last heard, whether it is held, whether the next
year's holidays are loaded."""

from datetime import datetime, timedelta

from django.db.models import Exists
from django.db.models.functions import Now
from django.utils import timezone

from accounts import clock, machine
from notifications import calendars, epoch
from notifications.models import Heartbeat, WorkCalendar

# When the newest anchor of the ledger was written outside the database (workflows.outside).
ANCHOR = "anchor"
# A scheduler that has been silent for longer is told to those who can do something about it (trust.md F10).
SILENCE = timedelta(minutes=10)


def beats(at: datetime) -> dict[str, Heartbeat]:
    """{name: row} of "sweep", `ANCHOR` and, while messages are held, `epoch.MARK`.

    Each row knows `year_loaded` (at `at`), `asked_at`, the instant of the question by the database's clock, and `ahead`, how
    far this machine's clock is from that.
    """
    table = WorkCalendar.objects.filter(year=calendars.year_wanted(clock.today(at)))
    rows = Heartbeat.objects.filter(name__in=["sweep", ANCHOR, epoch.MARK])
    asked = timezone.now()
    found = {row.name: row for row in rows.annotate(year_loaded=Exists(table), asked_at=Now())}
    heard = timezone.now()
    for row in found.values():
        row.ahead = machine.apart(asked, row.asked_at, heard)
    return found


def is_alive(row: Heartbeat | None) -> bool:
    """True when the scheduler was heard lately; `row` is of `beats`. The database's clock says what lately is."""
    return row is not None and row.asked_at - row.at < SILENCE
