"""The schema of a rules document: everything programmes.md §3.2 asks a programme definition to say.

Money is in yuan unless a field names its unit, points are of 100, days are working or calendar as the
period says. A value that no source gives carries an entry in `confirm` with the reason.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from . import checks
from .forms import ChecklistItem, Material, Section
from .judgement import Acceptance, Cutoff, Scoring
from .parts import Code, MonthDay, Period, Rule, Text, refuse
from .stages import Stage, StageCode
from .term import Changes, MidTerm, Renewal, Revocation

Shape = Literal["I", "II", "III", "IV", "V", "VI", "VII", "VIII"]


class Applicants(Rule):
    """Who may apply, as kinds of organisation and of place."""

    kinds: Annotated[list[str], Field(min_length=1)]
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
    """When applications are taken."""

    kind: Literal["batch", "standing", "rolling"]
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


class Agreement(Rule):
    parties: Annotated[list[Text], Field(min_length=2)]


class Certificate(Rule):
    """Words of the certificate; {place}, {title}, {term}, {document} and {grade} are filled in."""

    # Part of a counter's key, which has 60 characters.
    series: Annotated[Code, Field(max_length=50)]
    title: Text
    paragraph: Text
    on_acceptance: Text | None = None
    issuer: Text


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


class Report(Rule):
    """Periodic reports: rhythm, the day they are due, what they hold."""

    rhythm: Literal["yearly", "half_yearly", "quarterly"]
    month_day: MonthDay
    # The province passes each report on or returns it (programmes.md §3 ANN), within this time.
    through_province: bool = False
    pass_within: Period = Period(n=10, unit="working")
    # How long the site has to file a returned report again.
    correct_within: Period = Period(n=10, unit="working")
    sections: Annotated[list[Section], Field(alias="section")] = []


class Indicator(Rule):
    """A number a site promises and reports."""

    code: Code
    name: Text
    unit: Text
    kind: Literal["stock", "flow"]
    measure: Literal["cumulative", "in_period"]
    higher_is_better: bool = True


class Tranche(Rule):
    percent: Annotated[int, Field(ge=1, le=100)]
    condition: Literal["approved", "plan_filed", "mid_term", "accepted"]
    by_band: dict[Code, Annotated[int, Field(ge=0, le=100)]] = {}


class Upgrade(Rule):
    target: Code
    precondition: Literal["accepted", "term_over", "last_assessment_excellent", "one_year"]
    early: bool = False


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
    agreement: Agreement | None = None
    certificate: Certificate | None = None
    term: Term = Term()
    plan: Plan | None = None
    report: Report | None = None
    mid_term: MidTerm | None = None
    change: Changes | None = None
    indicators: Annotated[list[Indicator], Field(alias="indicator")] = []
    acceptance: Acceptance | None = None
    tranches: Annotated[list[Tranche], Field(alias="tranche")] = []
    upgrade: Upgrade | None = None
    renewal: Renewal | None = None
    revocation: Revocation = Revocation()
    ban: ReapplicationBan = ReapplicationBan()
    confirm: list[Confirm] = []

    def stage(self, code: StageCode) -> Stage | None:
        """The stage of that code, or None when this programme does not use it."""
        return next((stage for stage in self.stages if stage.code == code), None)

    def uses(self, code: StageCode) -> bool:
        return self.stage(code) is not None

    def indicator(self, code: str) -> Indicator:
        return next(indicator for indicator in self.indicators if indicator.code == code)

    def to_confirm(self, path: str) -> str | None:
        """Why the value at `path` still has to be confirmed, or None."""
        return next((item.reason for item in self.confirm if item.path == path), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        refuse(checks.faults(self))
        return self
