"""`./manage.py restore DIR`: a backup into an empty database. Nothing is sent until somebody has looked."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config.backups import Faulty, making, restoring
from notifications.sentlog import Unreadable

NEXT = (
    "What to do next (docs/operate.md, After a restore):",
    "  1. ./manage.py migrate                       when the backup is of an older release",
    "  2. ./manage.py ledger roles | psql           on PostgreSQL: rights are not in a backup",
    '  3. ./manage.py ledger anchor --restored "…"  says in the anchor file that this restore was meant, and why',
    "  4. ./manage.py ledger verify && ./manage.py doctor",
    "  5. start web, worker and beat; messages stay held until an officer releases them at /ops/outgoing/",
)


class Command(BaseCommand):
    help = "Puts a backup into an empty database and its files beside it; outgoing messages are held."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="a backup, or a folder of backups (its newest)")

    def handle(self, *args, folder, **options):
        try:
            backup = making.one(folder)
            done = restoring.restore(backup, timezone.now())
        except (Faulty, Unreadable, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{backup.folder}: database of {backup.manifest['made_at'][:19]}, {done.files} files put back"
        )
        self.stdout.write(
            "the sent-log bears a new mark: everything outgoing is held"
            if done.marked
            else "there is no sent-log here: a database that has sent before is held until somebody has looked"
        )
        for line in (*self._waiting(), *NEXT):
            self.stdout.write(line)
        for fault in done.faults:
            self.stdout.write(self.style.ERROR(fault))
        if done.faults:
            raise CommandError(f"{len(done.faults)} files could not be put back")

    def _waiting(self):
        from django.db import connection  # noqa: PLC0415 - opened anew: the file under it was replaced

        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return [f"{len(waiting)} migrations are waiting"] if waiting else []
