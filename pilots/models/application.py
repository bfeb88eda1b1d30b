"""An application: what a place asks for in one batch, from the first draft to the list."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from accounts.authority import Scope
from accounts.models import Organisation, Place
from accounts.roles import HOUSE, Role

from .case import Case, CaseQuerySet
from .intake import Collaborator


class ApplicationState(models.TextChoices):
    DRAFT = "draft", _("填报中")
    PREFECTURE_CHECK = "prefecture_check", _("市级审核")
    PROVINCE_REVIEW = "province_review", _("省级推荐")
    FORMALITY_CHECK = "formality_check", _("形式审查")
    SUPPLEMENT = "supplement", _("补正中")
    PANEL_DRAW = "panel_draw", _("待派专家")
    EXPERT_REVIEW = "expert_review", _("专家评审")
    READY = "ready", _("待列名单")
    LISTED = "listed", _("拟批准")
    HELD = "held", _("异议核查")
    APPROVED = "approved", _("已批准")
    NOT_SELECTED = "not_selected", _("未入选")
    NOT_RECOMMENDED = "not_recommended", _("未推荐")
    REJECTED = "rejected", _("不予受理")
    WITHDRAWN = "withdrawn", _("已撤回")
    DEEMED_WITHDRAWN = "deemed_withdrawn", _("视为撤回")
    REMOVED = "removed", _("异议成立除名")


S = ApplicationState

ENDED = frozenset(
    {S.APPROVED, S.NOT_SELECTED, S.NOT_RECOMMENDED, S.REJECTED, S.WITHDRAWN, S.DEEMED_WITHDRAWN, S.REMOVED}
)
# Being filled in.
EDITABLE = (S.DRAFT, S.SUPPLEMENT)
# Before the list is drawn every application has reached one of these.
SETTLED = ENDED | {S.READY}
# Stages that come one after the other; a programme passes over those it does not use.
_ROAD = (
    ("PREF", S.PREFECTURE_CHECK),
    ("PROV", S.PROVINCE_REVIEW),
    ("FORM", S.FORMALITY_CHECK),
    ("EXP", S.PANEL_DRAW),
)
_AHEAD = [state for _code, state in _ROAD] + [S.READY]
_OPEN = [S.PREFECTURE_CHECK, S.PROVINCE_REVIEW, S.FORMALITY_CHECK, S.SUPPLEMENT, S.PANEL_DRAW, S.EXPERT_REVIEW, S.READY]


# Units above which there is no province: their own applications have nobody to recommend them (programmes.md card 5).
# A plan-listed city recommends by itself, so its office still looks at what its government sends.
_TOP_KINDS = (Place.Kind.PROVINCE, Place.Kind.AUTONOMOUS_REGION, Place.Kind.MUNICIPALITY, Place.Kind.XPCC)


_BODIES = (Organisation.Kind.INSTITUTION, Organisation.Kind.ENTERPRISE, Organisation.Kind.ASSOCIATION)


def road_after(application, state):
    """The state an application enters when it leaves `state` by the front door, under its rules."""
    stations = [station for _code, station in _ROAD]
    start = stations.index(state) + 1 if state in stations else 0
    for code, station in _ROAD[start:]:
        if application.passes(code):
            return station
    return S.READY


def claim_of(rules, place, organisation, number):
    """What an application claims for itself alone in its batch (rules: applicants.per)."""
    match rules.applicants.per:
        case "place":
            return f"place:{place.pk}"
        case "organisation":
            return f"organisation:{organisation.pk}"
        case _:
            return f"project:{number}"


class Application(Case):
    batch = models.ForeignKey("pilots.Batch", models.PROTECT, related_name="applications")
    # Its own version of the rules, where it does not go by the batch's (act adopt_rules).
    rules_version = models.ForeignKey("pilots.RulesVersion", models.PROTECT, null=True, blank=True, related_name="+")
    number = models.CharField(_("申报编号"), max_length=30, unique=True)
    title = models.CharField(_("项目名称"), max_length=80)
    place = models.ForeignKey("accounts.Place", models.PROTECT, related_name="applications")
    province = models.ForeignKey("accounts.Place", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="applications")
    # Whose one application in the batch this is: the place's, the body's, or this project's (rules: applicants.per).
    claim = models.CharField(max_length=40, default="", editable=False)
    # The round of review it is in (rules: scoring.round); 1 where there is only one.
    round = models.PositiveSmallIntegerField(_("评审轮次"), default=1)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    state = FSMField(default=S.DRAFT, choices=S.choices, protected=True)
    # Answers as typed, {section: {field: value}}; `rev` counts saves, so that two people see each other's.
    answers = models.JSONField(default=dict, blank=True)
    rev = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    # Which way of being recommended was chosen, where the rules know several; empty: the first one.
    channel = models.CharField(_("推荐渠道"), max_length=60, blank=True)
    province_rank = models.PositiveSmallIntegerField(_("省内排序"), null=True, blank=True)
    supplements = models.PositiveSmallIntegerField(default=0)
    score = models.DecimalField(_("综合得分"), max_digits=6, decimal_places=2, null=True, blank=True)
    list_rank = models.PositiveSmallIntegerField(_("名单位次"), null=True, blank=True)
    # Given a place that fell free after the list was signed, with a public notice of its own (programmes.md §5).
    promoted_at = models.DateTimeField(null=True, blank=True)
    own_notice_to = models.DateField(_("递补公示至"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()
    related = ("batch__programme", "batch__rules_version", "rules_version", "place", "province", "organisation")

    class Meta:
        verbose_name = _("申报")
        verbose_name_plural = _("申报")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["batch", "state"]),
            models.Index(fields=["state", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[S.DRAFT, S.WITHDRAWN, S.DEEMED_WITHDRAWN])
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="application_submitted_has_submitter",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, ended_at__isnull=False) | ~Q(state__in=ENDED) & Q(ended_at__isnull=True),
                name="application_ended_exactly_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.LISTED, S.HELD, S.APPROVED]) | Q(list_rank__isnull=False),
                name="application_listed_has_rank",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0), name="application_score_positive"
            ),
            models.UniqueConstraint(
                fields=["batch", "claim"],
                condition=~Q(state__in=[S.WITHDRAWN, S.DEEMED_WITHDRAWN, S.NOT_RECOMMENDED, S.REJECTED, S.REMOVED]),
                name="application_one_per_claim_and_batch",
            ),
        ]

    def __str__(self):
        return self.title or self.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.claim = self.claim or claim_of(self.rules, self.place, self.organisation, self.number)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("application", args=[self.uuid])

    @property
    def rules(self):
        return self.rules_version.rules if self.rules_version_id else self.batch.rules

    @classmethod
    def reach(cls, authority):
        # A draft is nobody's business but the applicant's (programmes.md §4: no peeking into drafts).
        mine = authority.visible(
            place="place__path",
            organisation="organisation_id",
            programme="batch__programme__code",
            personal=Q(reviews__expert=authority.user) & ~Q(reviews__state="recused") if authority.user else None,
        )
        # Those who survey see what is being reviewed, and nothing before or after.
        mine |= authority.programmes(Role.SURVEY_CONTRACTOR, field="batch__programme__code") & Q(state=S.EXPERT_REVIEW)
        organisations = {held.organisation_id for held in authority.held if held.organisation_id}
        mine &= ~Q(state=S.DRAFT) | Q(organisation_id__in=organisations)
        if authority.user is None or not authority.user.pk or not authority.user.is_active:
            return mine
        if authority.has(*HOUSE):
            # Whoever looks after accounts has no part in business, also where they helped before.
            return mine
        # Those who help see it while it is being filled in, and not a day longer.
        helped = Collaborator.objects.filter(user=authority.user, removed_at__isnull=True)
        return mine | Q(state__in=EDITABLE, pk__in=helped.values("application"))

    def scope(self):
        return Scope(
            place_path=self.place.path,
            organisation_id=self.organisation_id,
            programme=self.batch.programme.code,
            people=frozenset(self.reviewer_ids()),
        )

    @property
    def own_recommender(self):
        """True where a province-level unit applies for itself: nobody stands above it to recommend it. A company or an
        institution of a municipality is still recommended by the municipality's office."""
        public = self.organisation.kind not in _BODIES
        return public and self.place_id == self.province_id and self.place.kind in _TOP_KINDS

    def passes(self, code):
        """True when the application goes through the stage: the rules use it, and there is somebody to do it."""
        return self.rules.uses(code) and not (code == "PROV" and self.own_recommender)

    @property
    def recommender(self):
        """The seat that recommends this application, by the channel that was chosen (programmes.md card 30)."""
        channels = self.rules.recommendation.channels
        chosen = next((one for one in channels if one.code == self.channel), channels[0] if channels else None)
        return Role(chosen.role) if chosen else Role.PROVINCE_OFFICER

    def helper_sections(self, user):
        """Codes of the parts `user` was asked to fill in; empty for everybody else. One statement per object and person."""
        known = self.__dict__.setdefault("_helpers", {})
        if user.pk not in known:
            row = self.collaborators.filter(user=user, removed_at__isnull=True).first() if self.pk else None
            known[user.pk] = frozenset(row.sections) if row and self.state in EDITABLE else frozenset()
        return known[user.pk]

    def label_for(self, role):
        """A blind reviewer reads a number: the title names the place (programmes.md §4)."""
        scoring = self.rules.scoring
        return self.number if role == Role.EXPERT and scoring and scoring.blind else str(self)

    @property
    def sheets(self):
        """The reviews of the round it is in, recused ones among them; those of earlier rounds only decided who went on."""
        return [review for review in self.reviews.all() if review.round == self.round]

    def reviewer_ids(self):
        """Experts this application is assigned to and who have not withdrawn; read once per object."""
        if not hasattr(self, "_reviewers"):
            manager = getattr(self, "reviews", None)
            self._reviewers = (
                [] if manager is None or self.state in (S.DRAFT,) or not self.pk
                else [row.expert_id for row in manager.all() if row.state != "recused" and row.round == self.round]
            )  # fmt: skip
        return self._reviewers

    def forget_reviewers(self):
        """After assigning or recusing: the next question reads again."""
        self.__dict__.pop("_reviewers", None)
        getattr(self, "_prefetched_objects_cache", {}).pop("reviews", None)

    def duties(self, at):
        from pilots.deadlines import application_duties  # noqa: PLC0415

        return application_duties(self, at)

    @transition(field=state, source=S.DRAFT, target=GET_STATE(lambda app: road_after(app, app.state), states=_AHEAD))
    def submit(self):
        """The leader of the applicant stands behind the application."""

    @transition(
        field=state,
        source=S.PREFECTURE_CHECK,
        target=GET_STATE(lambda app: road_after(app, app.state), states=_AHEAD),
    )
    def pass_prefecture(self):
        """The prefecture has checked it."""

    @transition(
        field=state,
        source=S.PROVINCE_REVIEW,
        target=GET_STATE(lambda app: road_after(app, app.state), states=_AHEAD),
    )
    def recommend(self):
        """The province recommends it."""

    @transition(
        field=state,
        source=[S.PREFECTURE_CHECK, S.PROVINCE_REVIEW, S.FORMALITY_CHECK, S.PANEL_DRAW],
        target=GET_STATE(lambda app: road_after(app, app.state), states=_AHEAD),
    )
    def pass_over(self):
        """Its rules have changed and do not know this station any more."""

    @transition(field=state, source=S.PROVINCE_REVIEW, target=S.NOT_RECOMMENDED)
    def decline(self):
        """The province does not recommend it."""

    @transition(field=state, source=[S.PREFECTURE_CHECK, S.PROVINCE_REVIEW], target=S.DRAFT)
    def return_to_applicant(self):
        """Back for editing, while the window is open."""

    @transition(
        field=state,
        source=S.FORMALITY_CHECK,
        target=GET_STATE(lambda app: road_after(app, app.state), states=[S.PANEL_DRAW, S.READY]),
    )
    def accept(self):
        """Complete and in form."""

    @transition(field=state, source=S.FORMALITY_CHECK, target=S.SUPPLEMENT)
    def ask_supplement(self):
        """Something is missing; asked once, with all defects named."""

    @transition(field=state, source=S.SUPPLEMENT, target=S.FORMALITY_CHECK)
    def supplement(self):
        """The applicant has supplied what was missing."""

    @transition(field=state, source=S.FORMALITY_CHECK, target=S.REJECTED)
    def reject(self):
        """Not admissible."""

    @transition(field=state, source=[S.DRAFT, S.SUPPLEMENT], target=S.DEEMED_WITHDRAWN)
    def deem_withdrawn(self):
        """Not submitted before the window closed, or not supplemented in time (programmes.md §5)."""

    @transition(field=state, source=S.PANEL_DRAW, target=S.EXPERT_REVIEW)
    def assign_experts(self):
        """Experts have it on their desks."""

    @transition(field=state, source=S.EXPERT_REVIEW, target=S.READY)
    def conclude_review(self):
        """All scores are in."""

    @transition(field=state, source=S.READY, target=S.LISTED)
    def list_as_proposed(self):
        """Above the line of a list that was signed."""

    @transition(field=state, source=S.READY, target=S.PANEL_DRAW)
    def go_on(self):
        """Among those who enter the next round of review."""

    @transition(field=state, source=S.READY, target=S.NOT_SELECTED)
    def not_select(self):
        """Below the line of a list that was signed."""

    @transition(field=state, source=S.LISTED, target=S.HELD)
    def hold(self):
        """An objection is being investigated; only this item waits."""

    @transition(field=state, source=S.HELD, target=S.LISTED)
    def release(self):
        """The objection was not upheld."""

    @transition(field=state, source=S.HELD, target=S.REMOVED)
    def remove(self):
        """The objection was upheld."""

    @transition(field=state, source=S.NOT_SELECTED, target=S.LISTED)
    def promote(self):
        """The next in rank gets a place that fell free."""

    @transition(field=state, source=S.LISTED, target=S.APPROVED)
    def approve(self):
        """The document is issued; a designation exists."""

    @transition(field=state, source=[S.DRAFT, *_OPEN], target=S.WITHDRAWN)
    def withdraw(self):
        """The applicant takes it back before the decision; no ban follows."""
