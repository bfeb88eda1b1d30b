"""`./manage.py seed_demo`: fills an empty demonstration database. Only in demo mode."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.seed import seed


class Command(BaseCommand):
    help = "Seeds the demonstration; an existing one is left alone."

    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError("the demonstration is seeded only with PILOTAGE_DEMO=1")
        seed(lambda line: self.stdout.write(f"demo: {line}"))
