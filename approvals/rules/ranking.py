"""From scores to a list: order, cut-off, and why each item is above or below the line."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pilots.rules.judgement import Cutoff

_NONE = Decimal(0)


@dataclass(frozen=True)
class Candidate:
    """What the ranking needs to know of one application.

    `order` is the province's rank, used for ties; `deciding` the mean of the criterion that the rules name for
    ties (points of its own scale); `province` the key under which its quota stands; `veto` why it cannot pass
    whatever its score, empty for most.
    """

    key: int
    score: Decimal | None
    order: int
    number: str
    deciding: Decimal | None = None
    province: int = 0
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


def ranked(cutoff: Cutoff, candidates: Sequence[Candidate], quotas: Mapping[int, int] | None = None) -> list[Line]:
    """The list in order: by score, by the deciding criterion where the rules say so, by the province's rank, by number.

    Equal scores on both sides of the line are marked (programmes.md §5, "tie at the cut-off"): `head_decides` leaves
    them to the division head, `all_in` lets them all in, `higher_criterion` marks only those that are equal there, too.
    Vetoed ones stand last and take no place. `quotas` are the places of each province, honoured where the rules keep the list within them.
    """
    merit = _merit(cutoff)
    ordered = sorted(
        candidates, key=lambda item: (bool(item.veto), *(-part for part in merit(item)), item.order, item.number)
    )
    limits = dict(quotas or {}) if cutoff.within_quota else {}
    outside = _below_the_rules(cutoff, ordered, limits)
    open_to = [item for item in ordered if item.key not in outside]
    places = cutoff.max_places if cutoff.max_places is not None else len(open_to)
    edge = _edge(open_to, places, merit)
    # One place more than there are: what stands behind the line is out by number, not by merit.
    inside = {item.key for item in open_to[:places]}
    if cutoff.tie == "all_in":
        inside |= {item.key for item in open_to if merit(item) == edge}
    return [
        Line(
            item.key,
            index + 1,
            item.score,
            item.key in inside,
            outside.get(item.key, "" if item.key in inside else f"超出名额 {places} 个"),
            item.key not in outside and merit(item) == edge and cutoff.tie != "all_in",
        )
        for index, item in enumerate(ordered)
    ]


def _merit(cutoff: Cutoff) -> Callable[[Candidate], tuple[Decimal, ...]]:
    """What makes two candidates equal."""
    if cutoff.tie == "higher_criterion":
        return lambda item: (item.score or _NONE, item.deciding or _NONE)
    return lambda item: (item.score or _NONE,)


def _below_the_rules(cutoff: Cutoff, ordered: Sequence[Candidate], limits: Mapping[int, int]) -> dict[int, str]:
    """{key: reason} of those that no free place could bring in: vetoed, below the score, beyond the province's quota."""
    found: dict[int, str] = {}
    taken: Counter[int] = Counter()
    for item in ordered:
        if item.veto:
            found[item.key] = item.veto
        elif cutoff.min_score is not None and (item.score is None or item.score < cutoff.min_score):
            found[item.key] = f"低于入选线 {cutoff.min_score} 分"
        elif item.province in limits and taken[item.province] >= limits[item.province]:
            found[item.key] = f"超出本省名额 {limits[item.province]} 个"
        else:
            taken[item.province] += 1
    return found


def _edge(
    open_to: Sequence[Candidate], places: int, merit: Callable[[Candidate], tuple[Decimal, ...]]
) -> tuple[Decimal, ...] | None:
    """The merit that stands on both sides of the line, or None where the line falls between different ones."""
    if not 0 < places < len(open_to):
        return None
    last, first_out = merit(open_to[places - 1]), merit(open_to[places])
    return first_out if last == first_out else None
