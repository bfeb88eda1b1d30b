"""Putting ledger rows into the log, and its root on record: in the database here, outside in `anchorlog`.

A row's chain shows a change to whoever has something older to hold it against. The log's root, written where whoever
may write the database may not, is that something (trust.md §3.4). The anchors are made once a day of Shanghai, more often
where PILOTAGE_ANCHOR_HOURS says so; nothing is lost when the beat was silent, for the next one takes everything since.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import clock
from workflows import merkle
from workflows.heads import HeadList, every
from workflows.ledger import canonical
from workflows.models import Anchor, LedgerEntry, LogNode

# More rows than this are left to the next anchor, so that no transaction holds up the writers for long.
MOST = 20_000
# A transaction that began earlier has ended: on PostgreSQL a row may appear below keys that were seen before.
SETTLED = timedelta(days=1)
_BATCH = 2000


def row_leaf(model: str, uuid: Any, seq: int, digest: str) -> bytes:
    """What goes into the log for a ledger row."""
    return f"row {model} {uuid} {seq} {digest}".encode()


def heads_leaf(digest: str) -> bytes:
    """What goes into the log for the list of all cases' heads."""
    return f"heads {digest}".encode()


def due(at: datetime) -> bool:
    """Whether an anchor is owed at `at`: none yet today, or the newest is older than the installation allows."""
    newest = Anchor.objects.order_by("-number").values_list("at", flat=True).first()
    if newest is None:
        return LedgerEntry.objects.exists()
    return clock.today(newest) < clock.today(at) or newest + timedelta(hours=settings.ANCHOR_HOURS) <= at


def make(at: datetime) -> Anchor | None:
    """The next anchor: every ledger row since the last one, and the heads of all cases. In the database only.

    None when nothing was ever done, or when somebody else made it at the same moment. Costs the number of new rows plus
    one pass over the case rows; the ledger's old rows are not read.
    """
    try:
        with transaction.atomic():
            return _make(at)
    except IntegrityError:
        # The other one took the same place in the log; everything of ours is rolled back.
        return None


def make_all(at: datetime) -> list[Anchor]:
    """Anchors until no row waits: one, except where there were more than `MOST`."""
    made: list[Anchor] = []
    while (anchor := make(at)) is not None:
        made.append(anchor)
        if anchor.heads:
            break
    return made


def _make(at: datetime) -> Anchor | None:
    newest = Anchor.objects.order_by("-number").first()
    heads, versions = HeadList(), {}
    for head in every():
        heads.add(head.uuid, head.version, head.hash)
        versions[head.uuid] = head.version
    waiting = list(_fresh(at))
    partial = len(waiting) > MOST
    # A row that was committed after its case's head was read belongs to the next anchor.
    waiting = waiting[:MOST] if partial else [row for row in waiting if row[3] <= versions.get(row[2], 0)]
    if newest is None and not waiting:
        return None
    edge = merkle.frontier(newest.size if newest else 0, _read)
    nodes = _grow(edge, waiting)
    if not partial:
        nodes += [_node(*made) for made in edge.append(merkle.leaf_hash(heads_leaf(heads.hash())))]
    for start in range(0, len(nodes), _BATCH):
        LogNode.objects.bulk_create(nodes[start : start + _BATCH])
    said = {
        "number": newest.number + 1 if newest else 1,
        "at": at,
        "size": edge.size,
        "rows": (newest.rows if newest else 0) + len(waiting),
        "root": edge.root().hex(),
        "previous": newest.root if newest else "",
        "heads": "" if partial else heads.hash(),
    }
    last = max([newest.last if newest else 0, *(row[0] for row in waiting)])
    return Anchor.objects.create(**said, last=last, body=canonical({"schema": 1, "kind": "anchor", **said}))


def _fresh(at: datetime) -> Iterable[tuple[Any, ...]]:
    """(key, model, uuid, seq, hash) of rows that are not in the log, oldest key first, one more than `MOST`.

    Rows below the keys that were seen a day ago are all in; above, each is asked, for keys are given out in one order
    and committed in another.
    """
    settled = Anchor.objects.filter(at__lte=at - SETTLED).order_by("-number").values_list("last", flat=True).first()
    rows = LedgerEntry.objects.filter(pk__gt=settled or 0, node=None).order_by("pk")
    return islice(rows.values_list("pk", "case_model", "case_uuid", "seq", "hash").iterator(_BATCH), MOST + 1)


def _grow(edge: merkle.Frontier, waiting: Iterable[tuple[Any, ...]]) -> list[LogNode]:
    nodes = []
    for key, *facts in waiting:
        for level, place, top in edge.append(merkle.leaf_hash(row_leaf(*facts))):
            nodes.append(_node(level, place, top, key if level == 0 else None))
    return nodes


def _node(level: int, place: int, top: bytes, key: int | None = None) -> LogNode:
    return LogNode(level=level, place=place, hash=top, entry_id=key)


def _read(level: int, place: int) -> bytes:
    return bytes(LogNode.objects.values_list("hash", flat=True).get(level=level, place=place))
