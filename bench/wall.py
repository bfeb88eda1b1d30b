"""What the second wall costs: pages and an act on PostgreSQL with and without it, the same database, taken in turns."""

import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = int(os.environ.get("ROUNDS", "40"))
PAGES = ("desk", "applications", "inbox", "case", "scores")


def main():
    sys.path.insert(0, str(ROOT))
    from config import postgres

    folder = tempfile.mkdtemp(prefix="pilotage-bench-")
    with postgres.server() as top, postgres.plain_role(top) as plain:
        import psycopg

        name = plain.partition("://")[2].partition(":")[0]
        with psycopg.connect(top.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
            server.execute(f'CREATE DATABASE bench_wall OWNER "{name}"')
        base = plain.split("?")
        base[0] = base[0].rpartition("/")[0] + "/bench_wall"
        url = "?".join(base)
        env = os.environ | {
            "DATABASE_URL": url, "PILOTAGE_VAR": folder, "PILOTAGE_WAKE_WORKER": "0", "EMAIL_URL": "dummymail://",
            "DJANGO_SETTINGS_MODULE": "config.settings", "PILOTAGE_DEMO": "1", "LOG_LEVEL": "CRITICAL",
            "PILOTAGE_PLAIN_STATIC": "1", "SECRET_KEY": secrets.token_hex(40),
        }  # fmt: skip
        for words in (["migrate", "--verbosity", "0"], ["seed_demo"]):
            subprocess.run(
                [sys.executable, "manage.py", *words], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL
            )
        said = subprocess.run([sys.executable, "manage.py", "wall", "sql"], cwd=ROOT, env=env, check=True,
                              stdout=subprocess.PIPE, text=True).stdout  # fmt: skip
        # Taken in turns, so that a noisy minute falls on both; without the setting a wall that stands shows nothing.
        down = subprocess.run([sys.executable, "manage.py", "wall", "down"], cwd=ROOT, env=env, check=True,
                              stdout=subprocess.PIPE, text=True).stdout  # fmt: skip
        taken = {"without": [], "with": []}
        for _turn in range(2):
            for word, statements, on in (("without", down, "0"), ("with", said, "1")):
                with psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
                    for statement in statements.split(";\n"):
                        server.execute(statement)
                found = subprocess.run([sys.executable, "-m", "bench.wall", "measure"], cwd=ROOT, check=True, text=True,
                                       env=env | {"PILOTAGE_ROW_WALL": on}, stdout=subprocess.PIPE).stdout  # fmt: skip
                taken[word].append(json.loads(found))
        for page in PAGES:
            low = {word: min(one[page] for one in rows) for word, rows in taken.items()}
            print(f"{page:<14} {low['without']:>7.1f} ms {low['with']:>7.1f} ms   × {low['with'] / low['without']:.2f}")


def measure():
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from accounts.roles import Role
    from pilots.models import Application

    settings.ALLOWED_HOSTS = ["testserver"]
    officer = User.objects.filter(grants__role=Role.PROGRAMME_OFFICER, grants__programme="").first()
    case = Application.objects.filter(reviews__state="submitted").order_by("pk").first()
    client = Client()
    client.force_login(officer, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = {
        "desk": reverse("desk"), "applications": reverse("applications"), "inbox": reverse("inbox"),
        "case": case.get_absolute_url(), "scores": f"{case.get_absolute_url()}?tab=scores",
    }  # fmt: skip
    found = {}
    for page in PAGES:
        times = []
        for _round in range(ROUNDS + 3):
            began = time.perf_counter()
            answer = client.get(address[page])
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, (page, answer.status_code)
        found[page] = statistics.median(times[3:])
    print(json.dumps(found))


if __name__ == "__main__":
    measure() if "measure" in sys.argv else main()
