"""`./manage.py drill storm|crash`: breaks something on purpose in an installation of its own and counts what is left."""

import tempfile
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from config.drills.crash import crash
from config.drills.house import House
from config.drills.storm import storm


class Command(BaseCommand):
    help = (
        "Kills workers while certificates are issued, in a throw-away installation; exit code 1 when anything is lost."
    )

    def add_arguments(self, parser):
        kinds = parser.add_subparsers(dest="kind", required=True)
        one = kinds.add_parser("storm", help="random workers are killed")
        one.add_argument("--cases", type=int, default=1000)
        one.add_argument("--kills", type=int, default=10)
        one.add_argument("--workers", type=int, default=2)
        two = kinds.add_parser("crash", help="a worker ends itself at every named place")
        for sub in (one, two):
            sub.add_argument("--db", default="", help="postgres://… of an empty database; default: SQLite in a folder")

    def handle(self, *args, kind, db, **options):
        with tempfile.TemporaryDirectory(prefix="pilotage-drill-") as folder:
            house = House(Path(folder), db or f"sqlite:///{folder}/drill.sqlite3")
            if kind == "storm":
                found = storm(house, cases=options["cases"], kills=options["kills"], workers=options["workers"])
            else:
                found = crash(house)
        for name in ("certificates", "kills", "files", "left_overs", "seconds", "caught_up"):
            self.stdout.write(f"{name:<14}{found[name]:>10}")
        if found["faults"]:
            raise CommandError("; ".join(found["faults"]))
        self.stdout.write(self.style.SUCCESS("nothing lost, nothing twice, nothing torn"))
