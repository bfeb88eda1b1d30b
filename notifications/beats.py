"""What pages say about the machine itself, in one statement: when it was last heard, whether it is held, whether the next
year's holidays are loaded."""

from datetime import datetime

from django.db.models import Exists

from accounts import clock
from notifications import calendars, epoch
from notifications.models import Heartbeat, WorkCalendar

# When the newest anchor of the ledger was written outside the database (workflows.outside).
ANCHOR = "anchor"


def beats(at: datetime) -> dict[str, Heartbeat]:
    """{name: row} of "sweep", `ANCHOR` and, while messages are held, `epoch.MARK`; each knows `year_loaded` (at `at`)."""
    table = WorkCalendar.objects.filter(year=calendars.year_wanted(clock.today(at)))
    rows = Heartbeat.objects.filter(name__in=["sweep", ANCHOR, epoch.MARK]).annotate(year_loaded=Exists(table))
    return {row.name: row for row in rows}
