"""Workers to be killed: `python -m config.drills.workers`.

Each line on standard input is answered by one number: "start POINT NTH BLOW" forks a worker that deals itself the signal BLOW
at a place, and answers with its process, "wait PID" answers with how it ended, "full", "retry", "backend" and "again" serve single
drills, "issued" with the number of certificates, "expire" ends the leases of the dead. A worker does jobs until nothing is left
that could ever be done.
"""

import os
import signal
import sys
from contextlib import suppress


def main():
    import django  # noqa: PLC0415 - the settings are named by whoever starts this

    django.setup()
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "start":
            child = os.fork()
            if not child:
                try:
                    work(*rest)
                finally:
                    os._exit(0)
            say(child)
        elif word == "wait":
            _pid, status = os.waitpid(int(rest[0]), 0)
            say(status)
        else:
            say(asked(word))


def asked(word):
    """Looks into the database and lets go of it: a fork must not inherit a connection."""
    from django.db import DatabaseError, connection  # noqa: PLC0415
    from django.db.models import F  # noqa: PLC0415

    from approvals.models import Certificate  # noqa: PLC0415
    from notifications.models import Job  # noqa: PLC0415

    try:
        if word == "full":
            return Job.objects.filter(error__contains="No space left").count()
        if word == "retry":
            # The pauses between tries are over.
            return Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.PARKED]).update(
                not_before=F("created_at"), state=Job.State.QUEUED, error=""
            )
        if word == "backend":
            return backend()
        if word == "again":
            # Jobs that were taken a second time, by somebody else than the first.
            return Job.objects.filter(state=Job.State.DONE, attempts__gt=1).count()
        if word == "expire":
            return Job.objects.filter(state=Job.State.RUNNING).update(lease_until=F("created_at"))
        return Certificate.objects.filter(state="issued").count()
    except DatabaseError:
        # The server is down; whoever asks will ask again.
        return -1
    finally:
        with suppress(DatabaseError):
            connection.close()


def backend():
    """The process of the server that serves somebody else's connection to this database, or -1."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " ORDER BY backend_start LIMIT 1"
        )
        found = cursor.fetchone()
    return found[0] if found else -1


def say(number):
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def work(point, nth, blow):
    """Jobs and mail until nothing waits and nothing is leased to anybody."""
    import time  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415

    from accounts import points  # noqa: PLC0415
    from notifications import jobs  # noqa: PLC0415
    from notifications.models import Job  # noqa: PLC0415

    if point != "-":
        points.arm(point, int(nth), signal.Signals(int(blow)))
    while Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
        if not jobs.work(timezone.now(), limit=5):
            time.sleep(0.05)


if __name__ == "__main__":
    main()
