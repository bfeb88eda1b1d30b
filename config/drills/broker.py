"""The broker forgets everything it holds, again and again, while certificates are made: nothing is lost (trust.md F2).

A real Celery worker with its beat works on the file broker; a flush takes away every message there is. A flush that found
nothing to take away counts as a fault of the drill.
"""

import json
import signal
import subprocess
import sys
import time

from config.drills.house import ROOT, wait_until

# With the file broker and a beat every second; in production a beat comes every thirty.
QUICK = {"PILOTAGE_WAKE_WORKER": "1", "PILOTAGE_TICK_SECONDS": "1"}
ALL_DONE = 60


def broker(house, *, cases, flushes):
    """{"kills", "faults", …}: "kills" are flushes that took messages away, "caught_up" seconds after the last one."""
    house.more |= QUICK
    house.run("config.drills.filling", cases)
    began, taken, messages = time.perf_counter(), 0, 0
    with house.nursery() as nursery:
        # The hint of the approval itself: nobody has heard it yet.
        for number in range(flushes):
            share = int(cases * 0.9 * number / flushes)
            wait_until(lambda share=share: nursery.issued() >= share, 120)
            wait_until(lambda: waiting(house), 60)
            gone = flush(house)
            messages += gone
            taken += bool(gone)
            if not number:
                worker = celery(house)
        last = time.perf_counter()
        done = wait_until(lambda: nursery.issued() >= cases, ALL_DONE, 0.1)
        caught_up = time.perf_counter() - last
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
    found = json.loads(house.run("config.drills.verifying"))
    if not done:
        found["faults"].append(f"not done {ALL_DONE} seconds after the last flush")
    if taken < flushes:
        found["faults"].append(f"only {taken} of {flushes} flushes took a message away")
    return found | {"kills": taken, "messages": messages, "seconds": round(time.perf_counter() - began, 1),
                    "caught_up": round(caught_up, 1)}  # fmt: skip


def celery(house, *, beat=True):
    """A Celery worker of the drill, with a beat of its own or without."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "critical"]
    if beat:
        command += ["--beat", "--schedule", str(house.folder / "beat")]
    return subprocess.Popen(command, cwd=ROOT, env=house.environment, stdout=subprocess.DEVNULL)  # noqa: S603


def waiting(house):
    """The messages the broker holds."""
    return [one for one in (house.folder / "broker").rglob("*") if one.is_file()]


def flush(house):
    """Takes every message away; returns how many there were."""
    gone = 0
    for one in waiting(house):
        try:
            one.unlink()
        except FileNotFoundError:
            continue
        gone += one.suffix == ".msg"
    return gone
