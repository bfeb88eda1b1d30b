"""A year of deadlines and reminders, played on a machine in some zone: `python -m tests.notifications.year ZONE [planted]` prints JSON.

The year has a 29 February and a 31 December, and both days on which New York changes its clocks. In an installation of its own;
what is told is every date and every instant there is afterwards, named by case and kind, since keys differ from run to run.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# 7 November 2019, 02:30 in Shanghai, and still the day before in all zones west of it.
START = datetime(2019, 11, 6, 18, 30, tzinfo=UTC)
YEAR = timedelta(days=366)


def main(zone, *words):
    import django

    django.setup()
    # Django has set the zone of the process by its settings; a machine that is set up otherwise must make no difference.
    os.environ["TZ"] = zone
    time.tzset()
    from config.demo.paths import PATHS
    from config.drills.filling import migrated
    from pilots.models import Designation
    from tests.world import TRIAL, build_world
    from workflows.timeline import travel

    if "planted" in words:
        own_zone(zone)
    migrated()
    world = build_world(START)
    # A site in its years, whose dates are counted from a document; then everybody stops working.
    walk = world.walk()
    PATHS["return"].live(walk, world.place("徐汇区"))
    walk.enter(Designation.objects.get())
    late = world.walk(TRIAL, walk.at)
    for place, state in (("江宁区", "draft"), ("广州开发区", "province_review"), ("武汉市", "formality_check")):
        world.application(place=place, to=state, walk=late)
    here = late.at
    travel(here, here + YEAR)
    sys.stdout.write(
        json.dumps(everything() | {"here": time.strftime("%Z", time.localtime(here.timestamp()))}, default=str)
    )


def own_zone(zone):
    """The planted positive: rungs speak at midnight of the machine."""
    from notifications import rungs

    rungs.SHANGHAI = ZoneInfo(zone)


def everything():
    """{what: [rows of dates and instants]}, each in one order."""
    from notifications.models import Deadline, Message, Reminder
    from pilots.models import Designation
    from workflows.models import LedgerEntry

    rows = {
        "deadlines": Deadline.objects.values_list(
            "subject_label", "code", "starts_on", "due_on", "due_at", "acts_at", "due_version", "opened_at", "closed_at"
        ),
        "reminders": Reminder.objects.values_list(
            "deadline__subject_label", "deadline__code", "due_version", "rung", "speaks_at", "state", "at"
        ),
        "messages": Message.objects.values_list(
            "user__username", "kind", "channel", "subject", "created_at", "not_before", "sent_at", "digest", "state"
        ),
        "terms": Designation.objects.values_list("state", "term_start", "term_end", "valid_until", "ended_on"),
        "acts": LedgerEntry.objects.values_list("case_model", "act", "at", "seq"),
    }
    return {name: sorted([str(value) for value in row] for row in found.order_by("pk")) for name, found in rows.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
