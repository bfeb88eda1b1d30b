"""What a child process gives up before it looks into something of a stranger's: the network, and more than its share."""

import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def confine(memory: int, cpu: int | None = None, written: int = 100_000_000) -> None:
    """Limits this process to `memory` bytes, `cpu` seconds (None: no limit) and files of `written` bytes; no core, no network.

    A network namespace of one's own has no network. Kernels may refuse it; what is read in a child fetches nothing anyway.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if cpu is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))


def environment(home: str) -> dict[str, str]:
    """The environment of such a child: no secret of the installation's is in it."""
    return {"PATH": os.defpath, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}


class Ended(Exception):
    """A child took more than its share, or fell over what it was given; the words are for the log."""


def ask(module: str, wanted: dict[str, Any], data: bytes, *, wall: float) -> bytes:
    """What a fresh child says that runs `main()` of `module`: on its input a line of JSON (`wanted`) and `data`.

    The child confines itself before it reads `data`. Raises Ended when its limits, a fault of its own or the clock
    (`wall` seconds) ended it.
    """
    start = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from importlib import import_module as i; i({module!r}).main()"
    )
    with tempfile.TemporaryDirectory(prefix="pilotage-child-") as home:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter with our own words
                [sys.executable, "-c", start], input=json.dumps(wanted).encode() + b"\n" + data, capture_output=True,
                timeout=wall, cwd=home, env=environment(home), check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Ended("the clock") from None
    if done.returncode:
        raise Ended(done.stderr[-300:].decode(errors="replace"))
    return done.stdout
