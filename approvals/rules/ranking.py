"""From scores to a list: order, cut-off, and why each item is above or below the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pilots.rules.judgement import Cutoff


@dataclass(frozen=True)
class Candidate:
    """What the ranking needs to know of one application. `order` is the province's rank, used for ties; `veto` is why
    it cannot pass whatever its score, empty for most."""

    key: int
    score: Decimal | None
    order: int
    number: str
    veto: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the list. `tied` marks equal scores across the cut: a person has to look."""

    key: int
    rank: int
    score: Decimal | None
    proposed: bool
    reason: str
    tied: bool = False


def ranked(cutoff: Cutoff, candidates: Sequence[Candidate]) -> list[Line]:
    """The list in order. Equal scores are ordered by the province's rank, then by number, and marked when the
    line falls between them (programmes.md §5, "tie at the cut-off"). Vetoed ones stand last and take no place."""
    ordered = sorted(
        candidates,
        key=lambda item: (
            bool(item.veto),
            -(item.score if item.score is not None else Decimal(0)),
            item.order,
            item.number,
        ),
    )
    running = sum(not item.veto for item in ordered)
    places = cutoff.max_places if cutoff.max_places is not None else running
    edge: Decimal | None = None
    if 0 < places < running and ordered[places - 1].score == ordered[places].score:
        edge = ordered[places].score
    lines = []
    for index, item in enumerate(ordered):
        if item.veto:
            lines.append(Line(item.key, index + 1, item.score, False, item.veto))
            continue
        reason = ""
        inside = index < places
        if not inside and edge is not None and cutoff.tie == "all_in" and item.score == edge:
            inside = True
        if cutoff.min_score is not None and (item.score is None or item.score < cutoff.min_score):
            inside, reason = False, f"低于入选线 {cutoff.min_score} 分"
        elif not inside:
            reason = f"超出名额 {places} 个"
        lines.append(Line(item.key, index + 1, item.score, inside, reason, edge is not None and item.score == edge))
    return lines
