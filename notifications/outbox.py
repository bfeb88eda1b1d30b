"""Putting messages into the outbox, and taking them out. One row per message, person and channel."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from notifications import calendars, preferences, wordings
from notifications.models import Deadline, Message
from notifications.wordings import Book
from notifications.words import say

LEASE = timedelta(seconds=60)
GIVE_UP = timedelta(days=7)
# What a newer word about the same duty makes pointless.
ABOUT_TIME = ("reminder", "due_today", "overdue", "escalation", "vacant")


def write(
    kind: str,
    key: str,
    users: Iterable,
    at: datetime,
    *,
    url: str = "",
    duty: Deadline | None = None,
    programme: str = "",
    book: Book | None = None,
    **values: object,
) -> list[Message]:
    """Message rows for each user and channel; not saved. The same key never becomes a second message.

    `duty` is the deadline the message speaks of: when that is closed before the message went, it does not go.
    `programme` chooses the words an office wrote for it; whoever writes many messages reads the `book` once.
    """
    users, rows = list(users), []
    if not users:
        return rows
    programme = duty.programme if duty is not None else programme
    book = book or wordings.book()
    for user in users:
        # Labels among the values are lazy: they speak the language of whoever is told.
        with override(user.language):
            subject, body = say(kind, user.language, book.text(kind, user.language, programme), **values)
        about = {"duty": duty.uuid, "duty_version": duty.due_version} if duty is not None else {}
        rows.extend(_rows(user, kind, key, subject, body, url, at, about))
    return rows


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
    mode, first = preferences.when(user, kind, at)
    if user.email and mode != "off":
        yield Message(
            key=f"{key}:{user.pk}:email",
            channel=Message.Channel.EMAIL,
            digest=mode == "digest",
            **common | {"not_before": first},
        )


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
    """Hands due mail to the mail server; returns how many messages went. Safe to run by anyone, any number of times.

    What is due for one person at one time leaves as one mail. Digests wait for office hours of a working day.
    """
    rows = Message.objects.due(at).filter(channel=Message.Channel.EMAIL)
    if not rows.exists():
        return 0
    if not preferences.office_hours(at, calendars.current()):
        rows = rows.filter(digest=False)
    groups: dict[tuple, list[Message]] = {}
    for row in rows.order_by("user_id", "pk").select_related("user")[:limit]:
        groups.setdefault((row.user_id, row.bundle), []).append(row)
    claimed = [mine for mine in (_claim(group, at) for group in groups.values()) if mine]
    if not claimed:
        return 0
    connection = get_connection()
    sent = 0
    for group in claimed:
        keys = [row.pk for row in group]
        try:
            connection.open()
            _mail(group, at, connection).send()
        except Exception as error:
            _failed(group, at, error)
        else:
            Message.objects.filter(pk__in=keys).update(state=Message.State.SENT, sent_at=at, lease_until=None, error="")
            sent += len(group)
    connection.close()
    return sent


def _claim(group: list[Message], at: datetime) -> list[Message]:
    """The messages of a group that are ours to send now; none when somebody else was first.

    Claimed by whoever changes the rows first: a conditional UPDATE needs no queue server. A group that was claimed
    once keeps its bundle, so that the mail of a second try is recognisably the same.
    """
    bundle = group[0].bundle or uuid4()
    keys = [row.pk for row in group]
    due = Message.objects.due(at).filter(pk__in=keys).filter(Q(bundle=None) | Q(bundle=bundle))
    won = due.update(state=Message.State.SENDING, lease_until=at + LEASE, attempts=F("attempts") + 1, bundle=bundle)
    if not won:
        return []
    if won == len(group):
        for row in group:
            row.bundle, row.attempts = bundle, row.attempts + 1
        return group
    return list(Message.objects.filter(pk__in=keys, bundle=bundle, state=Message.State.SENDING).select_related("user"))


def _mail(group: list[Message], at: datetime, connection) -> EmailMessage:
    """One mail for one person: the message itself, or a list of several."""
    first = group[0]
    if len(group) == 1:
        subject, body = first.subject, _with_link(first)
    else:
        with override(first.user.language):
            subject = gettext("试点通：%(n)s 条提醒和通知") % {"n": len(group)}
        body = "\n\n".join(f"{number}. {row.subject}\n{_with_link(row)}" for number, row in enumerate(group, start=1))
    return EmailMessage(
        subject,
        body,
        settings.DEFAULT_FROM_EMAIL,
        [first.user.email],
        # Deterministic: a second try after a crash is recognisably the same mail.
        headers={
            "Message-ID": f"<{first.bundle}@{settings.MAIL_DOMAIN}>",
            "Date": at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        },
        connection=connection,
    )


def _with_link(row: Message) -> str:
    return row.body + (f"\n{settings.SITE_URL}{row.url}" if row.url else "")


def _failed(group: list[Message], at: datetime, error: Exception) -> None:
    """Back-off 1 min → 1 h; after seven days a message is laid aside where people see it."""
    for row in group:
        wait = min(timedelta(minutes=1) * 2 ** min(row.attempts - 1, 6), timedelta(hours=1))
        dead = at - row.created_at > GIVE_UP
        Message.objects.filter(pk=row.pk).update(
            state=Message.State.DEAD if dead else Message.State.QUEUED,
            not_before=at + wait,
            lease_until=None,
            error=str(error)[:500],
        )
