"""The sweep: whatever should have happened by now, happens. May run 0..n times, by anyone, after any pause."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db.models.functions import Now

from notifications import jobs, ladder, outbox
from notifications.duties import close
from notifications.models import Deadline, Heartbeat
from pilots import storage
from workflows.door import SYSTEM, perform
from workflows.refusals import Refused

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=10)


@dataclass
class Swept:
    """How much there was to do."""

    expired: int = 0
    reminded: int = 0
    jobs: int = 0
    mails: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            self.expired + other.expired,
            self.reminded + other.reminded,
            self.jobs + other.jobs,
            self.mails + other.mails,
        )

    def __bool__(self) -> bool:
        return bool(self.expired or self.reminded or self.jobs or self.mails)


def expire(at: datetime, limit: int = 500) -> int:
    """Does what the rules say when a deadline has passed. Returns how many acts were done."""
    done = 0
    for row in Deadline.objects.acting(at).order_by("acts_at", "pk")[:limit]:
        model = apps.get_model(row.subject_model)
        case = model._default_manager.filter(uuid=row.subject_uuid).first()
        if case is None:
            close([row], at)
            continue
        try:
            perform(case, row.then_act, by=SYSTEM, at=at)
            done += 1
        except Refused as refusal:
            # Kept open and shown: a deadline that could not act is somebody's work, not a secret.
            _stuck(row, str(refusal), at)
        except Exception as error:
            log.exception("deadline %s could not act", row.pk)
            _stuck(row, f"{type(error).__name__}: {error}", at)
    return done


def _stuck(row: Deadline, why: str, at: datetime) -> None:
    """Tried again a little later, behind those whose turn comes meanwhile; at once when the case moves."""
    Deadline.objects.filter(pk=row.pk, closed_at=None).update(stuck_reason=why[:300], acts_at=at + AGAIN)


def sweep(at: datetime) -> Swept:
    """Everything that is due at `at`: deadlines, reminders, jobs, mail."""
    swept = Swept(expire(at), ladder.climb(at), jobs.work(at), outbox.send_due(at))
    storage.sweep()
    beat()
    return swept


def beat() -> None:
    """The sweep was here, in real time whatever the hour of the world is, and by the clock all machines share."""
    if not Heartbeat.objects.filter(name="sweep").update(at=Now()):
        Heartbeat.objects.update_or_create(name="sweep", defaults={"at": Now()})


# Ticks come every thirty seconds; after so long whoever is at work anyway sweeps (trust.md F10).
LATE = timedelta(minutes=2)


def is_late() -> bool:
    """True when nobody has swept for a while: the scheduler is dead, or was never started."""
    return not Heartbeat.objects.filter(name="sweep", at__gt=Now() - LATE).exists()


def settle(at: datetime, rounds: int = 50) -> Swept:
    """Sweeps until nothing is left to do at `at`; for the demo, `play` and tests."""
    total = Swept()
    for _round in range(rounds):
        one = sweep(at)
        if not one:
            break
        total += one
    return total
