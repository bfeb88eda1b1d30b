import logging
import os
from contextlib import suppress
from importlib import import_module

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

log = logging.getLogger(__name__)
app = Celery("pilotage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["workflows"])
# Seconds. A task is bounded to a few minutes; what takes longer is stuck. First it hears so, then its process is ended, also one
# that hears nothing any more; its jobs had passed to others when their lease ended (trust.md F19).
SOFT_LIMIT, HARD_LIMIT = 600, 660
app.conf.update(task_soft_time_limit=SOFT_LIMIT, task_time_limit=HARD_LIMIT)

# WeasyPrint with pango, the compiled path, pyHanko: some 90 MB a process. And every address, for links in messages.
_SHARED = (
    "approvals.certificates.signing.batch",
    "approvals.certificates.engine",
    "approvals.certificates.compiled.compiler",
    "config.urls",
)


@worker_init.connect
@beat_init.connect
def look_at_the_clock(**_more):
    """A worker or beat whose machine has another hour than the database does not start (trust.md F11).

    It would do what is due at another time than everybody else's. While the database is away it starts, since that mends itself, and
    looks again at each task (workflows/tasks.py). The web starts all the same: a page that says 503 is better than none, and
    /healthz takes it out of service.
    """
    from django.db import DatabaseError, connection  # noqa: PLC0415 - Django is set up by now

    from accounts import machine  # noqa: PLC0415

    try:
        machine.demand()
    except machine.WrongClock as fault:
        raise SystemExit(f"not started: {fault}") from fault
    except DatabaseError:
        log.warning("the database does not answer yet; the clock is looked at later")
    finally:
        # Children must not inherit a connection.
        connection.close()


@worker_init.connect
def load(**_more):
    """What certificates need, once before the worker forks: its children share it instead of loading it each.

    Where pango is missing the worker goes on without; the job that needs it says which packages are wanted.
    """
    with suppress(OSError):
        for module in _SHARED:
            import_module(module)
