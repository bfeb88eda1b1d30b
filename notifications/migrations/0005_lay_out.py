"""The rungs of duties that are open today. On its own: PostgreSQL alters no table that has rows waiting for a check."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F

from notifications.rungs import plan
from notifications.workdays.seed import calendar_of


def _lay_out(apps, schema_editor):
    """Open duties get the rungs that are still to come; those spoken long ago keep the day they spoke."""
    Deadline, Reminder = apps.get_model("notifications", "Deadline"), apps.get_model("notifications", "Reminder")
    WorkCalendar = apps.get_model("notifications", "WorkCalendar")
    Deadline.objects.exclude(then_act="").update(acts_at=F("due_at"))
    Reminder.objects.update(speaks_at=F("at"))
    rows = list(WorkCalendar.objects.values_list("date", "kind", "name", "year"))
    calendar = calendar_of([row[:3] for row in rows], {row[3] for row in rows}, "migration")
    made = []
    for row in Deadline.objects.filter(closed_at__isnull=True).exclude(ladder=[]).iterator():
        said = list(Reminder.objects.filter(deadline=row, due_version=row.due_version).values_list("at", flat=True))
        since = max([row.opened_at, *(at + timedelta(days=1) for at in said)])
        made += [
            Reminder(deadline=row, due_version=row.due_version, rung=rung, speaks_at=speaks_at)
            for rung, speaks_at in plan(row.due_on, row.ladder, calendar, since)
        ]
    Reminder.objects.bulk_create(made, ignore_conflicts=True, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_rungs")]

    operations = [migrations.RunPython(_lay_out, migrations.RunPython.noop)]
