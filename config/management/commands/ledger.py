"""`./manage.py ledger`: anchor it, verify it, export the evidence of a case, print the roles of a production database."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import clock
from approvals.certificates.signing.base import SigningError
from workflows import anchoring, anchorlog, attacks, exporting, outside, roles, verifying
from workflows.anchorlog import Unwritable
from workflows.heads import case_models
from workflows.models import Anchor, LedgerEntry

# A line of progress for each so many rows.
_EVERY = 20_000
# What the scratch copy of the self-test is called by, so that its attacks never meet another database.
_SCRATCH = "PILOTAGE_LEDGER_SCRATCH"


def find(model: str, uuid: str):
    """The case of a model's name (`application`, or `pilots.application`) and a public id. Raises CommandError."""
    for one in case_models():
        if model.lower() in (one._meta.label_lower, one._meta.model_name):
            case = one._default_manager.filter(uuid=UUID(uuid)).first()
            if case is None:
                raise CommandError(f"no {one._meta.label_lower} {uuid}")
            return case
    raise CommandError(f"no cases called {model}; there are: {', '.join(m._meta.model_name for m in case_models())}")


class Command(BaseCommand):
    help = "Anchors, verifies and exports the ledger; prints the roles of a production database."

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="do", required=True)
        anchor = acts.add_parser("anchor", help="anchor now, and write outside what is not there yet")
        anchor.add_argument("--restored", metavar="REASON", default="",
                            help="after a restore: say in the file that the anchors this database lacks count no longer")  # fmt: skip
        verify = acts.add_parser("verify", help="check everything; exit code 1 naming every fault")
        verify.add_argument("--case", nargs=2, metavar=("MODEL", "UUID"), help="one case only")
        verify.add_argument("--self-test", action="store_true", help="play eleven attacks on a scratch copy")
        verify.add_argument("--quiet", action="store_true", help="no progress")
        export = acts.add_parser("export", help="write the evidence of a case (ZIP)")
        export.add_argument("model")
        export.add_argument("uuid")
        export.add_argument("--out", type=Path, required=True)
        grants = acts.add_parser("roles", help="print the SQL of the roles of a production database (PostgreSQL)")
        for name, default in roles.NAMES.items():
            grants.add_argument(f"--{name}", default=default)

    def handle(self, *args, **options):
        try:
            getattr(self, options["do"])(options)
        except (Unwritable, outside.Behind, SigningError, attacks.NoVictim) as error:
            raise CommandError(str(error)) from error

    def anchor(self, options):
        at = clock.now()
        if options["restored"]:
            line = outside.restored(options["restored"], at)
            self.stdout.write(
                f"the file goes back to anchor {line.said['number']}" if line else "nothing to go back from"
            )
        published = outside.anchor(at)
        for line in published.lines:
            said = line.said
            self.stdout.write(f"anchor {said['number']}: {said['rows']} rows, root {said['root']}")
        for fault in published.faults:
            self.stderr.write(self.style.WARNING(fault))
        if not published.lines:
            self.stdout.write("nothing to anchor")

    def verify(self, options):
        if options["self_test"]:
            self._self_test()
            return
        if options["case"]:
            case = find(*options["case"])
            faults = verifying.one(case._meta.label_lower, case.uuid)
            self._report(faults, f"{case}: {case.version} rows")
            return
        began, progress = time.perf_counter(), Progress(self.stderr, quiet=options["quiet"])
        self._report(verifying.everything(progress), lambda: f"{progress.rows} rows, {Anchor.objects.count()} anchors, "
                     f"{time.perf_counter() - began:.1f} s")  # fmt: skip
        for line in anchorlog.standing(settings.ANCHOR_LOG).restores:
            # No fault, but whoever checks must know: somebody said that anchors count no longer.
            self.stdout.write(
                self.style.WARNING(
                    f"{line.said['at'][:16]} went back to anchor {line.said['number']}: {line.said['reason']}"
                )
            )
        if not Anchor.objects.exists() and LedgerEntry.objects.exists():
            self.stdout.write(self.style.WARNING("nothing is anchored yet: ./manage.py ledger anchor"))

    def export(self, options):
        case = find(options["model"], options["uuid"])
        archive = exporting.export(case)
        options["out"].write_bytes(archive)
        self.stdout.write(f"{options['out']}: {len(archive)} bytes, {case.version} rows of {case}")

    def roles(self, options):
        for statement in roles.sql(options["owner"], options["app"], options["auditor"]):
            self.stdout.write(statement)

    def _report(self, faults, words):
        count = 0
        for fault in faults:
            count += 1
            self.stdout.write(self.style.ERROR(str(fault)))
        self.stdout.write(words() if callable(words) else words)
        if count:
            raise CommandError(f"{count} faults")
        self.stdout.write(self.style.SUCCESS("every wall holds"))

    # --- eleven attacks ------------------------------------------------------------------------------------------
    def _self_test(self):
        if os.environ.get(_SCRATCH) == str(settings.VAR_DIR):
            self._attacked()
            return
        with tempfile.TemporaryDirectory(prefix="pilotage-ledger-") as folder:
            keep = {key: value for key, value in os.environ.items() if not key.startswith(("PILOTAGE_", "DATABASE_"))}
            environment = keep | {
                "PILOTAGE_VAR": folder,
                "DATABASE_URL": f"sqlite:///{Path(folder) / 'scratch.sqlite3'}",
                "FILES_DIR": str(Path(folder) / "files"),
                "PILOTAGE_WAKE_WORKER": "0",
                "EMAIL_URL": "dummymail://",
                _SCRATCH: folder,
            }
            base = [sys.executable, str(settings.BASE_DIR / "manage.py")]
            for command in (["migrate", "--verbosity", "0"], ["ledger", "verify", "--self-test"]):
                done = subprocess.run([*base, *command], env=environment, check=False)  # noqa: S603
                if done.returncode:
                    raise CommandError("the self-test failed")

    def _attacked(self):
        played()
        clean = list(verifying.everything())
        self.stdout.write(f"control, {LedgerEntry.objects.count()} rows, {Anchor.objects.count()} anchors: "
                          f"{len(clean)} faults")  # fmt: skip
        seen = 0
        for tried in attacks.play():
            seen += bool(tried.faults)
            self.stdout.write(f"{'seen' if tried.faults else 'MISSED':<7} {tried.name:<50} {', '.join(tried.walls)}")
        after = list(verifying.everything())
        self.stdout.write(f"{seen} of {len(attacks.ATTACKS)} seen; control after them: {len(after)} faults")
        for fault in (*clean, *after):
            self.stderr.write(str(fault))
        if seen < len(attacks.ATTACKS) or clean or after:
            raise CommandError("the self-test failed")


def played():
    """A handful of cases in an empty scratch database, with an anchor in the midst of their lives and one at the end."""
    from config.demo.paths import PATHS  # noqa: PLC0415 - needed by the self-test only
    from config.demo.walk import Walk  # noqa: PLC0415
    from config.demo.world import first_place, ground  # noqa: PLC0415
    from config.management.commands.play import START  # noqa: PLC0415
    from pilots.models import Programme  # noqa: PLC0415

    cast = ground(START)
    for code, path in (("service_cluster_trial_zone", "happy"), ("service_cluster_trial_zone", "return")):
        programme = Programme.objects.get(code=code)
        walk = Walk(cast, programme, START, lively=False)
        PATHS[path].live(walk, first_place(programme, cast))
        anchoring.make_all(walk.at)
    outside.publish()


class Progress:
    """Counts rows and says so now and then, on standard error."""

    def __init__(self, out, *, quiet):
        self.rows, self._out, self._quiet, self._next = 0, out, quiet, _EVERY

    def __call__(self, rows):
        self.rows += rows
        if self.rows >= self._next:
            self._next = self.rows - self.rows % _EVERY + _EVERY
            if not self._quiet:
                self._out.write(f"{self.rows} rows of chains read")
