"""Random workers are killed while certificates are made: none lost, none twice, no torn file (trust.md F1, G1)."""

import json
import random
import time

SEED = 7


def storm(house, *, cases, kills, workers=2):
    """{"kills", "faults", …} after `kills` SIGKILLs spread over `cases` certificates made by `workers` processes."""
    house.run("config.drills.filling", cases)
    dice, killed, began = random.Random(SEED), 0, time.perf_counter()  # noqa: S311 - the same storm every time
    with house.nursery() as nursery:
        alive = [nursery.start() for _n in range(workers)]
        for number in range(kills):
            nursery.reach(cases, number, kills)
            time.sleep(dice.random() * 0.05)
            victim = alive.pop(dice.randrange(len(alive)))
            killed += nursery.kill(victim)
            nursery.expire()
            alive.append(nursery.start())
        caught_up = nursery.finish(alive)
    found = json.loads(house.run("config.drills.verifying"))
    if killed < kills:
        found["faults"].append(f"only {killed} of {kills} kills hit a living worker")
    return found | {"kills": killed, "seconds": round(time.perf_counter() - began, 1), "caught_up": round(caught_up, 1)}
