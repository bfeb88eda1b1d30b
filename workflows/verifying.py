"""Everything that must hold of the ledger, checked from the outside in: four walls, and what each of them sees.

chain    the rows of a case follow from one another, and their columns are what their hashed text says
head     the case row ends where its rows end, and is in the state they lead to; no case without its rows, no rows
         without their case
log      the rows are, place by place, what went into the log when an anchor was made
outside  the log's roots are those in the signed file that lies outside the database

Rows are read once by case and once by place in the log, streamed; the memory it takes is that of the largest case and
of one short line per anchor.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

from approvals import sealing
from workflows import anchorlog, ledger, merkle, proving, witnesses
from workflows.anchoring import SETTLED, heads_leaf, row_leaf
from workflows.anchorlog import Line, Standing
from workflows.heads import Head, HeadList, case_models, every
from workflows.models import Anchor, LedgerEntry, LogNode

CHUNK = 2000
_RETRIES = 5

# Told how many rows were read so far.
Say = Callable[[int], None]


@dataclass(frozen=True)
class Fault:
    """A place where a wall does not hold: which wall, where, and what is wrong, in English."""

    wall: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.wall}: {self.where}: {self.what}"


def everything(say: Say = lambda _rows: None) -> Iterator[Fault]:
    """Every fault there is; none when all holds. Raises Unwritable and SigningError where file or roots cannot be read."""
    standing = Standing()
    known = dict(Anchor.objects.order_by("number").values_list("number", "body"))
    yield from file(standing)
    yield from _anchors(standing, known)
    yield from cases(_newest(standing), say)
    yield from log(standing, say)


def copy(say: Say = lambda _rows: None) -> Iterator[Fault]:
    """Every fault of a copy that was taken some time ago: what the file has from after it is none. Raises as `everything`.

    For a scratch database restored from a backup; an installation that lost its newest anchors is at fault.
    """
    standing = Standing()
    known = dict(Anchor.objects.order_by("number").values_list("number", "body"))
    yield from file(standing)
    last = max(known, default=0)
    standing.anchors = {number: line for number, line in standing.anchors.items() if number <= last}
    yield from _anchors(standing, known)
    yield from cases(_newest(standing), say)
    yield from log(standing, say)


def _newest(standing: Standing) -> dict[str, Any] | None:
    whole = [line.said for line in standing.anchors.values() if line.said["heads"]]
    return whole[-1] if whole else None


# --- the file outside -----------------------------------------------------------------------------------------------
def file(standing: Standing) -> Iterator[Fault]:
    """Faults of the file itself: its chain, its signatures, its order. Fills `standing`."""
    roots, tsa_roots = sealing.roots(), sealing.tsa_roots()
    before, unsigned = "", 0
    for number, line in anchorlog.lines(settings.ANCHOR_LOG):
        where = f"line {number}"
        if line is None:
            # A crash may cut a line short; it is closed by the next, which does not name it.
            continue
        if line.before != before:
            yield Fault("outside", where, "it does not follow the line before")
        before = line.hash
        if line.signature:
            unsigned = 0
            if words := witnesses.objection(line, roots, tsa_roots):
                yield Fault("outside", where, words)
        else:
            # A later signature covers it, since each line names the one before.
            unsigned = number
        if words := standing.add(line):
            yield Fault("outside", where, words)
    if unsigned:
        yield Fault("outside", f"line {unsigned}", "nobody has signed it yet, nor a line after it")


def _anchors(standing: Standing, known: dict[int, str]) -> Iterator[Fault]:
    """The database's anchors (`known`, bodies by number, read before the file was) say what the file says."""
    for number, body in known.items():
        line = standing.anchors.get(number)
        if line is None:
            yield Fault("outside", f"anchor {number}", "it is not in the file")
        elif line.body != body:
            yield Fault("outside", f"anchor {number}", "the database says something else than the file")
    missing = set(standing.anchors) - set(known)
    # Some may have been made since.
    missing -= set(Anchor.objects.filter(number__in=missing).values_list("number", flat=True))
    for number in sorted(missing):
        yield Fault("outside", f"anchor {number}", "the file has it, the database does not")


# --- case by case ---------------------------------------------------------------------------------------------------
def cases(newest: dict[str, Any] | None, say: Say = lambda _rows: None) -> Iterator[Fault]:
    """Faults of chains and heads, and of the list of heads that the newest anchor (`newest`, what its line says) named."""
    size, listed = newest["size"] if newest else 0, HeadList()
    heads = every()
    head = next(heads, None)
    for uuid, group in groupby(_by_case(), key=lambda row: row.case_uuid):
        rows = list(group)
        while head is not None and head.uuid < uuid:
            yield from _bare(head)
            head = next(heads, None)
        if head is not None and head.uuid == uuid:
            yield from _case(rows, head)
            head = next(heads, None)
        else:
            yield from _orphan(uuid, rows)
        anchored = [row for row in rows if row.place is not None and row.place < size]
        if anchored:
            listed.add(uuid, anchored[-1].seq, anchored[-1].hash)
        say(len(rows))
    while head is not None:
        yield from _bare(head)
        head = next(heads, None)
    if newest is not None and listed.hash() != newest["heads"]:
        yield Fault("outside", f"anchor {newest['number']}", "the heads of the cases were others when it was made")


def _by_case() -> Iterator[Any]:
    rows = LedgerEntry.objects.annotate(place=F("node__place")).order_by("case_uuid", "seq")
    return iter(rows.iterator(CHUNK))


def _case(rows: list[LedgerEntry], head: Head) -> Iterator[Fault]:
    breaks = ledger.check(rows, head.hash, head.version, head.state)
    if breaks:
        # Somebody may have acted between reading the case and reading its rows.
        breaks = _again(head.model, head.uuid)
    yield from _named(head.model, head.uuid, breaks)


def _named(model: str, uuid: UUID, breaks: Iterable[ledger.Break]) -> Iterator[Fault]:
    for one in breaks:
        wall = "head" if one.what in (ledger.HEAD_DIFFERS, ledger.STATE_DIFFERS) else "chain"
        yield Fault(wall, f"{model} {uuid} #{one.seq}", one.what)


def _again(model: str, uuid: UUID) -> list[ledger.Break]:
    """The breaks of one case, read while nobody acts on it."""
    manager = next(one for one in case_models() if one._meta.label_lower == model)._default_manager
    for _try in range(_RETRIES):
        case = manager.filter(uuid=uuid).first()
        if case is None:
            return [ledger.Break(0, "the case is gone")]
        breaks = ledger.verify(case)
        if not breaks or manager.filter(pk=case.pk, version=case.version).exists():
            return breaks
    return breaks


def _bare(head: Head) -> Iterator[Fault]:
    """A case that says that something was done on it, and no row says what."""
    if breaks := _again(head.model, head.uuid):
        yield Fault("head", f"{head.model} {head.uuid}", f"its {head.version} rows are gone ({breaks[0].what})")


def _orphan(uuid: UUID, rows: list[LedgerEntry]) -> Iterator[Fault]:
    model = rows[0].case_model
    if any(one._default_manager.filter(uuid=uuid).exists() for one in case_models()):
        # It began after the heads of its model were read.
        yield from _named(model, uuid, _again(model, uuid))
    else:
        yield Fault("head", f"{model} {uuid}", f"{len(rows)} rows of a case that is not there")
        yield from _named(model, uuid, ledger.check(rows, rows[-1].hash, len(rows)))


# --- place by place -------------------------------------------------------------------------------------------------
def log(standing: Standing, say: Say = lambda _rows: None) -> Iterator[Fault]:
    """Faults of the log: rows that are others than at their anchor, roots that differ from those in the file."""
    ends = {line.said["size"]: line.said for line in standing.anchors.values()}
    whole = max(ends, default=0)
    edge, good, said_root = merkle.Frontier(), 0, False
    for place, kept, row in _by_place(whole):
        if place != edge.size:
            yield Fault("log", f"place {edge.size}", "what went in there is gone")
            break
        after = ends.get(place + 1)
        leaf = _leaf(row, after)
        if leaf is None:
            yield Fault("log", f"place {place}", "the row that went in there is gone")
        elif leaf != kept:
            yield Fault("log", f"place {place}: {_name(row)}", "it is not what went in there")
        for _made in edge.append(leaf or kept):
            pass
        if after is None:
            continue
        say(0)
        if edge.root().hex() != after["root"]:
            if not said_root:
                said_root = True
                yield Fault("outside", f"anchor {after['number']}", f"its root differs: what changed is among the rows that went in at places {good} to {place}")  # fmt: skip
        else:
            good = place + 1
    if edge.size < whole:
        gone = [said["number"] for size, said in sorted(ends.items()) if size > edge.size]
        yield Fault("outside", f"anchor {gone[0]}", f"the log has {edge.size} of the {whole} leaves that were anchored")
    yield from _left_out(standing)


def _by_place(size: int) -> Iterator[tuple[int, bytes, tuple[Any, ...]]]:
    columns = ("entry__case_model", "entry__case_uuid", "entry__seq", "entry__hash")
    rows = (
        LogNode.objects.filter(level=0, place__lt=size)
        .order_by("place")
        .values_list("place", "hash", "entry_id", *columns)
    )
    for place, kept, *row in rows.iterator(CHUNK):
        yield place, bytes(kept), tuple(row)


def _leaf(row: tuple[Any, ...], after: dict[str, Any] | None) -> bytes | None:
    """The leaf as the ledger says it now; None where the ledger has nothing to say."""
    key, model, uuid, seq, digest = row
    if key is not None:
        return merkle.leaf_hash(row_leaf(model, uuid, seq, digest)) if model is not None else None
    return merkle.leaf_hash(heads_leaf(after["heads"])) if after and after["heads"] else None


def _name(row: tuple[Any, ...]) -> str:
    return f"{row[1]} {row[2]} #{row[3]}" if row[0] is not None else "heads"


def _left_out(standing: Standing) -> Iterator[Fault]:
    """Rows that were there when an anchor was made and never went in."""
    newest = Anchor.objects.filter(number__in=standing.anchors).order_by("-number").first()
    if newest is None:
        return
    older = Anchor.objects.filter(at__lte=newest.at - SETTLED, number__in=standing.anchors).order_by("-number").first()
    if older is not None:
        for row in LedgerEntry.objects.filter(pk__lte=older.last, node=None).order_by("pk")[:CHUNK]:
            yield Fault("log", f"{row.case_model} {row.case_uuid} #{row.seq}", "it never went into the log")


# --- one case -------------------------------------------------------------------------------------------------------
def one(model: str, uuid: UUID) -> Iterator[Fault]:
    """Faults of one case: its chain, its head, and its rows against the newest anchor that the file has."""
    yield from _named(model, uuid, _again(model, uuid))
    standing = Standing()
    yield from file(standing)
    newest: Line | None = standing.anchors.get(max(standing.anchors, default=0))
    if newest is None:
        return
    for row in proving.of_case(uuid, newest.said["size"]):
        if not row.holds(newest.said["size"], bytes.fromhex(newest.said["root"])):
            yield Fault("log", f"{model} {uuid} #{row.seq}", "it cannot be proved to be in the newest anchor")
