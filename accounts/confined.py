"""What a child process gives up before it looks into something of a stranger's: the network, and more than its share."""

import contextlib
import ctypes
import os
import resource

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
