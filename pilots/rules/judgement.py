"""Scoring sheets, cut-offs and the bands of acceptance, as data."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .expertise import FieldOfExpertise
from .forms import Section
from .lines import Path
from .parts import Code, Period, Rule, Text, refuse, twice

FULL_MARKS = Decimal(100)
LONGEST_GRADE, LONGEST_GRADE_EN = 30, 40


class Criterion(Rule):
    """One line of the scoring sheet; the weight is in points of 100."""

    code: Code
    name: Text
    weight: Annotated[Decimal, Field(gt=0, le=100)]
    guidance: Text | None = None
    scale: Literal[5, 10, 100] = 10


class Round(Rule):
    """A round of review before the last one: how many go on, the best first (programmes.md card 37)."""

    code: Code
    name: Text
    go_on: Annotated[int, Field(ge=1)]


class Scoring(Rule):
    """How experts judge. The weights of the criteria sum to 100."""

    experts: Annotated[int, Field(ge=1, le=99)]
    quorum: Annotated[int, Field(ge=1, le=99)]
    aggregation: Literal["mean", "trimmed_mean"] = "mean"
    blind: bool = False
    criteria: Annotated[list[Criterion], Field(alias="criterion", min_length=1)]
    # Points an expert may add to a sheet, with a reason; `bonus` says what for.
    bonus_max: Annotated[Decimal, Field(ge=0, le=20)] = Decimal(0)
    bonus: list[Text] = []
    # Weight of a survey's result (0 to 100) beside the experts' criteria, in points of 100.
    survey_weight: Annotated[Decimal, Field(ge=0, lt=100)] = Decimal(0)
    # What keeps an application off the list whatever its score.
    veto: list[Text] = []
    # Highest minus lowest total above which the panel has to talk (programmes.md §5, divergent scores).
    spread_flag: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    # How a panel comes together: drawn over the whole batch, or each one put together by hand.
    draw: Literal["balanced", "by_hand"] = "balanced"
    avoid_own_province: bool = True
    # A declared tie keeps an expert away until it has been over for so many years (programmes.md §5: 3).
    tie_years: Annotated[int, Field(ge=0, le=20)] = 3
    # How many people of one employer may sit on one panel.
    max_same_employer: Annotated[int, Field(ge=1, le=99)] = 1
    # Members must be listed under one of these; empty: anybody.
    fields: list[FieldOfExpertise] = []
    # Rounds before the last; each has a panel of its own, and its scores decide only who goes on.
    rounds: Annotated[list[Round], Field(alias="round")] = []
    # How long the secretary has to put the panel together.
    draw_within: Period = Period(n=5, unit="working")
    # … and to complete it, or bring it together, when the sheets are in and the review is still open.
    settle_within: Period = Period(n=5, unit="working")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[tuple[Path, str]]:
        total = sum((criterion.weight for criterion in self.criteria), Decimal(0)) + self.survey_weight
        if total != FULL_MARKS:
            yield (), f"权重之和为 {total}，须为 100"
        if self.quorum > self.experts:
            yield ("quorum",), f"法定人数 {self.quorum} 大于专家人数 {self.experts}"
        if self.aggregation == "trimmed_mean" and self.quorum < 3:
            yield ("aggregation",), "去掉最高分和最低分至少需要 3 位专家"
        yield from twice(("round",), [one.code for one in self.rounds], "评审轮次")
        for index in range(1, len(self.rounds)):
            if self.rounds[index].go_on >= self.rounds[index - 1].go_on:
                yield ("round", index, "go_on"), "后一轮进入的数目须少于前一轮"
        if self.bonus and not self.bonus_max:
            yield ("bonus",), "写了加分事项，须写 bonus_max（加分上限）"
        yield from twice(("criterion",), [criterion.code for criterion in self.criteria], "评分项")


class Cutoff(Rule):
    """Who gets on the list: by score, by rank, by the provinces' quotas, or all three; ties by a written rule."""

    min_score: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    max_places: Annotated[int, Field(ge=1)] | None = None
    tie: Literal["head_decides", "all_in", "higher_criterion"] = "head_decides"
    tie_criterion: Code | None = None
    # No province gets more places on the list than it could recommend.
    within_quota: bool = False
    # A place that falls free after an upheld objection is offered to the next in rank.
    next_in_rank: bool = False

    @model_validator(mode="after")
    def _tie_has_its_rule(self) -> Self:
        if (self.tie == "higher_criterion") != (self.tie_criterion is not None):
            refuse([((), "同分按某一评分项排序时，tie 写 higher_criterion 并用 tie_criterion 指明该项")])
        return self


# operate: what was built goes into open-ended operation (shape II).
Consequence = Literal["accept", "operate", "rectify", "revoke", "new_round", "lapse"]


class Band(Rule):
    """Scores from `floor` up to the next band's floor, and what they mean for the site."""

    code: Code
    name: Text
    floor: Annotated[Decimal, Field(ge=0, le=100)]
    consequence: Consequence
    # A plan for what comes next must follow within `acceptance.follow_up` (programmes.md card 4).
    follow_up: bool = False

    @model_validator(mode="after")
    def _fits_on_paper(self) -> Self:
        # The grade is printed on certificates and kept with the site: 30 characters, 40 in English.
        if len(self.name.zh) > LONGEST_GRADE or len(self.name.en) > LONGEST_GRADE_EN:
            refuse([(("name",), f"等次名称过长，中文不超过 {LONGEST_GRADE} 字，英文不超过 {LONGEST_GRADE_EN} 个字符")])
        return self


Method = Literal["report_heard", "site_seen", "file_checked"]


class Acceptance(Rule):
    """The end of the term: who judges, when, on which scale, with what consequence."""

    authority: Literal["national_panel", "province", "province_then_national"]
    # The self-evaluation opens this long before the term ends …
    opens_before: Period
    # … and the conclusion is due this long after (programmes.md §0.5).
    window_after: Period
    # How many members of the panel sign an opinion; 1: the lead alone concludes.
    opinions: Annotated[int, Field(ge=1, le=15)] = 1
    avoid_own_province: bool = True
    # What a panel must have done, on record, before it concludes (programmes.md §7.3).
    methods: list[Method] = ["report_heard", "site_seen", "file_checked"]
    sections: Annotated[list[Section], Field(alias="section")] = []
    criteria: Annotated[list[Criterion], Field(alias="criterion", min_length=1)]
    bands: Annotated[list[Band], Field(alias="band", min_length=1)]
    rectification: Period | None = None
    rectify_times: Annotated[int, Field(ge=0, le=3)] = 1
    follow_up: Period | None = None

    @model_validator(mode="after")
    def _covers_the_scale(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[tuple[Path, str]]:
        total = sum((criterion.weight for criterion in self.criteria), Decimal(0))
        if total != FULL_MARKS:
            yield (), f"权重之和为 {total}，须为 100"
        floors = [band.floor for band in self.bands]
        for index in range(1, len(floors)):
            if floors[index] >= floors[index - 1]:
                yield ("band", index, "floor"), "分数段须从高到低排列，且下限各不相同"
        if floors[-1] != 0:
            yield ("band", len(floors) - 1, "floor"), f"分数段没有覆盖 0 至 {floors[-1]} 分"
        if any(band.consequence == "rectify" for band in self.bands) and self.rectification is None:
            yield (), "有限期整改的分数段，须写 rectification 期限"
        if any(band.follow_up for band in self.bands) and self.follow_up is None:
            yield (), "有后续方案的分数段，须写 follow_up 期限"
        for index, band in enumerate(self.bands):
            if band.follow_up and band.consequence not in ("accept", "new_round"):
                yield ("band", index, "follow_up"), "只有合格或转入新一轮的分数段可以要求后续方案"
        yield from twice(("criterion",), [criterion.code for criterion in self.criteria], "评分项")
        yield from twice(("band",), [band.code for band in self.bands], "分数段")

    def band(self, score: Decimal) -> Band:
        """The band of a score (points of 100)."""
        return next(band for band in self.bands if score >= band.floor)
