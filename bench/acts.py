"""How long a whole life takes through the door, and what each act costs: statements and milliseconds on SQLite."""

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    folder = tempfile.mkdtemp(prefix="pilotage-bench-")
    os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "PILOTAGE_VAR": folder, "PILOTAGE_WAKE_WORKER": "0",
                   "EMAIL_URL": "dummymail://", "DJANGO_SETTINGS_MODULE": "config.settings"}  # fmt: skip
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"], check=True)
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    import config.demo.walk as walking
    from config.demo.paths import PATHS
    from config.demo.world import first_place, ground
    from config.management.commands.play import START
    from pilots.models import Programme

    cast = ground(START)
    programme = Programme.objects.get(code="service_cluster_trial_zone")
    statements, seconds = defaultdict(list), defaultdict(list)
    real = walking.perform

    def measured(case, code, **more):
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            outcome = real(case, code, **more)
        seconds[code].append(time.perf_counter() - began)
        statements[code].append(len(captured))
        return outcome

    walking.perform = measured
    began = time.perf_counter()
    walk = walking.Walk(cast, programme, START)
    PATHS["happy"].live(walk, first_place(programme, cast))
    total = time.perf_counter() - began
    print(f"{'act':<24}{'times':>6}{'statements':>12}{'ms':>8}   (statements include the acts that follow)")
    for code in statements:
        print(f"{code:<24}{len(statements[code]):>6}{max(statements[code]):>12}{1000 * min(seconds[code]):>8.1f}")
    print(f"whole life, three years, two certificates: {total:.1f} s")


if __name__ == "__main__":
    main()
