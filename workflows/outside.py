"""Carrying anchors out of the database: into the file, to the auditors, and onto the heartbeat the pages read."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.authority import Scope
from accounts.holders import holders
from accounts.roles import Role
from notifications import outbox, words
from notifications.beats import ANCHOR
from notifications.models import Heartbeat
from workflows import anchoring, anchorlog
from workflows.anchorlog import Line, Unwritable
from workflows.ledger import canonical
from workflows.models import Anchor
from workflows.witnesses import Witnesses

log = logging.getLogger(__name__)

# A day, and two hours in which a beat that was silent at midnight may catch up (compass G14).
STALE = timedelta(hours=26)

words.register(
    words.Kind(
        "anchored", "message", _("存证锚定"),
        (
            words.Placeholder("number", _("锚定编号"), "128"),
            words.Placeholder("rows", _("办理记录条数"), "20411"),
            words.Placeholder("root", _("根哈希"), "5dc9da79a70659a9…"),
            words.Placeholder("line", _("锚定文件该行的哈希"), "6e340b9cffb37a98…"),
            words.Placeholder("moment", _("锚定时间"), "2026-03-10 00:00"),
        ),
        {
            "zh-hans": ("存证锚定第 $number 号", "第 $number 号锚定（$moment）：办理记录 $rows 条，根哈希 $root，锚定文件该行哈希 $line。请留存本邮件，供日后核对。"),
            "en": ("Ledger anchor $number", "Anchor $number ($moment): $rows ledger rows, root $root, hash of its line in the anchor file $line. Keep this message to check against."),
        },
        needed=("number", "root"),
    )
)  # fmt: skip


class Behind(Exception):
    """The file knows anchors that this database does not: it was restored, or somebody took them out."""


@dataclass
class Published:
    """What was written outside, and what is missing about it (no signature, no timestamp), in English."""

    lines: list[Line] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def publish() -> Published:
    """Writes every anchor that is not in the file yet. Raises Unwritable and Behind; what was written stays."""
    witnesses = Witnesses()
    lines = anchorlog.append(settings.ANCHOR_LOG, _waiting, witnesses.sign)
    return Published(lines, witnesses.faults)


def _waiting(last: Line | None) -> Iterable[str]:
    number = last.said["number"] if last is not None else 0
    if last is not None and not _known(last):
        raise Behind(
            f"the anchor file ends with anchor {number}, which this database does not have: was it restored? "
            "See docs/ledger.md, After a restore"
        )
    return Anchor.objects.filter(number__gt=number).order_by("number").values_list("body", flat=True)


def _known(last: Line) -> bool:
    """Whether the database has the anchor a line stands for. The same rows give the same root, so the whole body counts."""
    if last.said["kind"] == "restored":
        return (
            not last.said["number"]
            or Anchor.objects.filter(number=last.said["number"], body=last.said["body"]).exists()
        )
    return Anchor.objects.filter(number=last.said["number"], body=last.body).exists()


def restored(reason: str, at: datetime) -> Line | None:
    """Says in the file that the anchors this database does not have count no longer; None where there are none.

    Raises Unwritable. The line is signed as an anchor is, and everything it undoes stays readable.
    """
    known = dict(Anchor.objects.values_list("number", "body"))
    counting = anchorlog.standing(settings.ANCHOR_LOG).anchors
    common = [number for number, line in counting.items() if known.get(number) == line.body]
    if len(common) == len(counting):
        return None
    number = max(common, default=0)
    said = {
        "schema": 1,
        "kind": "restored",
        "number": number,
        "body": known.get(number, ""),
        "at": at,
        "reason": reason,
    }
    lines = anchorlog.append(settings.ANCHOR_LOG, lambda _last: [canonical(said)], Witnesses().sign)
    return lines[0]


def anchor(at: datetime) -> Published:
    """An anchor now, whether one is due or not, written outside and told. Raises Unwritable and Behind."""
    anchoring.make_all(at)
    published = publish()
    _note(at, published)
    return published


def beat(at: datetime) -> None:
    """What the scheduler's beat does: an anchor when one is due, and what an earlier beat could not write outside.

    Never raises for want of a file or a signer: that is said on /ops/, by doctor, and after 26 hours by a banner.
    """
    try:
        if anchoring.due(at):
            anchor(at)
        elif _pending():
            _note(at, publish())
    except (Unwritable, Behind) as fault:
        log.error("no anchor outside the database: %s", fault)
        _mark(str(fault), at)


def _pending() -> bool:
    newest = Anchor.objects.order_by("-number").values_list("number", flat=True).first()
    if newest is None:
        return False
    last = anchorlog.last_line(settings.ANCHOR_LOG)
    return last is None or last.said["number"] != newest


def _note(at: datetime, published: Published) -> None:
    if published.lines:
        newest = datetime.fromisoformat(published.lines[-1].said["at"])
        Heartbeat.objects.update_or_create(
            name=ANCHOR, defaults={"at": newest, "note": "; ".join(published.faults)[:200]}
        )
        if settings.ANCHOR_MAIL:
            _tell(published.lines[-1], at)


def _mark(fault: str, at: datetime) -> None:
    """Why nothing was written; the time of the last success stays."""
    Heartbeat.objects.get_or_create(name=ANCHOR, defaults={"at": at})
    Heartbeat.objects.filter(name=ANCHOR).update(note=fault[:200])


def _tell(line: Line, at: datetime) -> None:
    people = holders([Role.AUDITOR], Scope(), at).get(Role.AUDITOR, [])
    said, moment = line.said, datetime.fromisoformat(line.said["at"]).astimezone(clock.SHANGHAI)
    outbox.put(
        outbox.write(
            "anchored", f"anchored:{said['number']}:{said['root'][:16]}", people, at, url="/ops/",
            number=said["number"], rows=said["rows"], root=said["root"], line=line.hash,
            moment=moment.strftime("%Y-%m-%d %H:%M"),
        )
    )  # fmt: skip


def stale(newest: Heartbeat | None, at: datetime) -> bool:
    """Whether the newest anchor outside is too old to be relied on. Without any the question does not arise yet."""
    return newest is not None and newest.at + STALE <= at
