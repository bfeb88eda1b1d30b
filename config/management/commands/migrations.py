"""`./manage.py migrations`: whether those newer than the last release only add; `--record` says that they are released,
`--dump` keeps what an installation of that release would hold."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import migrating, released
from config.backups.making import release


class Command(BaseCommand):
    help = "Refuses migrations that the release before could not go on with (expand, then contract)."

    def add_arguments(self, parser):
        parser.add_argument(
            "--record", action="store_true", help="everything there is belongs to a release from now on"
        )

        parser.add_argument(
            "--dump", default="", help="writes the demonstration's rows as the recorded release had them"
        )

    def handle(self, *args, record, dump="", **options):
        if dump:
            self._dump(Path(dump))
            return
        if record:
            migrating.record(release())
            self.stdout.write(f"{len(migrating.own())} migrations recorded as {release()}")
            return
        found = migrating.findings(release())
        for finding in found:
            self.stdout.write(self.style.ERROR(str(finding)))
        if found:
            raise CommandError(f"{len(found)} steps would turn the release before away")
        newer = len(set(migrating.own()) - set(migrating.baseline()["migrations"]))
        self.stdout.write(f"{newer} migrations newer than {migrating.baseline()['release']}: all of them only add")

    def _dump(self, file):
        if not settings.DEMO:
            raise CommandError("a dump is made of a demonstration (PILOTAGE_DEMO=1), whose people are invented")
        counts = released.dump(MigrationExecutor(connection), file)
        size = file.stat().st_size // 1024
        self.stdout.write(
            f"{sum(counts.values())} rows of {len(counts)} tables as of {migrating.baseline()['release']}, {size} kB"
        )
