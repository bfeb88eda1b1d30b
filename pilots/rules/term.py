"""What the rules say about the years of a term and its end: changes, mid-term, renewal, revocation."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .forms import Section
from .judgement import Criterion
from .lines import Path
from .parts import Code, Period, Rule, Text, refuse, twice

ChangeKind = Literal["name", "operator", "scope", "contact", "extension", "early_acceptance"]


class Extension(Rule):
    """A longer term on a documented request: how many months each time, how often (programmes.md §5)."""

    months: Annotated[int, Field(ge=1, le=60)]
    times: Annotated[int, Field(ge=1, le=5)] = 1


class EarlyAcceptance(Rule):
    """Acceptance before its day, once the goals are met: not before `after`, counted from the first day."""

    after: Period
    # Every report that has fallen due must have been filed.
    reports_filed: bool = True


class Changes(Rule):
    """Which changes a site may ask for during its term."""

    kinds: list[ChangeKind] = ["name", "operator", "scope", "contact"]
    extension: Extension | None = None
    early: EarlyAcceptance | None = None

    @model_validator(mode="after")
    def _kinds_have_their_limits(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[tuple[Path, str]]:
        for kind, block, name in (
            ("extension", self.extension, "extension"),
            ("early_acceptance", self.early, "early"),
        ):
            if (kind in self.kinds) != (block is not None):
                yield ("kinds",), f"变更种类 {kind} 与 [change.{name}] 须同时写或同时不写"


class MidBand(Rule):
    """Mid-term scores from `floor` up, and what follows."""

    code: Code
    name: Text
    floor: Annotated[Decimal, Field(ge=0, le=100)]
    consequence: Literal["pass", "improve", "propose_revocation"]


class MidTerm(Rule):
    """The look at half-time: when, counted from the first day of the term, and what is asked and scored."""

    after: Period
    authority: Literal["province", "national_panel"] = "province"
    # How long the assessor has once the report is in.
    assess_within: Period = Period(n=20, unit="working")
    sections: Annotated[list[Section], Field(alias="section")] = []
    criteria: Annotated[list[Criterion], Field(alias="criterion")] = []
    bands: Annotated[list[MidBand], Field(alias="band")] = []
    improve: Period | None = None

    @model_validator(mode="after")
    def _covers_the_scale(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[tuple[Path, str]]:
        if self.bands:
            if not self.criteria:
                yield ("band",), "有分数段就要有评分项"
            floors = [band.floor for band in self.bands]
            if floors != sorted(set(floors), reverse=True) or floors[-1] != 0:
                yield ("band",), "分数段须从高到低排列，下限各不相同，最后一段下限为 0"
        if self.criteria and sum(item.weight for item in self.criteria) != 100:
            yield (), "权重之和须为 100"
        if any(band.consequence == "improve" for band in self.bands) and self.improve is None:
            yield ("band",), "有限期改进的分数段，须写 improve 期限"
        yield from twice(("band",), [band.code for band in self.bands], "分数段")

    def band(self, score: Decimal) -> MidBand | None:
        """The band of a score (points of 100); None where the rules have none."""
        return next((band for band in self.bands if score >= band.floor), None)


class RenewalBand(Rule):
    """Re-examination scores from `floor` up, and whether the title goes on."""

    code: Code
    name: Text
    floor: Annotated[Decimal, Field(ge=0, le=120)]
    consequence: Literal["renew", "lapse"]
    # Opens an early upgrade, like an excellent yearly assessment (programmes.md card 20).
    excellent: bool = False


class Renewal(Rule):
    """A title that is re-examined: how many months each renewal gives, and when it may be asked for.

    With criteria the assessor scores, and the band decides; without, the assessor decides with a reason. The new term
    starts the day after the old one, or, where the re-examined join the current batch, on that batch's first day.
    """

    months: Annotated[int, Field(ge=1, le=240)]
    opens_before: Period
    joins_batch: bool = False
    assess_within: Period = Period(n=2, unit="month")
    criteria: Annotated[list[Criterion], Field(alias="criterion")] = []
    # Points beyond 100 the assessor may give (2023 rules of enterprises: five).
    bonus_max: Annotated[Decimal, Field(ge=0, le=20)] = Decimal(0)
    bands: Annotated[list[RenewalBand], Field(alias="band")] = []

    @model_validator(mode="after")
    def _covers_the_scale(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[tuple[Path, str]]:
        yield from scale_faults(self.criteria, [band.floor for band in self.bands])
        consequences = {band.consequence for band in self.bands}
        if self.bands and consequences != {"renew", "lapse"}:
            yield ("band",), "复核的分数段须既有通过（renew）又有不通过（lapse）"
        yield from twice(("band",), [band.code for band in self.bands], "分数段")

    def band(self, score: Decimal) -> RenewalBand:
        """The band of a score (points of 100, bonus on top)."""
        return next(band for band in self.bands if score >= band.floor)


def scale_faults(criteria: list[Criterion], floors: list[Decimal]) -> Iterator[tuple[Path, str]]:
    """What is wrong with a sheet of criteria and the bands of its score; both may be missing, or neither."""
    if floors and not criteria:
        yield ("band",), "有分数段就要有评分项"
    if criteria and not floors:
        yield ("criterion",), "有评分项就要有分数段"
    if floors and (floors != sorted(set(floors), reverse=True) or floors[-1] != 0):
        yield ("band",), "分数段须从高到低排列，下限各不相同，最后一段下限为 0"
    if criteria and sum(item.weight for item in criteria) != 100:
        yield ("criterion",), "权重之和须为 100"
    yield from twice(("criterion",), [item.code for item in criteria], "评分项")


class Revocation(Rule):
    """What follows a revocation. The time to be heard is that of stage REV."""

    plaque: Period = Period(n=10, unit="working")
