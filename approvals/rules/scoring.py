"""Weighted scores and how many experts' scores become one. Points of 100, two decimals."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from pilots.rules.judgement import FULL_MARKS, Criterion, Scoring

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


def sheet_total(scoring: Scoring, scores: Mapping[str, object], bonus: Decimal = Decimal(0)) -> Decimal:
    """What one expert's sheet is worth: the weighted sum of the criteria and the bonus points.

    Raises KeyError and ValueError as `weighted` does, ValueError for a bonus outside 0 to `bonus_max`.
    """
    if not 0 <= bonus <= scoring.bonus_max:
        raise ValueError(f"bonus {bonus} is outside 0 to {scoring.bonus_max}")
    return _round(weighted(scoring.criteria, scores) + bonus)


def aggregate(scoring: Scoring, totals: Sequence[Decimal], survey: Decimal | None = None) -> Decimal:
    """One score from the experts' totals: the mean, or the mean without the highest and the lowest, plus the survey's
    result (0 to 100) by its weight. Totals are worth 100 less the survey's weight, plus bonus points: a score may
    pass 100 by as much as `bonus_max`.

    Raises ValueError below the quorum, without the survey the rules ask for, and for a result outside 0 to 100.
    """
    if len(totals) < scoring.quorum:
        raise ValueError(f"{len(totals)} of {scoring.quorum} scores")
    kept = sorted(totals)
    if scoring.aggregation == "trimmed_mean" and len(kept) >= _TRIMMED_NEEDS:
        kept = kept[1:-1]
    score = sum(kept, Decimal(0)) / len(kept)
    if scoring.survey_weight:
        if survey is None:
            raise ValueError("the survey is missing")
        if not 0 <= survey <= FULL_MARKS:
            raise ValueError(f"survey {survey} is outside 0 to 100")
        score += survey * scoring.survey_weight / FULL_MARKS
    return _round(score)


def spread(totals: Sequence[Decimal]) -> Decimal:
    """Highest minus lowest total; 0 for none."""
    return max(totals) - min(totals) if totals else Decimal(0)


def apart(scoring: Scoring, totals: Sequence[Decimal]) -> bool:
    """True when the totals are further apart than the rules let pass without a discussion."""
    return scoring.spread_flag is not None and spread(totals) > scoring.spread_flag


def outliers(scoring: Scoring, totals: Mapping[int, Decimal]) -> list[int]:
    """Keys of the totals that lie further from the middle one than half the permitted spread."""
    if not apart(scoring, list(totals.values())) or scoring.spread_flag is None:
        return []
    middle = median(totals.values())
    return [key for key, total in totals.items() if abs(total - middle) > scoring.spread_flag / 2]


def mean(totals: Sequence[Decimal]) -> Decimal:
    """The mean of the members' totals, points of 100; 0 for none."""
    return _round(sum(totals, Decimal(0)) / len(totals)) if totals else Decimal(0)
