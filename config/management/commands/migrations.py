"""`./manage.py migrations`: whether those newer than the last release only add; `--record` says that they are released."""

from django.core.management.base import BaseCommand, CommandError

from config import migrating
from config.backups.making import release


class Command(BaseCommand):
    help = "Refuses migrations that the release before could not go on with (expand, then contract)."

    def add_arguments(self, parser):
        parser.add_argument(
            "--record", action="store_true", help="everything there is belongs to a release from now on"
        )

    def handle(self, *args, record, **options):
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
