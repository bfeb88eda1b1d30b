"""What the database itself asks to be tried again: a deadlock it has broken, two transactions it could not put in a row."""

import logging
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError, connection

log = logging.getLogger(__name__)
T = TypeVar("T")
# serialization_failure, deadlock_detected (PostgreSQL, Appendix A).
AGAIN = frozenset({"40001", "40P01"})
TRIES = 3


def retried(do: Callable[[], T], files: Any = None) -> T:
    """What `do` returns, tried up to three times where the database broke it off; nothing of such a try has remained.

    Inside somebody else's transaction nothing is tried again: that transaction is lost, and whoever began it tries. `files`
    were read by the first try and are wound back.
    """
    for number in range(1, TRIES + 1):
        try:
            return do()
        except OperationalError as error:
            if number == TRIES or connection.in_atomic_block or sqlstate(error) not in AGAIN:
                raise
            log.warning("tried again after %s", sqlstate(error))
        # Two that met do not meet again at the same moment.
        time.sleep(0.02 * 2**number + os.getpid() % 31 / 1000)
        for _name, group in files.lists() if files else ():
            for file in group:
                file.seek(0)
    raise AssertionError("unreachable")


def sqlstate(error: BaseException) -> str:
    """The database's own code of an error, empty where there is none (SQLite)."""
    return str(getattr(error.__cause__, "sqlstate", "") or "")
