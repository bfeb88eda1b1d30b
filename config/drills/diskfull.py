"""The volume of files fills up while certificates are made; later it has room again (trust.md F7).

The volume is a small tmpfs, so the drill needs the right to mount: root, or a user namespace (`unshare -Urm`).
"""

import json
import subprocess
import time
from contextlib import contextmanager

from config.drills.house import wait_until

SMALL, ROOMY = "3m", "200m"


@contextmanager
def volume(folder, size):
    """*folder* as a volume of its own of that size. Raises CalledProcessError where mounting is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)  # noqa: S603, S607
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)  # noqa: S603, S607


def diskfull(house, *, cases, refusals=5, patience=120):
    """{"kills", "faults", …}: "kills" are files that found no room, at least `refusals` of them."""
    # What is left for certificates is used up here, too.
    house.more |= {"PILOTAGE_STORAGE_RESERVE_MB": "0"}
    began = time.perf_counter()
    with volume(house.folder / "files", SMALL):
        house.run("config.drills.filling", cases)
        with house.nursery() as nursery:
            worker = nursery.start()
            wait_until(lambda: nursery.ask("full") >= refusals, patience, 0.1)
            nursery.kill(worker)
            full = nursery.ask("full")
            left = json.loads(house.run("config.drills.verifying", "torn"))["faults"]
            subprocess.run(["mount", "-o", f"remount,size={ROOMY}", house.folder / "files"], check=True)  # noqa: S603, S607
            nursery.ask("retry")
            caught_up = nursery.finish()
        found = json.loads(house.run("config.drills.verifying"))
    found["faults"] += [f"while it was full: {fault}" for fault in left]
    if full < refusals:
        found["faults"].append(f"the volume refused only {full} files; it was never full")
    return found | {"kills": full, "seconds": round(time.perf_counter() - began, 1), "caught_up": round(caught_up, 1)}
