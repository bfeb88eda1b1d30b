"""PostgreSQL crashes while certificates are made: a backend is killed, and the server throws everybody out and recovers
(trust.md F3). The server must be on this machine."""

import json
import os
import random
import signal
import time

from config.drills.house import wait_until

SEED = 11


def pgcrash(house, *, cases, times, workers=2):
    """{"kills", "faults", …} after `times` crashes spread over `cases` certificates. Raises ValueError without PostgreSQL."""
    if not house.url.startswith("postgres"):
        raise ValueError("the drill needs PostgreSQL on this machine: --db postgres://…")
    house.run("config.drills.filling", cases)
    dice, crashed, began = random.Random(SEED), 0, time.perf_counter()  # noqa: S311 - the same crashes every time
    with house.nursery() as nursery:
        alive = [nursery.start() for _n in range(workers)]
        for number in range(times):
            nursery.reach(cases, number, times)
            time.sleep(dice.random() * 0.05)
            backend = nursery.ask("backend")
            if backend > 0:
                os.kill(backend, signal.SIGKILL)
                crashed += 1
            # The server is back when it answers again; workers that lost it have ended, and others take their place.
            wait_until(lambda: nursery.issued() >= 0, 60, 0.1)
            for pid in alive:
                nursery.wait(pid)
            nursery.expire()
            alive = [nursery.start() for _n in range(workers)]
        caught_up = nursery.finish(alive)
    found = json.loads(house.run("config.drills.verifying"))
    if crashed < times:
        found["faults"].append(f"only {crashed} of {times} crashes hit a living server")
    return found | {
        "kills": crashed,
        "seconds": round(time.perf_counter() - began, 1),
        "caught_up": round(caught_up, 1),
    }
