"""`./manage.py doctor`: what is missing, in plain words. Exit code 1 when something is red."""

import shutil
import socket
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from rich.console import Console

GREEN, YELLOW, RED = "green", "yellow", "red"
ROOM = 500 * 1024 * 1024


def database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return GREEN, f"{connection.vendor} answers"


def migrations():
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return (RED, f"{len(waiting)} not applied; run ./manage.py migrate") if waiting else (GREEN, "all applied")


def broker():
    url = settings.CELERY_BROKER_URL
    if url.startswith("filesystem"):
        return GREEN, "embedded (files)"
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port or 5672), timeout=3):
        return GREEN, f"{parts.scheme} at {parts.hostname} answers"


def beat():
    from notifications.beats import beats, is_alive  # noqa: PLC0415 - the table may not exist yet

    row = beats(timezone.now()).get("sweep")
    if row is None:
        return YELLOW, "never heard; start the worker with beat"
    silent = row.asked_at - row.at
    if not is_alive(row):
        return RED, f"silent since {row.at:%Y-%m-%d %H:%M}; deadlines and reminders are waiting"
    return GREEN, f"heard {int(silent.total_seconds())} s ago"


def fonts():
    from approvals.certificates.render import designs  # noqa: PLC0415

    folder = Path(settings.BASE_DIR) / "approvals" / "certificates" / "fonts"
    found = sorted(path.name for path in folder.glob("*.[ot]tf"))
    return (
        (GREEN, f"{', '.join(found)}; designs: {', '.join(designs())}")
        if found
        else (RED, f"no font files in {folder}")
    )


def pdf():
    from approvals.certificates import engine  # noqa: F401, PLC0415 - importing it needs pango

    return GREEN, "pango found"


def signatures():
    from approvals import sealing  # noqa: PLC0415 - it needs models

    found = sealing.about()
    words = f"{found.kind}: {found.name}, certificate until {found.until:%Y-%m-%d}"
    left = found.until - timezone.now()
    if left < timedelta(0):
        return RED, f"{words}: expired"
    if left < timedelta(days=60):
        return YELLOW, f"{words}: {left.days} days left"
    if found.demo and not settings.DEMO:
        return YELLOW, f"{words}; specimens only, name a signer of your own (docs/signatures.md)"
    return GREEN, words


def calendar():
    from notifications import calendars  # noqa: PLC0415

    years = sorted(calendars.current().years)
    if not years:
        return RED, "no working days; run ./manage.py load_calendar"
    wanted = calendars.year_wanted(timezone.localdate())
    if wanted not in years:
        return YELLOW, (
            f"{years[0]} to {years[-1]}; {wanted} is provisional until its table is loaded: /calendar/years/load/ or "
            "./manage.py load_calendar --file"
        )
    return GREEN, f"{years[0]} to {years[-1]}"


def mail():
    if settings.EMAIL_BACKEND.endswith("DemoMailbox"):
        return GREEN, "demo mailbox"
    if "smtp" not in settings.EMAIL_BACKEND:
        return YELLOW, f"{settings.EMAIL_BACKEND}: nothing will be sent"
    with socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=3):
        return GREEN, f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} answers"


def outgoing():
    from django.utils import translation  # noqa: PLC0415

    from notifications import epoch  # noqa: PLC0415 - the tables may not exist yet

    why = epoch.held(timezone.now())
    with translation.override("en"):
        return (RED, f"held: {epoch.WORDS[why]} See /ops/outgoing/") if why else (GREEN, f"open; {settings.SENT_LOG}")


def anchors():
    from accounts import clock  # noqa: PLC0415
    from notifications.beats import ANCHOR  # noqa: PLC0415
    from notifications.models import Heartbeat  # noqa: PLC0415 - the table may not exist yet
    from workflows import anchorlog, outside  # noqa: PLC0415
    from workflows.models import LedgerEntry  # noqa: PLC0415

    row = Heartbeat.objects.filter(name=ANCHOR).first()
    line = anchorlog.last_line(settings.ANCHOR_LOG)
    if line is None:
        if row is not None:
            return RED, f"{settings.ANCHOR_LOG} has no anchors, and there were some"
        words = f"none yet; the worker makes them, or ./manage.py ledger anchor; {settings.ANCHOR_LOG}"
        return (YELLOW, words) if LedgerEntry.objects.exists() else (GREEN, f"nothing to anchor; {settings.ANCHOR_LOG}")
    words = f"number {line.said['number']} of {line.said['at'][:16]}; {settings.ANCHOR_LOG}"
    if outside.stale(row, clock.now()):
        return RED, f"older than 26 h: {words} {row.note}".rstrip()
    return (YELLOW, f"{words}: {row.note}") if row is not None and row.note else (GREEN, words)


def scanner():
    from pilots import scanning  # noqa: PLC0415 - it needs settings

    if not settings.CLAMD:
        return GREEN, "none named; files are checked by the rules of our own (PILOTAGE_CLAMD)"
    if scanning.answers():
        return GREEN, f"{settings.CLAMD} answers"
    return RED, f"{settings.CLAMD} does not answer; no file is taken in until it does"


def second_wall():
    from accounts import wall  # noqa: PLC0415 - it needs settings
    from workflows import walling  # noqa: PLC0415

    if not settings.ROW_WALL:
        if walling.stands():
            return RED, "stands in the database, and PILOTAGE_ROW_WALL is off: nobody would see anything"
        return GREEN, "not asked for (PILOTAGE_ROW_WALL)"
    if not wall.is_up():
        return RED, "PILOTAGE_ROW_WALL needs PostgreSQL"
    if found := walling.objections():
        return RED, f"{'; '.join(found)}; ./manage.py wall sql"
    return GREEN, "holds"


def administrators():
    from accounts import clock, granting  # noqa: PLC0415 - the tables may not exist yet
    from accounts.models import Grant  # noqa: PLC0415
    from accounts.roles import HOUSE  # noqa: PLC0415

    at = clock.now()
    if found := granting.violations(at):
        return RED, f"against the separation: {'; '.join(map(str, found))}; see ./manage.py account check"
    there = set(
        Grant.objects.in_force(at).filter(role__in=[str(role) for role in HOUSE]).values_list("role", flat=True)
    )
    if missing := sorted(role.value for role in HOUSE if role not in there):
        return YELLOW, f"no {' and no '.join(missing)}; ./manage.py account first-admin (docs/operate.md, People)"
    return GREEN, "apart from each other and from business"


def disk():
    free = shutil.disk_usage(settings.VAR_DIR).free
    return (GREEN if free > ROOM else RED), f"{free // 2**20} MB free at {settings.VAR_DIR}"


def time_zone():
    right = settings.USE_TZ and settings.TIME_ZONE == "Asia/Shanghai"
    return (
        (GREEN, "Asia/Shanghai decides days")
        if right
        else (RED, f"TIME_ZONE is {settings.TIME_ZONE}, not Asia/Shanghai")
    )


def machine_clock():
    from accounts import machine  # noqa: PLC0415 - it needs the database

    if connection.vendor != "postgresql":
        return GREEN, "the database is a file of this machine: there is one clock"
    ahead = machine.skew()
    words = f"{ahead.total_seconds():+.1f} s from the database's"
    return (RED, machine.fault(ahead)) if machine.fault(ahead) else (GREEN, words)


def secret_key():
    if len(settings.SECRET_KEY) < 50:
        return RED, "too short; set SECRET_KEY or SECRET_KEY_FILE to 50 characters or more"
    return GREEN, "set"


def packages():
    from config import floors  # noqa: PLC0415

    if found := floors.below():
        return RED, "; ".join(found)
    if words := floors.stale(timezone.localdate()):
        return YELLOW, f"none below its floor, but {words} (docs/security/floors.toml)"
    return GREEN, "none below its floor"


def browser():
    found = shutil.which("chromium")
    return (GREEN, found) if found else (YELLOW, "no chromium: browser tests and `make shots` cannot run")


CHECKS = {
    "database": database, "migrations": migrations, "broker": broker, "scheduler": beat, "certificate fonts": fonts,
    "PDF library": pdf, "signatures": signatures, "working days": calendar, "mail": mail, "outgoing messages": outgoing, "ledger anchors": anchors, "administrators": administrators, "virus scanner": scanner, "second wall": second_wall, "disk": disk, "time zone": time_zone, "clock": machine_clock,
    "secret key": secret_key, "packages": packages, "browser": browser,
}  # fmt: skip
MARKS = {GREEN: "ok ", YELLOW: "-- ", RED: "NO "}


class Command(BaseCommand):
    help = "Tells what is missing, in plain words."

    def handle(self, *args, **options):
        console = Console(highlight=False)
        red = 0
        for name, look in CHECKS.items():
            try:
                colour, words = look()
            except Exception as error:
                colour, words = RED, f"{type(error).__name__}: {error}"
            red += colour == RED
            console.print(f"[{colour}]{MARKS[colour]}[/] {name:<18} {words}", soft_wrap=True, markup=True)
        if red:
            raise CommandError(f"{red} of {len(CHECKS)} are red")
