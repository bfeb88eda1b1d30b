"""A sender is killed thirty times while two thousand messages go out: all arrive, and a letter sent twice says it is one."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests.channels import smtp

ROOT = Path(settings.BASE_DIR)
MESSAGES, PEOPLE, KILLS = 2000, 400, 30

FILL = f"""
import django; django.setup()
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from accounts.models import User
from notifications import outbox
from tests.channels import VALUES
# The tables as they are now; living through every migration would take longer than the test.
settings.MIGRATION_MODULES = {{app.label: None for app in apps.get_app_configs()}}
call_command("migrate", run_syncdb=True, verbosity=0)
at = timezone.now()
people = User.objects.bulk_create([User(username=f"p{{n}}", name=f"p{{n}}", email=f"p{{n}}@example.invalid",
                                        telling={{"quiet": ["00:00", "00:00"]}}) for n in range({PEOPLE})])
for number in range({MESSAGES // PEOPLE}):
    outbox.put(outbox.write("overdue", f"m{{number}}", people, at, url=f"/m{{number}}/", **VALUES))
"""


@pytest.mark.timeout(240)
def test_nothing_is_lost_however_often_the_sender_is_killed(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PILOTAGE_", "DJANGO_"))} | {
        "PILOTAGE_VAR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'kill.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "CRITICAL",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", FILL], cwd=ROOT, env=environment, check=True)
    dice = random.Random(7)
    with smtp() as server, nursery(environment, server.port) as ask:
        for _number in range(KILLS):
            sender = ask("start")
            _wait_for_more(server, len(server.mails) + 1)
            time.sleep(dice.random() * 0.02)
            os.kill(sender, signal.SIGKILL)
            assert ask("wait") == signal.SIGKILL
            # A killed sender's lease lasts a minute; here it is over at once, as if the minute had passed.
            expire_leases(tmp_path / "kill.sqlite3")
        killed_at = len(server.mails)
        ask("start")
        assert ask("wait") == 0
        mails = list(server.mails)
    arrived = defaultdict(set)
    letters = defaultdict(set)
    for mail in mails:
        text = mail.get_content()
        for number in range(MESSAGES // PEOPLE):
            if f"/m{number}/" in text:
                arrived[mail["To"]].add(number)
                letters[mail["To"], number].add(mail["Message-ID"])
    assert len(arrived) == PEOPLE
    assert sum(map(len, arrived.values())) == MESSAGES, "a message was lost"
    assert {len(ids) for ids in letters.values()} == {1}, "a second arrival did not say it is the same letter"
    twice = sum(count - 1 for count in Counter(mail["Message-ID"] for mail in mails).values())
    assert twice <= KILLS, "at most the one letter that was in the air at each kill"
    assert killed_at > KILLS
    assert killed_at < PEOPLE, "the kills came while mail was going out"


@contextmanager
def nursery(environment, port):
    """Where senders come from; yields the function that asks it."""
    command = [sys.executable, "-m", "tests.notifications.sender", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as home:  # fmt: skip

        def ask(word):
            home.stdin.write(f"{word}\n")
            return int(home.stdout.readline())

        yield ask
        home.stdin.close()


def _wait_for_more(server, count):
    for _n in range(1000):
        if len(server.mails) >= count:
            return
        time.sleep(0.002)


def expire_leases(file):
    import sqlite3

    with sqlite3.connect(file, timeout=20) as database:
        database.execute("UPDATE notifications_message SET lease_until = created_at WHERE state = 'sending'")
    database.close()
