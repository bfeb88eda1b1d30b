"""`./manage.py backup --to DIR`: database, then files; `--verify` restores it into a scratch database and looks."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backups import Faulty, checking, making
from notifications.sentlog import Unreadable


class Command(BaseCommand):
    help = "Makes a backup, checks one, throws old ones away. Secrets, sent-log and anchors are never in it."

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--to", type=Path, metavar="DIR", help="make a backup in this folder of backups")
        what.add_argument("--verify", type=Path, metavar="DIR", help="check a backup, or the newest of a folder")
        what.add_argument("--list", type=Path, metavar="DIR", help="what backups there are")
        parser.add_argument("--keep", type=int, metavar="N", help="with --to: leave only the newest N (2 or more)")
        parser.add_argument("--sample", type=int, default=checking.SAMPLE, help="with --verify: files to hash again")
        parser.add_argument("--all", action="store_true", help="with --verify: hash every file again")
        parser.add_argument("--scratch", default="", metavar="URL", help="with --verify: an empty PostgreSQL database")

    def handle(self, *args, **options):
        began = time.perf_counter()
        try:
            if options["to"]:
                self._make(options["to"], options["keep"])
            elif options["verify"]:
                self._verify(options)
            else:
                for backup in making.backups(options["list"]):
                    self.stdout.write(f"{backup.folder.name}  {_words(backup.manifest)}")
                return
        except (Faulty, Unreadable, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{time.perf_counter() - began:.1f} s")

    def _make(self, to, keep):
        if keep is not None and keep < making.FEWEST:
            raise Faulty(f"at least {making.FEWEST} backups are kept")
        backup, torn = making.make(to, timezone.now())
        self.stdout.write(
            f"{backup.folder}: {_words(backup.manifest)}, {backup.manifest['files']['copied']} of them new"
        )
        for words, why in making.NOT_INCLUDED.items():
            self.stdout.write(f"not in it: {words} ({why})")
        if keep is not None:
            gone, files = making.prune(to, keep)
            self.stdout.write(f"thrown away: {gone} backups, {files} files")
        if torn:
            raise Faulty(f"{len(torn)} stored files are not what their names say, such as {torn[0]}")

    def _verify(self, options):
        backup = making.one(options["verify"])
        done = checking.check(backup, sample=None if options["all"] else options["sample"], scratch=options["scratch"])
        for fault in done.faults:
            self.stdout.write(self.style.ERROR(fault))
        if done.faults:
            raise Faulty(f"{len(done.faults)} faults in {backup.folder}")
        self.stdout.write(
            f"{backup.folder}: {_words(backup.manifest)}, {done.hashed} hashed again, {done.rows} ledger rows verified"
        )
        if not done.outside:
            self.stdout.write(
                self.style.WARNING("no anchor file here: chains and heads were checked, the outside wall was not")
            )
        self.stdout.write(self.style.SUCCESS("can be restored"))


def _words(said):
    rows = sum(said["counts"].values())
    return f"{said['engine']}, {rows} rows in {len(said['counts'])} tables, {said['files']['count']} files"
