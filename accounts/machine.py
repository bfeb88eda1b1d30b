"""Real time as every machine of an installation sees it: the clock of the database.

Workers and web processes may sit on several machines, and no two clocks agree. Whether a lease is over or the scheduler
was heard lately is therefore asked where all of them meet: PostgreSQL's clock judges (`Now()` in the statement itself). With
SQLite all processes are on one machine, its clock is theirs, and there is nothing to compare.

The hour of the world, by which rules count, is another matter: `accounts.clock`, an argument everywhere below the edges. It is
read from the machine, so a machine whose clock is wrong must not act at all: `fault` says so (trust.md F11).
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

# A machine that is further off than this neither works nor is called healthy.
TOLERATED = timedelta(seconds=5)
NONE = timedelta(0)


class WrongClock(Exception):
    """The clock of this machine is too far from the database's; the text says by how much."""


def skew() -> timedelta:
    """How far this machine's clock is ahead of the database's (negative: behind). One statement; none on SQLite."""
    if connection.vendor != "postgresql":
        return NONE
    asked = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    return apart(asked, there, timezone.now())


def apart(asked: datetime, there: datetime, heard: datetime) -> timedelta:
    """How far a clock here is ahead of one that said `there` between `asked` and `heard` here.

    What the question took is no skew: within that time the two agree.
    """
    return asked - there if there < asked else heard - there if there > heard else NONE


def fault(ahead: timedelta | None = None) -> str:
    """Why this machine must not act, in words, or an empty text. `ahead`: what was measured already."""
    ahead = skew() if ahead is None else ahead
    if abs(ahead) <= TOLERATED:
        return ""
    words = "ahead of" if ahead > NONE else "behind"
    return (
        f"the clock of this machine is {abs(ahead).total_seconds():.0f} s {words} the database's; "
        f"{TOLERATED.seconds} s are tolerated: set both by one time server (NTP)"
    )


def demand() -> None:
    """Raises WrongClock where `fault` finds one."""
    if words := fault():
        raise WrongClock(words)
