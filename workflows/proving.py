"""Proofs that the rows of a case are in the log (RFC 9162 §2.1.3), from the kept subtrees."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from workflows import merkle
from workflows.anchoring import row_leaf
from workflows.models import LedgerEntry, LogNode


@dataclass(frozen=True)
class Proved:
    """A ledger row with its place in the log, and the path from there to a root."""

    seq: int
    leaf: bytes
    place: int
    path: tuple[bytes, ...]

    def holds(self, size: int, root: bytes) -> bool:
        """Whether the path leads to this root of a log of `size` leaves."""
        return merkle.included(self.leaf, self.place, size, self.path, root)


def of_case(uuid: UUID, size: int) -> list[Proved]:
    """The rows of a case that are in the log of `size` leaves, in order, each with its proof.

    The leaf is made of the row as it stands now. Statements: one, and one per level of the tree, whatever the number of
    rows.
    """
    rows = (
        LedgerEntry.objects.filter(case_uuid=uuid, node__place__lt=size)
        .annotate(place=F("node__place"))
        .order_by("seq")
        .values_list("case_model", "case_uuid", "seq", "hash", "place")
    )
    found = list(rows)
    paths = _paths([row[4] for row in found], size)
    return [
        Proved(row[2], merkle.leaf_hash(row_leaf(*row[:4])), row[4], path)
        for row, path in zip(found, paths, strict=True)
    ]


def from_to(first: int, second: int) -> list[bytes]:
    """The proof that the log of `second` leaves begins with that of `first` (RFC 9162 §2.1.4)."""
    wanted: set[tuple[int, int]] = set()
    merkle.consistency(first, second, _note(wanted))
    kept = _nodes(wanted)
    return merkle.consistency(first, second, lambda level, place: kept[level, place])


def _paths(places: Iterable[int], size: int) -> list[tuple[bytes, ...]]:
    places, wanted = list(places), set[tuple[int, int]]()
    for place in places:
        merkle.inclusion(place, size, _note(wanted))
    kept = _nodes(wanted)
    return [tuple(merkle.inclusion(place, size, lambda level, at: kept[level, at])) for place in places]


def _note(wanted: set[tuple[int, int]]) -> merkle.Read:
    """Which subtrees a proof is made of depends on numbers only, so it can be asked before they are read."""

    def read(level: int, place: int) -> bytes:
        wanted.add((level, place))
        return b""

    return read


def _nodes(wanted: set[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    found: dict[tuple[int, int], bytes] = dict.fromkeys(wanted, b"")
    for level in sorted({level for level, _place in wanted}):
        places = [place for one, place in wanted if one == level]
        rows = LogNode.objects.filter(level=level, place__in=places).values_list("place", "hash")
        found.update({(level, place): bytes(top) for place, top in rows})
    return found
