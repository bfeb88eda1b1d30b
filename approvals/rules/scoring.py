"""Weighted scores and how many experts' scores become one. Points of 100, two decimals."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from pilots.rules.judgement import Criterion, Scoring

CENT = Decimal("0.01")
_TRIMMED_NEEDS = 3


def _round(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def weighted(criteria: Sequence[Criterion], scores: Mapping[str, object]) -> Decimal:
    """The weighted sum of one sheet, in points of 100 (of the criteria's own weights).

    Raises KeyError for a missing criterion, ValueError for a score outside its scale.
    """
    total = Decimal(0)
    for criterion in criteria:
        score = Decimal(str(scores[criterion.code]))
        if not 0 <= score <= criterion.scale:
            raise ValueError(f"{criterion.code}: {score} is outside 0 to {criterion.scale}")
        total += score / criterion.scale * criterion.weight
    return _round(total)


def aggregate(scoring: Scoring, totals: Sequence[Decimal]) -> Decimal:
    """One score from the experts' totals: the mean, or the mean without the highest and the lowest.

    Raises ValueError below the quorum.
    """
    if len(totals) < scoring.quorum:
        raise ValueError(f"{len(totals)} of {scoring.quorum} scores")
    kept = sorted(totals)
    if scoring.aggregation == "trimmed_mean" and len(kept) >= _TRIMMED_NEEDS:
        kept = kept[1:-1]
    return _round(sum(kept, Decimal(0)) / len(kept))


def spread(totals: Sequence[Decimal]) -> Decimal:
    """Highest minus lowest total; 0 for none."""
    return max(totals) - min(totals) if totals else Decimal(0)


def mean(totals: Sequence[Decimal]) -> Decimal:
    """The mean of the members' totals, points of 100; 0 for none."""
    return _round(sum(totals, Decimal(0)) / len(totals)) if totals else Decimal(0)
