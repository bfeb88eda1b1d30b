"""Random workers are killed while certificates are made: none lost, none twice, no torn file (trust.md F1, G1)."""

import json
import random
import time

from config.drills.house import count, wait_until

SEED = 7
# A dead worker's lease ends after a minute; the drill does not wait for it, as if the minute had passed.
EXPIRE = "UPDATE notifications_job SET lease_until = created_at WHERE state = 'running'"
DONE = "SELECT count(*) FROM approvals_certificate WHERE state = 'issued'"


def storm(house, *, cases, kills, workers=2):
    """{"kills", "faults", …} after `kills` SIGKILLs spread over `cases` certificates made by `workers` processes."""
    house.run("config.drills.filling", cases)
    dice, killed, began = random.Random(SEED), 0, time.perf_counter()  # noqa: S311 - the same storm every time
    with house.nursery() as nursery:
        alive = [nursery.start() for _n in range(workers)]
        for number in range(kills):
            # Spread over the run: the next kill comes when its share of the certificates is issued.
            share = int(cases * 0.9 * (number + 1) / (kills + 1))
            wait_until(lambda share=share: count(house, DONE) >= share, 120)
            time.sleep(dice.random() * 0.05)
            victim = alive.pop(dice.randrange(len(alive)))
            killed += nursery.kill(victim)
            _expire(house)
            alive.append(nursery.start())
        last = time.perf_counter()
        for pid in alive:
            nursery.wait(pid)
        _expire(house)
        nursery.wait(nursery.start())
        caught_up = time.perf_counter() - last
    found = json.loads(house.run("config.drills.verifying"))
    if killed < kills:
        found["faults"].append(f"only {killed} of {kills} kills hit a living worker")
    return found | {"kills": killed, "seconds": round(time.perf_counter() - began, 1), "caught_up": round(caught_up, 1)}


def _expire(house):
    from django.db import connections  # noqa: PLC0415

    count(house, "SELECT 1")
    with connections[f"drill-{house.url}"].cursor() as cursor:
        cursor.execute(EXPIRE)
