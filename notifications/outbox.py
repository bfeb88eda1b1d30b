"""Putting messages into the outbox, and taking them out. One row per message, person and channel."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.roles import Role
from notifications.models import Deadline, Message
from notifications.words import say

LEASE = timedelta(seconds=60)
GIVE_UP = timedelta(days=7)


def write(kind: str, key: str, users: Iterable, at: datetime, *, url: str = "", **values: object) -> list[Message]:
    """Message rows for each user and channel; not saved. The same key never becomes a second message."""
    rows = []
    for user in users:
        # Labels among the values are lazy: they speak the language of whoever is told.
        with override(user.language):
            subject, body = say(kind, user.language, **values)
        rows.extend(_rows(user, kind, key, subject, body, url, at))
    return rows


def _rows(user, kind, key, subject, body, url, at):
    common = {"user": user, "kind": kind, "subject": subject, "body": body, "url": url, "created_at": at,
              "not_before": at}  # fmt: skip
    yield Message(
        key=f"{key}:{user.pk}:inbox",
        channel=Message.Channel.INBOX,
        # An inbox row has arrived by existing.
        state=Message.State.SENT,
        sent_at=at,
        **common,
    )
    if user.email:
        yield Message(key=f"{key}:{user.pk}:email", channel=Message.Channel.EMAIL, **common)


def put(rows: Iterable[Message]) -> None:
    """Stores rows; those whose key is known already are left alone."""
    Message.objects.bulk_create(list(rows), ignore_conflicts=True)


def about(deadline: Deadline, days: int = 0) -> dict[str, object]:
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


def send_due(at: datetime, limit: int = 200) -> int:
    """Hands due e-mails to the mail server; returns how many went. Safe to run by anyone, any number of times."""
    sent = 0
    claimed = []
    for row in Message.objects.due(at).filter(channel=Message.Channel.EMAIL).select_related("user")[:limit]:
        # Claimed by whoever changes the row first: a conditional UPDATE needs no queue server.
        won = (
            Message.objects.due(at)
            .filter(pk=row.pk)
            .update(state=Message.State.SENDING, lease_until=at + LEASE, attempts=F("attempts") + 1)
        )
        if won:
            claimed.append(row)
    if not claimed:
        return 0
    connection = get_connection()
    for row in claimed:
        try:
            connection.open()
            EmailMessage(
                row.subject,
                row.body + (f"\n\n{settings.SITE_URL}{row.url}" if row.url else ""),
                settings.DEFAULT_FROM_EMAIL,
                [row.user.email],
                # Deterministic: a second try after a crash is recognisably the same mail.
                headers={
                    "Message-ID": f"<{row.uuid}@{settings.MAIL_DOMAIN}>",
                    "Date": at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
                },
                connection=connection,
            ).send()
        except Exception as error:
            _failed(row, at, error)
        else:
            Message.objects.filter(pk=row.pk).update(state=Message.State.SENT, sent_at=at, lease_until=None, error="")
            sent += 1
    connection.close()
    return sent


def _failed(row: Message, at: datetime, error: Exception) -> None:
    """Back-off 1 min → 1 h; after seven days the row is laid aside where people see it."""
    wait = min(timedelta(minutes=1) * 2 ** min(row.attempts, 6), timedelta(hours=1))
    dead = at - row.created_at > GIVE_UP
    Message.objects.filter(pk=row.pk).update(
        state=Message.State.DEAD if dead else Message.State.QUEUED,
        not_before=at + wait,
        lease_until=None,
        error=str(error)[:500],
    )
