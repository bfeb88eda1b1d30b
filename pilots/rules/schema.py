"""The schema of a rules document: everything programmes.md §3.2 asks a programme definition to say.

Money is in yuan unless a field names its unit, points are of 100, days are working or calendar as the
period says. A value that no source gives carries an entry in `confirm` with the reason.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from . import checks
from .forms import ChecklistItem, Material, Section
from .judgement import Acceptance, Cutoff, Scoring
from .lines import Path
from .parts import Code, MonthDay, Period, Rule, Text, refuse, twice
from .stages import Stage, StageCode
from .term import Changes, MidTerm, Renewal, Revocation

Shape = Literal["I", "II", "III", "IV", "V", "VI", "VII", "VIII"]


class Applicants(Rule):
    """Who may apply, as kinds of organisation and of place."""

    kinds: Annotated[list[str], Field(min_length=1)]
    # Whose application there is one of in a batch: the place's, the body's, or one per project (a prize, a proposal).
    per: Literal["place", "organisation", "project"] = "place"
    # How many projects one body may put forward in a batch where there is one application per project.
    most: Annotated[int, Field(ge=1)] | None = None
    place_kinds: list[str] = []
    screen: list[Text] = []


class Channel(Rule):
    """One way of being recommended; programmes may have several (programmes.md card 30)."""

    code: Code
    name: Text
    role: Literal["province_officer", "prefecture_officer", "programme_officer"] = "province_officer"


class Recommendation(Rule):
    channels: Annotated[list[Channel], Field(alias="channel")] = []
    # Offices that recommend together with the IP office, such as the SME department (programmes.md card 24).
    joint: list[Text] = []
    letter_required: bool = True
    ranked: bool = True
    # The letter's own text where a province recommends several at once; {province}, {batch}, {programme}, {n}.
    letter: Text | None = None


class Quota(Rule):
    """How many a recommender may put forward."""

    kind: Literal["absolute", "share", "rank_only", "none"]
    places: Annotated[int, Field(ge=1)] | None = None
    share_percent: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    by_place: dict[str, Annotated[int, Field(ge=0)]] = {}

    @model_validator(mode="after")
    def _has_its_number(self) -> Self:
        if self.kind == "absolute" and self.places is None:
            refuse([((), "配额方式为 absolute 时须写 places")])
        if self.kind == "share" and self.share_percent is None:
            refuse([((), "配额方式为 share 时须写 share_percent")])
        return self


class Window(Rule):
    """When applications are taken.

    `batch`: for a time, after a call. `standing`: until the same day every year. `rolling`: at any time, looked at
    together when the office collects them (programmes.md card 34). `commissioned`: by those the office invites, without
    a call (card 15).
    """

    kind: Literal["batch", "standing", "rolling", "commissioned"]
    period: Period | None = None
    month_day: MonthDay | None = None

    @model_validator(mode="after")
    def _has_its_day(self) -> Self:
        if self.kind == "standing" and self.month_day is None:
            refuse([((), "每年固定日期截止（standing）时须写 month_day")])
        return self


class SignOff(Rule):
    """Who signs the list, in order, after the division's own officer."""

    countersigners: list[Text] = []
    joint_ministries: list[Text] = []
    approvals_needed: Annotated[int, Field(ge=1)] = 1


class Notice(Rule):
    """The public notice. First day counts and nothing rolls (programmes.md §8.2)."""

    period: Period
    objection: Text
    # How long after the reply an objector may ask a leader to look again; None: the reply is final.
    appeal: Period | None = None


class Document(Rule):
    """The approval document (programmes.md §7.1)."""

    kind: Literal["通知", "批复", "函", "决定", "名单通知", "委托函"]
    series: Annotated[str, Field(pattern=r"^[\u4e00-\u9fff]{2,10}$")]
    per: Literal["batch", "place"] = "batch"
    title: Text
    body: Text
    closing: Text


class Party(Rule):
    """One side of an agreement and the seat that signs for it."""

    name: Text
    role: Literal["applicant_leader", "province_leader", "province_officer", "division_head", "leader"]


class Agreement(Rule):
    """The agreement or contract of a site; the parties sign in this order (programmes.md §3 AGR)."""

    parties: Annotated[list[Party], Field(alias="party", min_length=2)]
    title: Text
    # {site}, {holder}, {programme}, {document}, {term} and {amount} are filled in.
    text: Text

    @model_validator(mode="after")
    def _two_sides(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[tuple[Path, str]]:
        roles = [party.role for party in self.parties]
        if "applicant_leader" not in roles:
            yield ("party",), "协议须有一方是承担单位（applicant_leader）"
        for index, role in enumerate(roles):
            if role in roles[:index]:
                yield ("party", index, "role"), f"同一席位 {role} 不能代表协议的两方"


class Certificate(Rule):
    """Words of the certificate; {place}, {title}, {term}, {document} and {grade} are filled in."""

    # Part of a counter's key, which has 60 characters.
    series: Annotated[Code, Field(max_length=50)]
    title: Text
    paragraph: Text
    on_acceptance: Text | None = None
    issuer: Text
    # Templates by their code: packaged ones, or those the office has published (docs/certificates.md).
    design: Annotated[Code, Field(max_length=40)] = "award_landscape"
    acceptance_design: Annotated[Code, Field(max_length=40)] | None = None


class Term(Rule):
    """How long, from which anchor, and in which of the two conventions of programmes.md §6.1."""

    months: Annotated[int, Field(ge=1, le=240)] | None = None
    style: Literal["anniversary", "end_month_inclusive", "stated"] = "anniversary"
    anchor: Literal[
        "document_date", "stated_month", "plan_date", "agreement_date", "operation_start", "filing_date"
    ] = "document_date"
    # Where the document itself prints the days (style "stated"), whatever the months would give.
    first_day: date | None = None
    last_day: date | None = None

    @model_validator(mode="after")
    def _days_fit(self) -> Self:
        days = (self.first_day, self.last_day)
        if days != (None, None) and self.style != "stated":
            refuse([((), "写明起止日期时，style 须为 stated")])
        if self.first_day and self.last_day and self.last_day < self.first_day:
            refuse([(("last_day",), "期限的止日早于起日")])
        return self


class Plan(Rule):
    """The work plan the site's own government issues and files."""

    sections: Annotated[list[Section], Field(alias="section")] = []
    materials: Annotated[list[Material], Field(alias="material")] = []
    # A last notice with a time of its own before a plan is deemed waived (programmes.md §5); None: at once.
    final_notice: Period | None = None


class Grade(Rule):
    """A grade of a yearly assessment and what follows from it."""

    code: Code
    name: Text
    # excellent: opens an early upgrade; restrict: a site in operation is restricted (card 16); propose_revocation.
    effect: Literal["none", "excellent", "restrict", "propose_revocation"] = "none"


class Report(Rule):
    """Periodic reports: rhythm, the day they are due, what they hold."""

    rhythm: Literal["yearly", "half_yearly", "quarterly"]
    month_day: MonthDay
    # The province passes each report on or returns it (programmes.md §3 ANN), within this time.
    through_province: bool = False
    # Grades the province gives when it passes a report on (the yearly assessment of programmes.md card 20), best first.
    grades: Annotated[list[Grade], Field(alias="grade")] = []
    pass_within: Period = Period(n=10, unit="working")
    # How long the site has to file a returned report again.
    correct_within: Period = Period(n=10, unit="working")
    sections: Annotated[list[Section], Field(alias="section")] = []

    @model_validator(mode="after")
    def _grades_have_somebody(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[tuple[Path, str]]:
        if self.grades and not self.through_province:
            yield ("grade",), "年度考核由省局评定等次：写了 grade 就要写 through_province = true"
        yield from twice(("grade",), [grade.code for grade in self.grades], "等次")


class Indicator(Rule):
    """A number a site promises and reports."""

    code: Code
    name: Text
    unit: Text
    kind: Literal["stock", "flow"]
    measure: Literal["cumulative", "in_period"]
    higher_is_better: bool = True


class Funding(Rule):
    """Money that comes with the title: how much for each site, and how long the office has to pay what is due."""

    amount: Annotated[Decimal, Field(gt=0)]  # 万元 (10,000 yuan)
    payer: Text
    release_within: Period


class Tranche(Rule):
    """A part of the money, in percent of `funding.amount`, and what makes it due. `by_band` scales it by the mid-term
    band: 100 in full, 0 withheld (programmes.md card 31)."""

    name: Text
    percent: Annotated[int, Field(ge=1, le=100)]
    condition: Literal["approved", "plan_filed", "mid_term", "accepted"]
    by_band: dict[Code, Annotated[int, Field(ge=0, le=100)]] = {}


class Upgrade(Rule):
    """The title this one leads to. `early`: may be asked for inside the term once the precondition holds."""

    target: Code
    precondition: Literal["accepted", "term_over", "last_assessment_excellent", "one_year"]
    early: bool = False
    # The higher title takes the place of this one, which is then closed as upgraded.
    replaces: bool = True


class AwardClass(Rule):
    """A class of a prize: so many of those on the list, from the top (programmes.md card 37)."""

    code: Code
    name: Text
    places: Annotated[int, Field(ge=1)] | None = None


class Omitted(Rule):
    """A stage of the shape that this programme does not use, and why."""

    stage: StageCode
    reason: Text


class ReapplicationBan(Rule):
    """Months during which a revoked or lapsed site may not apply again, by reason."""

    revoked: Annotated[int, Field(ge=0)] = 0
    exited: Annotated[int, Field(ge=0)] = 0


class Confirm(Rule):
    """A value no source gives (marks X and G-low of programmes.md): the customer must confirm it."""

    path: str
    reason: str


class Rules(Rule):
    """One programme, one version."""

    schema_version: Annotated[Literal[1], Field(alias="schema")]
    code: Code
    version: Annotated[str, Field(pattern=r"^\d{4}\.\d+$")]
    shape: Shape
    name: Text
    short_name: Text
    number_prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,6}$")]
    division: Text
    basis: list[str] = []
    transition: str = ""
    confidential: bool = False
    sub_sites: bool = False
    applicants: Applicants
    recommendation: Recommendation = Recommendation()
    window: Window
    quota: Quota
    sections: Annotated[list[Section], Field(alias="section")] = []
    materials: Annotated[list[Material], Field(alias="material")] = []
    # How much all files of one application may come to (X).
    upload_total_mb: Annotated[int, Field(ge=1, le=2000)] = 200
    checklist: list[ChecklistItem] = []
    stages: Annotated[list[Stage], Field(alias="stage", min_length=1)]
    scoring: Scoring | None = None
    cutoff: Cutoff = Cutoff()
    signoff: SignOff = SignOff()
    notice: Notice | None = None
    document: Document
    # Classes of a prize, from the highest; the last one may have no number of places: all others on the list.
    classes: Annotated[list[AwardClass], Field(alias="class")] = []
    agreement: Agreement | None = None
    certificate: Certificate | None = None
    term: Term = Term()
    plan: Plan | None = None
    report: Report | None = None
    mid_term: MidTerm | None = None
    change: Changes | None = None
    indicators: Annotated[list[Indicator], Field(alias="indicator")] = []
    acceptance: Acceptance | None = None
    funding: Funding | None = None
    tranches: Annotated[list[Tranche], Field(alias="tranche")] = []
    upgrade: Upgrade | None = None
    renewal: Renewal | None = None
    revocation: Revocation = Revocation()
    ban: ReapplicationBan = ReapplicationBan()
    # Older programmes whose titles may move here (scheme migration), and programmes whose sites may be merged into one
    # of this (programmes.md §5).
    takes_over: list[Code] = []
    absorbs: list[Code] = []
    omitted: list[Omitted] = []
    confirm: list[Confirm] = []

    def stage(self, code: StageCode) -> Stage | None:
        """The stage of that code, or None when this programme does not use it."""
        return next((stage for stage in self.stages if stage.code == code), None)

    def uses(self, code: StageCode) -> bool:
        return self.stage(code) is not None

    def indicator(self, code: str) -> Indicator:
        return next(indicator for indicator in self.indicators if indicator.code == code)

    @property
    def open_ended(self) -> bool:
        """True when the title has no last day: neither months nor printed days."""
        return self.term.months is None and self.term.last_day is None

    def to_confirm(self, path: str) -> str | None:
        """Why the value at `path` still has to be confirmed, or None."""
        return next((item.reason for item in self.confirm if item.path == path), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        refuse(checks.faults(self))
        return self
