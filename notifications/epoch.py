"""Noticing that the database was restored: it and the sent-log carry the same mark, renewed while messages are sent.

The row is committed first, then the file follows: a mark in the file that the database does not know can only mean
that the database is older than the file. Then nothing leaves the house until an administrator has seen how much would
go and how much went already, and says so (trust.md §5.7). The in-app inbox goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from notifications.models import Epoch, Heartbeat, Message
from notifications.sentlog import Unreadable, log

EVERY = timedelta(minutes=1)
KEEP = 1000
# The name under which the heartbeat table carries "held", so that pages and /healthz need no look at the file.
MARK = "outgoing"

RESTORED, LOST, UNREADABLE = "restored", "lost", "unreadable"
WORDS = {
    RESTORED: _("数据库比发送记录旧，很可能是从备份恢复的：对外消息已暂停，请核对后放行。"),
    LOST: _("发送记录文件不见了，无法判断哪些消息已经发出：对外消息已暂停，请核对后放行。"),
    UNREADABLE: _("发送记录文件无法读写，对外消息已暂停。请检查磁盘和权限；恢复后自动继续。"),
}


@dataclass(frozen=True)
class Count:
    """What a release would do: messages that would go, and those the sent-log says went already."""

    would_go: int
    already_went: int


def held(at: datetime) -> str:
    """Why nothing may leave at the moment ("restored", "lost", "unreadable"), or an empty text. Writes nothing."""
    try:
        token = log().token()
    except Unreadable:
        return UNREADABLE
    if token is None:
        # Neither side knows anything: the very first start.
        return LOST if Epoch.objects.exists() else ""
    return "" if Epoch.objects.filter(token=token).exists() else RESTORED


def check(at: datetime) -> str:
    """`held`, and renews the mark at most once a minute while open; keeps the heartbeat table in step."""
    why = held(at)
    if not why:
        newest = Epoch.objects.order_by("-pk").values_list("at", flat=True).first()
        # A clock that was set back must not stop the renewal for as long as it was set back.
        if newest is None or abs(at - newest) >= EVERY:
            try:
                _renew(at)
            except Unreadable:
                why = UNREADABLE
    if why:
        Heartbeat.objects.update_or_create(name=MARK, defaults={"at": at, "note": why})
    else:
        Heartbeat.objects.filter(name=MARK).delete()
    return why


def _renew(at: datetime, **release: object) -> None:
    token = uuid4()
    # A file that cannot be written must be known before the database has a mark that the file will never have.
    log().prepare()
    with transaction.atomic():
        Epoch.objects.create(token=token, at=at, **release)
        old = Epoch.objects.filter(by=None).order_by("-pk").values_list("pk", flat=True)[KEEP : KEEP + 1].first()
        if old is not None:
            # Releases are kept: they are somebody's decision.
            Epoch.objects.filter(by=None, pk__lte=old).delete()
    log().set_token(token, at)


def waiting():
    """(message rows that wait to leave, keys of those among them that went already)."""
    rows = list(Message.objects.outgoing().select_related("user", "endpoint").order_by("not_before", "pk"))
    went: set[str] = set()
    for start in range(0, len(rows), 500):
        went |= log().known(rows[start : start + 500])
    return rows, went


def release(at: datetime, *, by, reason: str) -> Count:
    """Lets messages go again; what the sent-log knows is marked as sent by the next pass. Raises Unreadable."""
    rows, went = waiting()
    count = Count(len(rows) - len(went), len(went))
    _renew(at, by=by, reason=reason, would_go=count.would_go, already_went=count.already_went)
    Heartbeat.objects.filter(name=MARK).delete()
    return count
