"""`./manage.py drill KIND`: breaks something on purpose in an installation of its own and counts what is left."""

import tempfile
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from config.drills.broker import broker
from config.drills.crash import crash
from config.drills.diskfull import diskfull
from config.drills.hang import hang
from config.drills.house import House
from config.drills.mail import mail
from config.drills.nobeat import nobeat
from config.drills.pgcrash import pgcrash
from config.drills.restore import restore
from config.drills.storm import storm

# kind: (function, what it does, {option: (default, what it means)})
DRILLS = {
    "storm": (storm, "random workers are killed", {"cases": 1000, "kills": 10, "workers": 2}),
    "crash": (crash, "a worker ends itself at every named place", {}),
    "hang": (
        hang,
        "workers are stopped while they make a certificate, and go on when others have made it",
        {"cases": 600, "stops": 3},
    ),
    "broker": (broker, "the broker forgets every message it holds", {"cases": 2000, "flushes": 5}),
    "mail": (mail, "the mail server is gone for some hours", {"cases": 20, "hours": 72}),
    "diskfull": (
        diskfull,
        "the volume of the files fills up; needs the right to mount",
        {"cases": 100, "refusals": 20},
    ),
    "nobeat": (nobeat, "the scheduler is dead", {"cases": 5}),
    "restore": (restore, "a backup is put back after people and mail went on", {"mails": 500}),
    "pgcrash": (pgcrash, "PostgreSQL crashes; needs --db of a server on this machine", {"cases": 3000, "times": 6}),
}


class Command(BaseCommand):
    help = "Breaks something on purpose, in a throw-away installation; exit code 1 when anything is lost."

    def add_arguments(self, parser):
        kinds = parser.add_subparsers(dest="kind", required=True)
        for name, (_drill, words, options) in DRILLS.items():
            sub = kinds.add_parser(name, help=words)
            sub.add_argument("--db", default="", help="postgres://… of an empty database; default: SQLite in a folder")
            for option, default in options.items():
                sub.add_argument(f"--{option}", type=int, default=default)

    def handle(self, *args, kind, db, **options):
        drill, _words, names = DRILLS[kind]
        with tempfile.TemporaryDirectory(prefix="pilotage-drill-") as folder:
            house = House(Path(folder), db or f"sqlite:///{folder}/drill.sqlite3")
            try:
                found = drill(house, **{name: options[name] for name in names})
            except ValueError as error:
                raise CommandError(str(error)) from error
        for name, number in found.items():
            if name != "faults":
                self.stdout.write(f"{name:<14}{number:>10}")
        if found["faults"]:
            raise CommandError("; ".join(found["faults"]))
        self.stdout.write(self.style.SUCCESS("nothing lost, nothing twice, nothing torn"))
