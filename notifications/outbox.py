"""Putting messages into the outbox, and taking them back. One row per message, addressee and channel."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts import wall
from accounts.roles import REACH, Reach, Role
from notifications import preferences, wordings
from notifications.channels import registry
from notifications.models import Deadline, Endpoint, Message
from notifications.sending import ABOUT_TIME, send_due
from notifications.wordings import Book
from notifications.words import say

__all__ = ["ABOUT_TIME", "about", "drop", "put", "send_due", "write"]


def write(
    kind: str, key: str, users: Iterable, at: datetime, *, url: str = "", duty: Deadline | None = None,
    programme: str = "", book: Book | None = None, **values: object,
) -> list[Message]:  # fmt: skip
    """Message rows for each user and channel; not saved. The same key never becomes a second message.

    `duty` is the deadline the message speaks of: when that is closed before the message went, it does not go.
    `programme` (given by the duty, else by the caller) chooses the words an office wrote for it, and lets the groups
    and systems that follow it hear, too. Whoever writes many messages reads the `book` of words once.
    """
    about: dict[str, object] = {}
    if duty is not None:
        about = {"duty": duty.uuid, "duty_version": duty.due_version}
        if kind in ABOUT_TIME:
            about["essence"] = duty.due_on.isoformat()
    programme = duty.programme if duty is not None else programme
    users, rows = list(users), []
    if users and book is None:
        book = wordings.book()
    for user in users:
        # Labels among the values are lazy: they speak the language of whoever is told.
        with override(user.language):
            subject, body = say(kind, user.language, book.text(kind, user.language, programme), **values)
        rows.extend(_rows(user, kind, key, subject, body, url, at, about))
    if programme and not (duty is not None and _nobody_elses(kind, duty)):
        # Who listens is asked once for all that is put at a time, and not once per message.
        circular = Message(kind=kind, key=key, url=url, created_at=at, not_before=at, **about)
        circular.circular = (programme, values, book)
        rows.append(circular)
    return rows


def _nobody_elses(kind: str, duty: Deadline) -> bool:
    """A duty that is not for a group's ears: a single person's, or an applicant's own while it is in time.

    Drafts are their applicant's alone; that an applicant is late is its supervisors' business.
    """
    if duty.user_id is not None:
        return True
    return REACH[Role(duty.role)] is Reach.ORGANISATION and kind not in ("overdue", "escalation", "vacant")


@wall.lifted()
def drop(duties: Iterable[UUID], *, kinds: Iterable[str] | None = None) -> int:
    """Takes back what waits to be sent about these duties (of these kinds); returns how many messages.

    The inbox keeps what it has: it is a record, not a reminder.
    """
    waiting = Message.objects.filter(duty__in=list(duties), state=Message.State.QUEUED)
    if kinds is not None:
        waiting = waiting.filter(kind__in=kinds)
    return waiting.update(state=Message.State.DROPPED, lease_until=None)


def _rows(user, kind, key, subject, body, url, at, about):
    common = {"user": user, "kind": kind, "subject": subject, "body": body, "url": url, "created_at": at,
              "not_before": at} | about  # fmt: skip
    yield Message(
        key=f"{key}:{user.pk}:inbox",
        channel=Message.Channel.INBOX,
        # An inbox row has arrived by existing.
        state=Message.State.SENT,
        sent_at=at,
        **common,
    )
    for code, channel in preferences.personal().items():
        if not channel.reaches(user):
            continue
        mode, first = preferences.when(user, kind, at, code)
        if mode != "off":
            yield Message(
                key=f"{key}:{user.pk}:{code}", channel=code, digest=mode == "digest", **common | {"not_before": first}
            )


@wall.lifted()
def put(rows: Iterable[Message]) -> None:
    """Stores rows; those whose key is known already are left alone.

    Circulars become a row for each endpoint that listens; what would go over a channel whose gateway is switched off
    (SMS) is not stored.
    """
    own, circulars, over_gateway = [], [], set(registry.configured())
    for row in rows:
        (circulars if row.circular else own).append(row)
    if circulars or any(row.channel in over_gateway for row in own):
        endpoints = list(Endpoint.objects.listening())
        there = {endpoint.channel for endpoint in endpoints}
        own = [row for row in own if row.channel not in over_gateway or row.channel in there]
        own += [row for circular in circulars for row in _spread(circular, endpoints)]
    Message.objects.bulk_create(own, ignore_conflicts=True)
    # A rung that is spoken again because its person left (notifications.sending) takes its neighbours' word back for a
    # moment: theirs is the same message and goes on waiting.
    again = [row.key for row in own if row.kind in ABOUT_TIME and row.state == Message.State.QUEUED]
    if again:
        taken_back = Message.objects.filter(key__in=again, state=Message.State.DROPPED, note="")
        taken_back.update(state=Message.State.QUEUED)


def _spread(circular: Message, endpoints: list[Endpoint]):
    programme, values, book = circular.circular
    book = book or wordings.book()
    groups = registry.group()
    for endpoint in endpoints:
        if endpoint.channel not in groups or not endpoint.hears(circular.kind, programme):
            continue
        with override(endpoint.language):
            text = book.text(circular.kind, endpoint.language, programme)
            subject, body = say(circular.kind, endpoint.language, text, **values)
        mode, first = "now", circular.created_at
        if groups[endpoint.channel].rings:
            mode, first = preferences.when_to_group(circular.kind, circular.created_at)
        yield Message(
            key=f"{circular.key}:e{endpoint.pk}:{endpoint.channel}", channel=endpoint.channel, endpoint=endpoint,
            kind=circular.kind, subject=subject, body=body, url=circular.url, digest=mode == "digest",
            duty=circular.duty, duty_version=circular.duty_version, essence=circular.essence, created_at=circular.created_at, not_before=first,
        )  # fmt: skip


def about(deadline: Deadline, days: int = 0) -> dict[str, Any]:
    """The placeholders a message about a deadline may use."""
    return {
        "label": deadline.label,
        "label_en": deadline.label_en or deadline.label,
        "case": deadline.subject_label,
        "due": format_lazy("{}{}", deadline.due_on.isoformat(), _("（暂定）") if deadline.provisional else ""),
        "days": abs(days),
        "basis": deadline.basis,
        "holder": Role(deadline.role).label,
    }
