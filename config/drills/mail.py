"""The mail server is gone for three days; then it is back (trust.md F5): everything goes, once, within the hour."""

import json
import socket
import subprocess
import sys
import time

from config.drills.house import ROOT

WITHIN_MINUTES = 60


def mail(house, *, cases, hours):
    """{"kills", "faults", …}: "kills" are letters the server did not take while it was gone, `hours` of played time."""
    with socket.socket() as probe:
        # Nobody listens here until the server is "back".
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    house.more |= {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    house.run("config.drills.filling", cases)
    began = time.perf_counter()
    command = [sys.executable, "-m", "config.drills.mailing", str(hours), str(port)]
    done = subprocess.run(command, cwd=ROOT, env=house.environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    found = json.loads(done.stdout.splitlines()[-1])
    faults = found["faults"]
    if not found["refused"]:
        faults.append("no letter was refused: the server was never gone")
    if found["late"] is None or found["late"] > WITHIN_MINUTES:
        faults.append(f"the last letter left {found['late']} minutes after the server was back")
    return {"faults": faults, "letters": found["letters"], "waiting": found["waiting"], "kills": found["refused"],
            "seconds": round(time.perf_counter() - began, 1),
            "caught_up": found["late"]}  # fmt: skip
