"""The scheduler is dead. Pages say so within ten minutes; the first thing anybody does wakes a worker, which catches up
(trust.md F10)."""

import json
import signal
import time

from config.drills.broker import QUICK, celery, flush
from config.drills.house import wait_until

CATCH_UP = 300


def nobeat(house, *, cases):
    """{"kills", "faults", …}: "kills" are deadlines that nobody acted on while the beat was dead."""
    house.more |= QUICK
    house.run("config.drills.filling", cases, "waiting")
    # What the filling hinted at, nobody has heard.
    flush(house)
    began, faults = time.perf_counter(), []
    before = silence(house, "begin")
    if before["health"] != 503:
        faults.append(f"/healthz says {before['health']} although nobody swept for eleven minutes")
    if not before["banner"]:
        faults.append("officers see no banner")
    worker = celery(house, beat=False)
    try:
        time.sleep(3)
        still = silence(house, "look")
        if still["late"] != before["late"]:
            faults.append("somebody swept: the beat was not dead")
        last = time.perf_counter()
        silence(house, "approve")
        caught = wait_until(lambda: silence(house, "look")["late"] == 0, CATCH_UP, 1)
        caught_up = time.perf_counter() - last
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
    after = silence(house, "look")
    if not caught or after["health"] != 200:
        faults.append(f"not caught up: {after}")
    if not before["late"]:
        faults.append("no deadline was due: the drill showed nothing")
    seconds = round(time.perf_counter() - began, 1)
    return {"faults": faults, "kills": before["late"], "seconds": seconds, "caught_up": round(caught_up, 1)}


def silence(house, word):
    """What `config.drills.silence` says."""
    return json.loads(house.run("config.drills.silence", word).splitlines()[-1])
