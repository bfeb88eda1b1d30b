"""Taking messages out of the outbox: claim whole addressees, hand their letters over, mark what became of them.

Three facts make a killed sender harmless. Rows are leased, so somebody else goes on after a minute. A letter that left
is in the sent-log before the database knows, so at most the one letter that was in the air is sent again. And that one
carries the same id, because the bundle was stored when it was claimed.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from accounts.models import User
from notifications import bounces, calendars, epoch, preferences, sentlog
from notifications.channels import registry
from notifications.channels.base import Answer, Channel, Letter, Permanent, Temporary, Undelivered
from notifications.models import Deadline, Endpoint, Message, Reminder

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
GIVE_UP = timedelta(days=7)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
BATCH = 500
# Handing over stops while the lease has room for one more answer (channels.http.WHOLE is ten seconds).
HANDING_SECONDS = 40
# What a newer word about the same duty makes pointless.
ABOUT_TIME = ("reminder", "due_today", "overdue", "escalation", "vacant")

Note = Message.Note
SENT, QUEUED, DEAD, DROPPED = Message.State.SENT, Message.State.QUEUED, Message.State.DEAD, Message.State.DROPPED


def send_due(at: datetime, limit: int = 5000) -> int:
    """Hands due messages of every channel over; returns how many went. Safe to run by anyone, any number of times.

    What is due for one addressee over one channel at one time leaves as one letter. Digests wait for office hours of a
    working day. Nothing leaves while `epoch.check` says why not.
    """
    if epoch.check(at):
        return 0
    due = Message.objects.due(at)
    waiting = list(due.order_by("channel").values_list("channel", flat=True).distinct())
    if not waiting:
        return 0
    digests = preferences.office_hours(at, calendars.current())
    try:
        return _pass(at, set(waiting), limit, digests=digests)
    except sentlog.Unreadable:
        # What left is marked; the rest is leased and comes back. Pages say why nothing leaves.
        log.exception("the sent-log cannot be written")
        epoch.check(at)
        return 0


def _pass(at: datetime, waiting: set[str], limit: int, *, digests: bool) -> int:
    sent = 0
    # In the registry's order: what people hear of goes before what machines do.
    for code, channel in registry.every().items():
        if code not in waiting:
            continue
        while sent < limit:
            rows = claim(channel, at, digests=digests)
            if not rows:
                break
            went, everything = _send(channel, rows, at)
            sent += went
            if not everything:
                break
    return sent


def claim(channel: Channel, at: datetime, *, digests: bool = True) -> list[Message]:
    """Takes a batch of due messages of a channel for this sender, whole addressees at a time. Empty: nothing is left.

    On PostgreSQL several senders share the work: each takes addressees that nobody else is looking at, so that one
    person's messages never leave in two letters. On SQLite the immediate transaction is the lock.
    """
    mine = uuid4()
    due = Message.objects.due(at).filter(channel=channel.code)
    if not digests:
        due = due.filter(digest=False)
    addressee = "user_id" if channel.personal else "endpoint_id"
    with transaction.atomic():
        candidates = due.order_by(addressee, "pk").values_list(addressee, flat=True)[:BATCH]
        keys = set(candidates)
        if not keys:
            return []
        # Whoever gets a letter now gets with it what a silent server kept back: one digest a day, not one for each try.
        kept_back = Message.objects.filter(state=QUEUED, channel=channel.code, attempts__gt=0)
        rows = due | (kept_back if digests else kept_back.filter(digest=False))
        rows = rows.filter(**{f"{addressee}__in": _free(User if channel.personal else Endpoint, keys)})
        won = rows.update(
            state=Message.State.SENDING, lease_until=Now() + LEASE, attempts=F("attempts") + 1, claim=mine,
            bundle=Coalesce("bundle", mine), tried_from=Coalesce("tried_from", at),
        )  # fmt: skip
    if not won:
        return []
    related = ("user",) if channel.personal else ("endpoint",)
    return list(Message.objects.filter(claim=mine).select_related(*related).order_by(addressee, "pk"))


def _free(model, keys: set[int]) -> Iterable[int]:
    """Those of these addressees whom no other sender is looking at."""
    if not connection.features.has_select_for_update_skip_locked:
        return keys
    # Without the key: whoever writes a row that names this person need not wait for us.
    locked = model.objects.filter(pk__in=keys).order_by("pk").select_for_update(skip_locked=True, no_key=True)
    return list(locked.values_list("pk", flat=True))


def _send(channel: Channel, rows: list[Message], at: datetime) -> tuple[int, bool]:
    """Hands over one batch. Returns (messages that went, False when the time was over before the last)."""
    rows = _still_wanted(channel, rows, at)
    went = sentlog.log().known(rows)
    _mark_sent([row for row in rows if row.key in went], at, note=Note.KNOWN)
    letters = _letters(row for row in rows if row.key not in went)
    sent: list[Message] = []
    failed: dict[Undelivered, list[Message]] = {}
    left = {letter.id: letter for letter in letters}
    try:
        for letter, fault in _in_time(_answers(channel, letters, at)):
            left.pop(letter.id)
            if fault is None:
                sentlog.log().append(letter.messages, letter.id, at)
                sent += letter.messages
            else:
                failed.setdefault(fault, []).extend(letter.messages)
    finally:
        _mark_sent(sent, at)
        _mark_failed(failed, at)
        _give_back([message for letter in left.values() for message in letter.messages])
    if channel.code == "email":
        bounces.note(sent, failed, at)
    return len(sent), not left


def _answers(channel: Channel, letters: list[Letter], at: datetime) -> Iterator[Answer]:
    """The channel's answers; a fault of ours in a channel is a temporary failure of what it had not answered."""
    open_ = {letter.id: letter for letter in letters}
    try:
        for letter, fault in channel.deliver(letters, at):
            open_.pop(letter.id, None)
            yield letter, fault
    except Exception as error:
        log.exception("channel %s failed", channel.code)
        fault = Temporary(f"{type(error).__name__}: {error}"[:500])
        for letter in open_.values():
            yield letter, fault


def _in_time(answers: Iterator[Answer]) -> Iterator[Answer]:
    """The answers until the lease has no more room: what is left then goes back into the queue."""
    began = time.monotonic()
    for answer in answers:
        yield answer
        if time.monotonic() - began > HANDING_SECONDS:
            return


def _letters(rows: Iterable[Message]) -> list[Letter]:
    groups: dict[tuple, list[Message]] = defaultdict(list)
    for row in rows:
        groups[row.user_id, row.endpoint_id, row.bundle].append(row)
    return [Letter(messages) for messages in groups.values()]


def _still_wanted(channel: Channel, rows: list[Message], at: datetime) -> list[Message]:
    """The rows that should still go. The others are marked with the reason: duty over, person gone, address dead."""
    duties = {row.duty for row in rows if row.duty is not None}
    versions = dict(
        Deadline.objects.open().filter(uuid__in=duties).values_list("uuid", "due_version") if duties else ()
    )
    dead_addresses = bounces.paused({row.user.email for row in rows}) if channel.code == "email" else set()
    dropped: dict[Note, list[Message]] = defaultdict(list)
    wanted = []
    for row in rows:
        if row.duty is not None and not _holds(row, versions):
            dropped[Note.OVER].append(row)
        elif channel.personal and not row.user.is_active:
            dropped[Note.GONE].append(row)
        elif channel.personal and not channel.reaches(row.user):
            dropped[Note.NO_ADDRESS].append(row)
        elif row.user_id and row.user.email.lower() in dead_addresses:
            dropped[Note.PAUSED].append(row)
        elif row.endpoint_id and not row.endpoint.active:
            dropped[Note.OFF].append(row)
        else:
            wanted.append(row)
    for note, gone in dropped.items():
        _mark(gone, state=DROPPED, note=note)
    _owe_again([row for row in dropped[Note.GONE] if row.duty in versions and row.kind in ABOUT_TIME])
    return wanted


def _holds(row: Message, versions: dict[UUID, int]) -> bool:
    """True while the duty is open, and for what speaks of its date, while that date is the same."""
    return row.duty in versions and (row.kind not in ABOUT_TIME or row.duty_version in (None, versions[row.duty]))


def _owe_again(rows: list[Message]) -> None:
    """Rungs that were said to somebody who has left are owed once more: whoever holds the seat now hears them."""
    rungs = Q(pk__in=[])
    for row in rows:
        rungs |= Q(deadline__uuid=row.duty, due_version=row.duty_version, rung=row.key.split(":")[2])
    if rows:
        Reminder.objects.filter(rungs, state=Reminder.State.SPOKEN).update(state=Reminder.State.OWED)


def _mark(rows: list[Message], **values: object) -> None:
    """Changes rows that are still ours: a sender whose lease ran out does not speak for the one that came after."""
    if rows:
        ours = Message.objects.filter(pk__in=[row.pk for row in rows], claim=rows[0].claim)
        ours.filter(state=Message.State.SENDING).update(lease_until=None, **values)


def _mark_sent(rows: list[Message], at: datetime, note: str = "") -> None:
    _mark(rows, state=SENT, sent_at=at, error="", error_en="", note=note)


def _mark_failed(failed: dict[Undelivered, list[Message]], at: datetime) -> None:
    """Back-off 1 min → 1 h. After seven days of trying, or at once when it is hopeless, a message is laid aside."""
    # When a server is down hundreds fail alike: one statement for all of them.
    alike: dict[tuple, list[Message]] = defaultdict(list)
    for fault, rows in failed.items():
        for row in rows:
            dead = isinstance(fault, Permanent) or at - (row.tried_from or at) > GIVE_UP
            # A letter that certainly did not arrive, now or before, need not stay the same letter.
            loose = getattr(fault, "unsent", False) and row.bundle == row.claim
            alike[fault.zh[:500], fault.en[:500], dead, min(row.attempts, 7), loose].append(row)
    for (zh, en, dead, attempts, loose), same in alike.items():
        pause = min(FIRST_PAUSE * 2 ** max(attempts - 1, 0), LONGEST_PAUSE)
        more = {"bundle": None} if loose else {}
        _mark(same, state=DEAD if dead else QUEUED, not_before=at + pause, error=zh, error_en=en, **more)


def _give_back(rows: list[Message]) -> None:
    """Rows nobody tried: back into the queue, and the attempt does not count."""
    _mark(rows, state=QUEUED, attempts=F("attempts") - 1)


def again(rows, at: datetime) -> int:
    """Puts messages that were given up, or wait, back into the queue at once; seven days begin anew. Returns how many."""
    again_ = rows.exclude(state__in=[SENT, Message.State.SENDING])
    bounces.forget(again_.filter(channel="email").values_list("user__email", flat=True))
    return again_.update(
        state=QUEUED, not_before=at, lease_until=None, attempts=0, tried_from=None, bundle=None, note=""
    )
