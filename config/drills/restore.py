"""A backup is made, people and mail go on, the backup is put back: nothing is sent twice, nothing is swallowed (trust.md F15)."""

import json
import shutil
import time
from pathlib import Path
from urllib.parse import urlsplit


def restore(house, *, mails, forget=False):
    """{"faults", "resent", "swallowed", …} of a restore with `mails` messages that left after the backup.

    `forget` throws the sent-log away, as no installation should: the drill must then count what is sent again.
    """
    began, folder = time.perf_counter(), Path(house.folder) / "backups"
    house.run("config.drills.restoring", "begin", mails)
    house.manage("backup", "--to", folder)
    house.manage("backup", "--verify", folder, "--all")
    house.run("config.drills.restoring", "work")
    lost = time.perf_counter()
    _wipe(house)
    if forget:
        for part in (house.folder / "outside").iterdir():
            part.unlink()
    house.manage("restore", folder)
    back = time.perf_counter() - lost
    found = json.loads(house.run("config.drills.restoring", "after", mails))
    return found | {"seconds": round(time.perf_counter() - began, 1), "restored_in": round(back, 1)}


def _wipe(house):
    """The disk is gone: database and files, but not what lies on other volumes."""
    shutil.rmtree(house.folder / "files")
    if house.url.startswith("sqlite"):
        for part in Path(urlsplit(house.url).path[1:]).parent.glob("drill.sqlite3*"):
            part.unlink()
    else:
        house.run("config.drills.restoring", "wipe")
