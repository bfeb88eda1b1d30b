"""Workers that are stuck, not dead: stopped (SIGSTOP) in the middle of a certificate, they go on when others have made it
(trust.md F19).

At every place some workers are stopped after they took their jobs. Real time passes until their leases are over, and another
worker makes what they held. Then the stopped ones go on with everything they had in hand: nothing of it may count. A stop that
stopped nobody, or after which nobody took anything over, is a fault of the drill.
"""

import json
import os
import signal
import time
from pathlib import Path

from accounts.points import FREE, LOCKED
from config.drills.house import wait_until

# A minute of lease, and what it takes to do the work (trust.md F19).
TAKEN_OVER = 90
PASSES = (1, 3, 7)


def hang(house, *, cases, stops=3):
    """{"kills", "faults", …}: "kills" are workers that were stopped, `stops` at every place; "caught_up" is how long it took
    (seconds) from the last stop until others had made every certificate."""
    # On SQLite a worker that stands still in its transaction has the one lock there is, until Celery ends it: nobody goes on.
    points = (*FREE, *LOCKED) if house.url.startswith("postgres") else FREE
    house.run("config.drills.filling", cases)
    stuck, missed, began = [], [], time.perf_counter()
    with house.nursery() as nursery:
        for name in points:
            for nth in PASSES[:stops]:
                pid = nursery.start(name, nth, signal.SIGSTOP)
                if wait_until(lambda pid=pid: state(pid) in "TZ", 60) and state(pid) == "T":
                    stuck.append(pid)
                else:
                    missed.append(f"{name} for the {nth}. time")
        since = time.perf_counter()
        healthy = nursery.start()
        done = wait_until(lambda: nursery.issued() >= cases, TAKEN_OVER + 60, 0.1)
        caught_up, again = time.perf_counter() - since, nursery.ask("again")
        for pid in stuck:
            os.kill(pid, signal.SIGCONT)
        nursery.finish([*stuck, healthy])
    found = json.loads(house.run("config.drills.verifying"))
    found["faults"] += _faults(found, missed, done=done, caught_up=caught_up, again=again, stuck=len(stuck))
    return found | {"kills": len(stuck), "taken_over": again, "seconds": round(time.perf_counter() - began, 1),
                    "caught_up": round(caught_up, 1)}  # fmt: skip


def _faults(found, missed, *, done, caught_up, again, stuck):
    if missed:
        yield f"no worker was stopped at: {', '.join(missed)}"
    if not stuck:
        yield "nothing was hung: the drill showed nothing"
    if again < stuck:
        yield f"only {again} jobs of {stuck} stopped workers were taken over"
    if not done or caught_up > TAKEN_OVER:
        yield f"not taken over {TAKEN_OVER} seconds after the stop, but after {caught_up:.0f}"
    if found["unnamed"]:
        yield f"{found['unnamed']} files that no certificate names: late writers left them"


def state(pid):
    """A process' state as Linux calls it: "T" stopped, "Z" ended, "R" or "S" at work; "Z" also when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "Z"
