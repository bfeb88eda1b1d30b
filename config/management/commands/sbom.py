"""`./manage.py sbom`: the bill of materials as CycloneDX JSON; `--release` also refuses packages below their floor."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import floors, sbom


class Command(BaseCommand):
    help = "Writes the bill of materials (CycloneDX 1.6) of the lock."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--lock", type=Path, default=sbom.LOCK)
        parser.add_argument("--out", type=Path, help="default: standard output")
        parser.add_argument(
            "--release",
            action="store_true",
            help="refuse what is below a floor, or floors nobody looked at for 30 days",
        )

    def handle(self, *args, lock, out, release, **options):
        text = json.dumps(sbom.bill(timezone.now(), lock), indent=1, ensure_ascii=False)
        if out:
            out.write_text(f"{text}\n", encoding="utf-8")
        else:
            self.stdout.write(text)
        if not release:
            return
        wrong = floors.below(lock)
        if words := floors.stale(timezone.localdate()):
            wrong.append(f"docs/security/floors.toml: {words}")
        if wrong:
            raise CommandError("; ".join(wrong))
