"""`./manage.py play PROGRAMME`: one case's whole life through the one door, in a throw-away database."""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from accounts import clock
from accounts.acts import acts_of
from accounts.roles import Role

# A Tuesday; far enough back that three years lie within the published calendars.
START = datetime(2017, 3, 7, 1, 0, tzinfo=UTC)


class Command(BaseCommand):
    help = "Walks one case of a programme through its whole life and prints the timeline."

    def add_arguments(self, parser):
        parser.add_argument("programme")
        parser.add_argument(
            "--path",
            default="happy",
            help="happy, return, late, withdraw, … (a wrong name lists those the rules know)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--here", action="store_true", help="use this database instead of a throw-away one")

    def handle(self, programme, *args, path, here, **options):
        from config.demo.paths import PATHS  # noqa: PLC0415 - models load with the command, not with its help

        if path not in PATHS:
            raise CommandError(f"no path {path}; there are: {', '.join(PATHS)}")
        if not here:
            self.elsewhere(programme, path, as_json=options["json"])
            return
        result = live(programme, path)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            show(result)
        if not result["reached"]:
            raise CommandError(
                f"the end is not the end of the path {path}: {result['final']}, expected {result['expected']}"
            )

    def elsewhere(self, programme, path, *, as_json):
        """Runs itself once more on a new SQLite file, so that nothing of this installation is touched."""
        with tempfile.TemporaryDirectory(prefix="pilotage-play-") as folder:
            environment = os.environ | {
                "DATABASE_URL": f"sqlite:///{Path(folder) / 'play.sqlite3'}",
                "FILES_DIR": str(Path(folder) / "files"),
                "PILOTAGE_SENT_LOG": str(Path(folder) / "sent.sqlite3"),
                "PILOTAGE_WAKE_WORKER": "0",
                "PILOTAGE_DEMO": "0",
                "EMAIL_URL": "dummymail://",
                "SECRET_KEY": settings.SECRET_KEY,
            }
            base = [sys.executable, str(settings.BASE_DIR / "manage.py")]
            subprocess.run([*base, "migrate", "--verbosity", "0"], env=environment, check=True)  # noqa: S603
            command = [*base, "play", programme, "--path", path, "--here", *(["--json"] if as_json else [])]
            done = subprocess.run(command, env=environment, check=False)  # noqa: S603
        if done.returncode:
            sys.exit(done.returncode)


def live(code, name):
    """Lives one path of one programme here and returns what `--json` prints."""
    from config.demo.paths import PATHS  # noqa: PLC0415 - models load with the command, not with its help
    from config.demo.walk import Walk  # noqa: PLC0415
    from config.demo.world import first_place, ground  # noqa: PLC0415
    from pilots.models import Programme  # noqa: PLC0415
    from workflows import ledger  # noqa: PLC0415
    from workflows.models import LedgerEntry  # noqa: PLC0415
    from workflows.timeline import travel  # noqa: PLC0415

    cast = ground(START)
    programme = Programme.objects.filter(code=code).first()
    if programme is None or programme.current is None:
        raise CommandError(f"no published programme {code}; there are: "
                           + ", ".join(Programme.objects.values_list("code", flat=True)))  # fmt: skip
    if not PATHS[name].possible(programme.current.rules):
        able = [path for path, way in PATHS.items() if way.possible(programme.current.rules)]
        raise CommandError(f"the rules of {code} do not know the path {name}; they know: {', '.join(able)}")
    began = time.perf_counter()
    first = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    walk = Walk(cast, programme, START)
    path = PATHS[name]
    path.live(walk, first_place(programme, cast))
    travel(walk.at, walk.at)
    application = walk.batch.applications.first()
    site = getattr(application, "designation", None)
    certificate = walk.certificate
    entries = list(LedgerEntry.objects.filter(pk__gt=first).order_by("pk"))
    cases = [walk.batch, application, *([site] if site else []), *(site.certificates.all() if site else [])]
    for case in cases:
        case.refresh_from_db()
    final = {
        "application": application.state,
        "designation": site.state if site else None,
        "certificate": certificate.state if certificate else None,
    }
    end = path.end(programme.current.rules)
    expected = {key: getattr(end, key) for key in final}
    return {
        "programme": code,
        "path": name,
        "final": final,
        "expected": expected,
        "reached": final == expected,
        "certificate_code": certificate.code if certificate else None,
        "acts": len(entries),
        "seconds": round(time.perf_counter() - began, 2),
        "ledger_ok": all(not ledger.verify(case) for case in cases),
        "events": [event(row) for row in entries],
    }


def event(row):
    """One ledger row with the deadline it opened and the messages it sent."""
    from django.apps import apps  # noqa: PLC0415

    from notifications.models import Deadline, Message  # noqa: PLC0415

    case = apps.get_model(row.case_model)._default_manager.get(uuid=row.case_uuid)
    opened = Deadline.objects.filter(subject_uuid=row.case_uuid, opened_at=row.at).order_by("due_at").first()
    told = Message.objects.filter(created_at=row.at, url=case.get_absolute_url()).order_by("pk")
    return {
        "at": row.at.astimezone(clock.SHANGHAI).isoformat(),
        "actor": row.actor_name,
        "role": row.role,
        "act": row.act,
        "done": str(acts_of(case)[row.act].done),
        "object": str(case),
        "from": row.from_state,
        "to": row.to_state,
        "deadline": {"label": opened.label, "due": opened.due_on.isoformat(), "provisional": opened.provisional}
        if opened
        else None,
        "messages": list(dict.fromkeys(told.values_list("subject", flat=True))),
    }


def show(result):
    """The timeline as a table for people."""
    table = Table(title=f"{result['programme']} · {result['path']}", expand=True)
    for heading in ("时间", "办理人", "办理", "对象", "状态", "期限"):
        table.add_column(heading, overflow="fold")
    for row in result["events"]:
        due = row["deadline"]
        table.add_row(
            row["at"][:16].replace("T", " "),
            f"{row['actor']}\n{Role(row['role']).label}",
            row["done"],
            row["object"],
            f"{row['from']} → {row['to']}" if row["from"] != row["to"] else row["to"],
            f"{due['label']} {due['due']}{'（暂定）' if due['provisional'] else ''}" if due else "",
        )
    console = Console()
    console.print(table)
    console.print(f"final {result['final']}  certificate {result['certificate_code']}  acts {result['acts']}  "
                  f"{result['seconds']} s  ledger {'ok' if result['ledger_ok'] else 'BROKEN'}")  # fmt: skip
