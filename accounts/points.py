"""Named places at which a drill may end or stop the process, to see that nothing confirmed is lost (trust.md §3.3).

Outside drills nothing is armed and a place costs one look into an empty dictionary.
"""

import os
import signal

# Every place there is, in the order in which a job passes them; a drill goes through all of them.
POINTS = (
    "job_claimed", "file_opened", "file_written", "file_synced", "file_renamed", "act_done", "act_recorded", "job_done",
    "job_committed", "mail_accepted",
)  # fmt: skip

# Those at which a job holds no lock, and those at which its transaction is open.
FREE, LOCKED = POINTS[: POINTS.index("act_done")], ("act_done", "act_recorded", "job_done")

_armed: dict[str, tuple[int, signal.Signals]] = {}


def arm(name: str, nth: int, blow: signal.Signals = signal.SIGKILL) -> None:
    """The process deals itself the blow, without a word, when it comes to `name` for the `nth` time: it ends, or with
    SIGSTOP stands still until somebody sends SIGCONT. Raises KeyError."""
    if name not in POINTS:
        raise KeyError(name)
    _armed[name] = nth, blow


def point(name: str) -> None:
    """Here is `name`."""
    if name in _armed:
        left, blow = _armed[name]
        _armed[name] = left - 1, blow
        if left == 1:
            os.kill(os.getpid(), blow)
