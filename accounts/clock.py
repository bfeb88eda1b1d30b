"""What time it is. Only edges (pages, commands, periodic tasks) ask; everything below is told.

In demo mode the clock starts where the seed puts it and can be moved forward, and only forward: reminders, expiry
and acceptance then happen before the visitor's eyes through the same code that runs in production.
"""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Months before and after can be reckoned from each of them.
_MONTH = re.compile(r"(19\d\d|2\d{3})-(0?[1-9]|1[0-2])", re.ASCII)


def now() -> datetime:
    """The current instant, aware, in UTC; shifted by the demo clock in demo mode."""
    real = timezone.now()
    if not settings.DEMO:
        return real
    from accounts.models import ClockShift  # noqa: PLC0415 - models need the app registry, the clock does not

    seconds = ClockShift.objects.filter(pk=1).values_list("seconds", flat=True).first() or 0
    return real + timedelta(seconds=seconds)


def today(at: datetime | None = None):
    """The day in Shanghai at the instant `at` (default: now)."""
    return (at or now()).astimezone(SHANGHAI).date()


def month_of(text: str) -> date | None:
    """The first day of the month that 「2026-03」 names; None where `text` names none from 1900 to 2999."""
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def advance(by: timedelta) -> datetime:
    """Moves the demo clock forward and returns the new now. Refuses outside demo mode and backwards."""
    from accounts.models import ClockShift  # noqa: PLC0415

    if not settings.DEMO:
        raise RuntimeError("the clock moves only in demo mode")
    if by < timedelta(0):
        raise ValueError("the clock moves only forward: deadlines that have spoken cannot be unsaid")
    row, _ = ClockShift.objects.select_for_update().get_or_create(pk=1)
    row.seconds += int(by.total_seconds())
    row.save(update_fields=["seconds"])
    return now()
