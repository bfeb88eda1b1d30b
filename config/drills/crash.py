"""A worker ends itself at every named place, for the first, third and seventh time; the next one goes on (trust.md §3.3)."""

import json
import signal
import time

from accounts.points import POINTS

PASSES = (1, 3, 7)
# Places that jobs of certificates pass; a mail server has a drill of its own.
OF_JOBS = tuple(name for name in POINTS if name != "mail_accepted")


def crash(house, *, points=OF_JOBS, passes=PASSES):
    """{"kills", "faults", …} after one crash at each of `points` for each of `passes`."""
    # A worker that ends at the seventh pass has done six before: there must be work left for every place.
    cases = len(points) * sum(passes) + max(passes)
    house.run("config.drills.filling", cases)
    crashed, missed, began = 0, [], time.perf_counter()
    with house.nursery() as nursery:
        for name in points:
            for nth in passes:
                ended = nursery.wait(nursery.start(name, nth))
                if ended == signal.SIGKILL:
                    crashed += 1
                else:
                    missed.append(f"{name} for the {nth}. time")
                nursery.expire()
        caught_up = nursery.finish()
    found = json.loads(house.run("config.drills.verifying"))
    if missed:
        found["faults"].append(f"no worker ended at: {', '.join(missed)}")
    return found | {
        "kills": crashed,
        "seconds": round(time.perf_counter() - began, 1),
        "caught_up": round(caught_up, 1),
    }
