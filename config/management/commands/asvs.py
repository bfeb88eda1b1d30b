"""`./manage.py asvs`: writes docs/security/asvs.md from its source; `--check` fails when it is stale."""

from django.core.management.base import BaseCommand, CommandError

from config import asvs


class Command(BaseCommand):
    help = "Writes the page of answers to OWASP ASVS 5.0.0, level 2."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")

    def handle(self, *args, check, **options):
        page = asvs.page()
        if not check:
            asvs.PAGE.write_text(page, encoding="utf-8")
            self.stdout.write(f"{len(asvs.rows())} rows")
        elif not asvs.PAGE.exists() or asvs.PAGE.read_text(encoding="utf-8") != page:
            raise CommandError("docs/security/asvs.md is stale: run ./manage.py asvs")
