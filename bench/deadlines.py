"""The sweep over many open deadlines, on PostgreSQL: what is due is found and marked; a sweep that has nothing to do.

`OPEN=1000000 DUE=10000 python -m bench.deadlines`. The ratio says whether cost follows what is due or what is open.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
OPEN, FEW, DUE = int(os.environ.get("OPEN", "1000000")), 10_000, int(os.environ.get("DUE", "10000"))
AT = datetime(2026, 3, 3, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

# Rungs of a deadline that is due on `due_on`: six before and at the day, six reports after it.
RUNGS = [-90, -30, -7, -1, 0, 1, 3, 8, 15, 22, 29, 36]

FILL = """
insert into notifications_deadline (uuid, subject_model, subject_uuid, subject_label, subject_url, code, label, label_en,
  role, place_path, organisation_id, programme, due_on, due_at, due_version, starts_on, period, basis, provisional,
  calendar_version, ladder, then_act, opened_at, stuck_reason, stops)
select gen_random_uuid(), 'pilots.application', gen_random_uuid(), '第' || n || '件', '/x/', 'bench', '初审', 'Check',
  'province_officer', %(place)s, null, '', day, day + interval '16 hours', 1, day - 30, '{}', '', false, '',
  '[-90,-30,-7,-1,0,1]', '', %(opened)s, '', '[]'
from (select n, (%(today)s::date + 60 + (n %% 900)::int) as day from generate_series(1, %(open)s) n) as rows
"""
LADDERS = """
insert into notifications_reminder (deadline_id, due_version, rung, speaks_at, state)
select d.id, 1, r.rung::text, (d.due_on + r.rung)::timestamp - interval '8 hours', 'waiting'
from notifications_deadline d cross join unnest(%(rungs)s::int[]) r(rung)
where d.due_on + r.rung > %(today)s
"""


def main():
    from config import postgres

    with postgres.server() as address:
        folder = tempfile.mkdtemp(prefix="pilotage-bench-")
        os.environ |= {"DATABASE_URL": address, "PILOTAGE_VAR": folder, "PILOTAGE_WAKE_WORKER": "0", "CI": "1",
                       "EMAIL_URL": "dummymail://", "DJANGO_SETTINGS_MODULE": "config.settings"}  # fmt: skip
        subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"], check=True)
        import django

        django.setup()
        few, many = measure(FEW), measure(OPEN)
    sys.stdout.write(f"\n{'':<44}{FEW:>12,} open{OPEN:>12,} open   target\n")
    for name, target in (
        ("reach: find and mark what is due, s", f"<= 1 s for {DUE:,} due"),
        ("... per row in Python (ORM), s", "side by side"),
        ("speak: write the messages, s", ""),
        ("idle sweep, ms (median of 50)", "<= 5 ms"),
    ):
        sys.stdout.write(f"{name:<44}{few[name]:>17.3f}{many[name]:>17.3f}   {target}\n")
    name = "reach: find and mark what is due, s"
    sys.stdout.write(f"ratio of reach, many to few: {many[name] / few[name]:.2f}   target <= 1.5\n")


def measure(number):
    """Figures at `number` open deadlines of which `DUE` come to a rung at `AT`."""
    from django.db import connection, transaction

    from accounts.models import Grant, Place, User
    from notifications import ladder
    from notifications.models import Deadline, Message, Reminder
    from workflows.sweep import sweep

    for model in (Message, Reminder, Deadline, Grant, Place, User):
        model.objects.all().delete() if model in (Grant, Place, User) else _truncate(model)
    place = Place.objects.create(name="测试省", short_name="测试", kind="province", code="990000")
    for n in range(2):
        user = User.objects.create(username=f"u{n}", name=f"人员{n}", email=f"u{n}@example.invalid")
        Grant.objects.create(user=user, role="province_officer", place=place, valid_from=AT - timedelta(days=1))
    given = {"place": place.path, "today": AT.date(), "open": number, "opened": AT - timedelta(days=30), "rungs": RUNGS}
    with connection.cursor() as cursor:
        cursor.execute(FILL, given)
        cursor.execute(LADDERS, given)
        # The first of them have a rung today.
        cursor.execute(
            "update notifications_reminder set speaks_at = %s where id in (select min(id) from notifications_reminder"
            " where deadline_id in (select id from notifications_deadline order by id limit %s) group by deadline_id)",
            [AT - timedelta(hours=1), DUE],
        )
        cursor.execute("vacuum analyze notifications_reminder, notifications_deadline")
    found = {}
    with transaction.atomic():
        began = time.perf_counter()
        in_python(AT)
        found["... per row in Python (ORM), s"] = time.perf_counter() - began
        transaction.set_rollback(True)
    began = time.perf_counter()
    owed = ladder.reach(AT)
    found["reach: find and mark what is due, s"] = time.perf_counter() - began
    assert owed == min(DUE, number), owed
    began = time.perf_counter()
    spoken = ladder.climb(AT, limit=DUE)
    found["speak: write the messages, s"] = time.perf_counter() - began
    assert spoken == owed
    _truncate(Message)
    with connection.cursor() as cursor:
        # As autovacuum does within minutes: ten thousand rungs have just changed their state.
        cursor.execute("vacuum analyze notifications_reminder, notifications_deadline, notifications_message")
    sweep(AT)
    idle = []
    for _n in range(50):
        began = time.perf_counter()
        sweep(AT)
        idle.append(time.perf_counter() - began)
    found["idle sweep, ms (median of 50)"] = median(idle) * 1000
    return found


def in_python(at):
    """The same work as objects, one by one: what `reach` spares."""
    from notifications.models import Reminder

    rows = list(Reminder.objects.reached(at).select_related("deadline"))
    newest = {row.deadline_id: row for row in sorted(rows, key=lambda row: (row.speaks_at, row.pk))}
    for row in rows:
        row.state = "owed" if newest[row.deadline_id] is row else "superseded"
    Reminder.objects.bulk_update(rows, ["state"], batch_size=1000)


def _truncate(model):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"truncate {model._meta.db_table} cascade")


if __name__ == "__main__":
    main()
