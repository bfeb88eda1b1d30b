"""A request of many certificates from approval to files: jobs in several worker processes, rows, signatures and all.

`python -m bench.issuing` prints seconds, certificates a second, sizes and the memory of the workers. NUMBER and WORKERS are
taken from the environment (10,000 and 2); DATABASE_URL, when it names PostgreSQL, is used instead of SQLite in a folder.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NUMBER = int(os.environ.get("NUMBER", "10000"))
WORKERS = int(os.environ.get("WORKERS", "2"))


def settings(folder):
    """The environment of an installation of its own."""
    url = os.environ.get("DATABASE_URL", "")
    return {
        "DATABASE_URL": url if url.startswith("postgres") else f"sqlite:///{folder}/bench.sqlite3", "PILOTAGE_VAR": str(folder),
        "PILOTAGE_WAKE_WORKER": "0", "EMAIL_URL": "dummymail://", "DJANGO_SETTINGS_MODULE": "config.settings",
        "PILOTAGE_PLAIN_STATIC": "1", "LOG_LEVEL": "ERROR",
    }  # fmt: skip


# As `celery worker` does: one process loads everything, its children work and share what was loaded. Memory is each
# child's own, and its share of what is common (proportional set size), at the end of its work.
WORK = """
import os, sys, django; django.setup()
from django.db import connection
from django.utils import timezone
from config.celery import load
from notifications import jobs
load()
connection.close()
for _n in range(int(sys.argv[1])):
    if not os.fork():
        while jobs.work(timezone.now()): pass
        for line in open('/proc/self/smaps_rollup'):
            if line.startswith('Pss:'): os.write(1, f'{int(line.split()[1]) // 1024} '.encode())
        os._exit(0)
while True:
    try: os.wait()
    except ChildProcessError: break
"""


def main():
    folder = tempfile.mkdtemp(prefix="pilotage-bench-")
    os.environ |= settings(folder)
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"], check=True)
    import django

    django.setup()
    from config.drills.filling import fill
    from workflows import perform

    walk, request = fill(NUMBER)
    began = time.perf_counter()
    perform(request, "approve", by=walk.cast["head"], at=walk.at)
    print(f"{'approval':<40}{time.perf_counter() - began:>8.1f} s")
    from django.db import connection

    connection.close()
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", WORK, str(WORKERS)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    memory = [int(word) for word in done.stdout.split()]
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    issued = request.certificates.filter(state="issued")
    sizes = sorted(issued.values_list("size", flat=True))
    print(f"{'all files and rows by jobs':<40}{seconds:>8.1f} s   {len(sizes) / seconds:.0f}/s with {WORKERS} workers")
    print(f"{'processor time of one, all told':<40}{1000 * spent / max(len(sizes), 1):>8.1f} ms")
    print(f"{'issued':<40}{len(sizes):>8} of {NUMBER}")
    print(f"{'size of a file, middle and largest':<40}{sizes[len(sizes) // 2] // 1024:>8} kB {sizes[-1] // 1024} kB")
    print(f"{'memory of a worker, its share':<40}{max(memory):>8} MB")
    for label, target, found in (
        ("10,000 in 2 minutes", 10_000 / 120, len(sizes) / seconds),
        ("150 MB a worker", 150, max(memory)),
        ("200 kB a file", 200, sizes[-1] // 1024),
    ):
        met = found >= target if "minutes" in label else found <= target
        print(f"{'target ' + label:<40}{'met' if met else 'MISSED':>8}")


if __name__ == "__main__":
    main()
