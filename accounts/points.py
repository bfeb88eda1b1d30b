"""Named places at which a drill may end the process, to see that nothing confirmed is lost (trust.md §3.3).

Outside drills nothing is armed and a place costs one look into an empty dictionary.
"""

import os
import signal

# Every place there is, in the order in which a job passes them; a drill goes through all of them.
POINTS = (
    "job_claimed", "file_opened", "file_written", "file_synced", "file_renamed", "act_done", "act_recorded", "job_done",
    "job_committed", "mail_accepted",
)  # fmt: skip

_armed: dict[str, int] = {}


def arm(name: str, nth: int) -> None:
    """The process ends itself, without a word, when it comes to `name` for the `nth` time. Raises KeyError."""
    if name not in POINTS:
        raise KeyError(name)
    _armed[name] = nth


def point(name: str) -> None:
    """Here is `name`."""
    if name in _armed:
        _armed[name] -= 1
        if _armed[name] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
