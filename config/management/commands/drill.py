"""`./manage.py drill storm|crash|restore`: breaks something on purpose in an installation of its own and counts what is left."""

import tempfile
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from config.drills.crash import crash
from config.drills.house import House
from config.drills.restore import restore
from config.drills.storm import storm


class Command(BaseCommand):
    help = "Kills workers, or puts a backup back, in a throw-away installation; exit code 1 when anything is lost or done twice."

    def add_arguments(self, parser):
        kinds = parser.add_subparsers(dest="kind", required=True)
        one = kinds.add_parser("storm", help="random workers are killed")
        one.add_argument("--cases", type=int, default=1000)
        one.add_argument("--kills", type=int, default=10)
        one.add_argument("--workers", type=int, default=2)
        two = kinds.add_parser("crash", help="a worker ends itself at every named place")
        three = kinds.add_parser("restore", help="a backup is put back after people and mail went on")
        three.add_argument("--mails", type=int, default=500)
        for sub in (one, two, three):
            sub.add_argument("--db", default="", help="postgres://… of an empty database; default: SQLite in a folder")

    def handle(self, *args, kind, db, **options):
        with tempfile.TemporaryDirectory(prefix="pilotage-drill-") as folder:
            house = House(Path(folder), db or f"sqlite:///{folder}/drill.sqlite3")
            if kind == "storm":
                found = storm(house, cases=options["cases"], kills=options["kills"], workers=options["workers"])
            elif kind == "crash":
                found = crash(house)
            else:
                found = restore(house, mails=options["mails"])
        for name, number in found.items():
            if name != "faults":
                self.stdout.write(f"{name:<14}{number:>10}")
        if found["faults"]:
            raise CommandError("; ".join(found["faults"]))
        self.stdout.write(self.style.SUCCESS("nothing lost, nothing twice, nothing torn"))
