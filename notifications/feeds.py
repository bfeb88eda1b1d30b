"""Deadlines for calendar programs (RFC 5545): one all-day event each, the same event wherever its day moves."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from icalendar import Calendar, Event

from notifications import calendars
from notifications.models import Deadline
from notifications.why import why

# More than a person can keep; a feed is read whole, again and again.
MOST = 1000
REFRESH = timedelta(hours=1)


def rows_for(rows):
    """The open deadlines of a queryset as a feed wants them: soonest first, each with the instant it last moved."""
    return rows.open().annotate(touched=Coalesce(Max("moves__at"), F("opened_at"))).order_by("due_on", "pk")[:MOST]


def label(row: Deadline) -> str:
    """The deadline's name in the language that is active."""
    return row.label_en if row.label_en and (get_language() or "").startswith("en") else row.label


def written(rows: Iterable[Deadline], name: str) -> bytes:
    """The file. UID is the deadline's own and SEQUENCE its version, so that a program moves what has moved and doubles
    nothing; what is done is not in it any more. Texts are in the language that is active."""
    table, language = calendars.current(), get_language() or "zh-hans"
    feed = Calendar()
    feed.add("prodid", "-//Pilotage//deadlines//")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("name", name)
    feed.add("x-wr-calname", name)
    feed.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for row in rows:
        event = Event()
        event.add("uid", f"{row.uuid}@pilotage")
        event.add("sequence", row.due_version)
        event.add("dtstamp", row.touched)
        event.add("last-modified", row.touched)
        event.add("dtstart", row.due_on)
        event.add("dtend", row.due_on + timedelta(days=1))
        event.add("summary", f"{label(row)} · {row.subject_label}")
        event.add("description", why(row, table, language).sentence)
        # A day that may still move when its year's holidays are published.
        event.add("status", "TENTATIVE" if row.provisional else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        event.add("url", f"{settings.SITE_URL}{row.get_absolute_url()}")
        feed.add_component(event)
    return feed.to_ical()


def etag_of(data: bytes) -> str:
    """What tells a program that nothing has changed."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'
