"""A designation: a site with a term. It begins with the approval document and ends accepted, or not."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from accounts.authority import Scope
from pilots.rules import Rules

from .case import Case, CaseQuerySet


class DesignationState(models.TextChoices):
    AGREEMENT_DUE = "agreement_due", _("待签协议")
    PLAN_DUE = "plan_due", _("待报建设方案")
    BUILDING = "building", _("建设期内")
    SELF_EVALUATION = "self_evaluation", _("自评总结")
    PRE_ACCEPTANCE = "pre_acceptance", _("省级初验")
    ACCEPTANCE = "acceptance", _("验收中")
    RECTIFYING = "rectifying", _("限期整改")
    HOLDING = "holding", _("称号有效")
    OPERATING = "operating", _("运行中")
    RESTRICTED = "restricted", _("限制运行")
    ACCEPTED = "accepted", _("验收合格")
    NEW_ROUND = "new_round", _("转入新一轮")
    REVOKED = "revoked", _("已撤销")
    EXITED = "exited", _("已退出")
    LAPSED = "lapsed", _("期满失效")
    SUCCEEDED = "succeeded", _("已由新称号承接")
    MERGED = "merged", _("已并入")


S = DesignationState
# On the way to being named in full: nothing is reported or changed yet.
ENTERING = frozenset({S.AGREEMENT_DUE, S.PLAN_DUE})
# A title that is held without a day of acceptance ahead: recognised for a term, listed, awarded, or in operation.
HELD = frozenset({S.HOLDING, S.OPERATING, S.RESTRICTED})
RUNNING = ENTERING | HELD | {S.BUILDING, S.SELF_EVALUATION, S.PRE_ACCEPTANCE, S.ACCEPTANCE, S.RECTIFYING}
OVER = frozenset({S.ACCEPTED, S.NEW_ROUND, S.REVOKED, S.EXITED, S.LAPSED, S.SUCCEEDED, S.MERGED})
# Titles that count: what may be revoked, succeeded or merged.
COUNTING = RUNNING | {S.ACCEPTED, S.NEW_ROUND}
# What the field calls a state where a shape of programme has its own word (programmes.md §2).
_OWN_WORDS = {
    ("VI", S.BUILDING): _("研究期内"),
    ("VI", S.SELF_EVALUATION): _("结题自评"),
    ("VI", S.ACCEPTANCE): _("结题评审"),
    ("VI", S.ACCEPTED): _("已结题"),
    ("V", S.BUILDING): _("实施期内"),
    ("V", S.ACCEPTED): _("绩效评价合格"),
    ("VII", S.HOLDING): _("已授奖"),
    ("VIII", S.HOLDING): _("已列入名单"),
    ("VIII", S.REVOKED): _("已移出名单"),
}


def road_of(rules: Rules, after: str | None = None) -> str:
    """The state a site enters under its rules: at first, or when it leaves `after` by the front door.

    Agreement and plan come first where they are used; then the site builds towards its acceptance, or holds a title.
    """
    stations = [("AGR", S.AGREEMENT_DUE), ("PLAN", S.PLAN_DUE)]
    passed = [state for _code, state in stations].index(after) + 1 if after else 0
    for code, state in stations[passed:]:
        if rules.uses(code):
            return state
    return S.BUILDING if rules.acceptance else S.HOLDING


def state_words(shape: str, state: str) -> str:
    """What a shape of programme calls a state of its sites."""
    return str(_OWN_WORDS.get((shape, state)) or S(state).label)


_ENTERED = [S.PLAN_DUE, S.BUILDING, S.HOLDING]


class Designation(Case):
    application = models.OneToOneField(
        "pilots.Application", models.PROTECT, null=True, blank=True, related_name="designation"
    )
    batch = models.ForeignKey("pilots.Batch", models.PROTECT, related_name="designations")
    # Its own version of the rules, where it does not go by the batch's (act adopt_rules).
    rules_version = models.ForeignKey("pilots.RulesVersion", models.PROTECT, null=True, blank=True, related_name="+")
    number = models.CharField(_("试点编号"), max_length=30, unique=True)
    title = models.CharField(_("名称"), max_length=120)
    # Frozen as printed: renamed places keep their old papers (trust.md F17).
    holder_name = models.CharField(_("承担单位"), max_length=80)
    place = models.ForeignKey("accounts.Place", models.PROTECT, related_name="designations")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="designations")
    state = FSMField(default=S.PLAN_DUE, choices=S.choices, protected=True)
    # Stored as printed, never derived (programmes.md §0.2, §6.1).
    term_start = models.DateField(_("期限起"))
    # None: the title has no last day (a prize, a listing).
    term_end = models.DateField(_("期限止"), null=True, blank=True)
    term_text = models.CharField(_("期限（原文）"), max_length=60)
    # Where the work is done, as last agreed; empty: as in the application.
    area = models.CharField(_("范围"), max_length=300, blank=True)
    # Months the term was made longer by, and how often.
    extended_months = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=0)
    # The site may be accepted before its day, by a change that was agreed to.
    early = models.BooleanField(_("提前验收"), default=False)
    final_notice_at = models.DateTimeField(_("最后通知"), null=True, blank=True)
    plan_filed_at = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField(_("验收得分"), max_digits=6, decimal_places=2, null=True, blank=True)
    grade = models.CharField(_("验收等次"), max_length=30, blank=True)
    grade_en = models.CharField(max_length=40, blank=True)
    rectifications = models.PositiveSmallIntegerField(default=0)
    ended_on = models.DateField(null=True, blank=True)
    # The paper that ended it, and why, as published.
    end_document = models.CharField(_("撤销文号"), max_length=60, blank=True)
    end_reason = models.TextField(_("终止原因"), blank=True)
    plaque_returned_on = models.DateField(_("牌匾交回日期"), null=True, blank=True)
    # After acceptance: the last day for the plan of what comes next, and when it came.
    follow_up_by = models.DateField(_("后续方案期限"), null=True, blank=True)
    followed_up_at = models.DateTimeField(null=True, blank=True)
    # Titles that are re-examined count until this day (rules: renewal).
    valid_until = models.DateField(_("称号有效期至"), null=True, blank=True)
    renewal_filed_at = models.DateTimeField(null=True, blank=True)
    # What was built runs since this day (shape II).
    operating_since = models.DateField(_("投入运行"), null=True, blank=True)
    # The title this one took the place of (upgrade, scheme migration), or was merged into.
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="successors")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="absorbed")
    # No new application for this place and programme before this day.
    banned_until = models.DateField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()
    related = ("batch__programme", "batch__rules_version", "rules_version", "place", "organisation")

    class Meta:
        verbose_name = _("试点")
        verbose_name_plural = _("试点")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "-id"]), models.Index(fields=["place", "state"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(term_end__isnull=True) | Q(term_end__gt=F("term_start")),
                name="designation_term_runs_forward",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.MERGED) | Q(merged_into__isnull=False), name="designation_merged_into_something"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OVER, ended_on__isnull=False) | ~Q(state__in=OVER) & Q(ended_on__isnull=True),
                name="designation_ended_exactly_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.ACCEPTED, S.NEW_ROUND]) | Q(score__isnull=False) & ~Q(grade=""),
                name="designation_accepted_has_grade",
            ),
            models.CheckConstraint(
                condition=Q(state=S.PLAN_DUE, plan_filed_at__isnull=True) | ~Q(state=S.PLAN_DUE),
                name="designation_plan_due_is_unfiled",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("designation", args=[self.uuid])

    def get_state_display(self):
        """The state in the words of the programme's shape."""
        return self.words_of(self.state)

    def words_of(self, state):
        """What a state is called in this programme's shape, whatever the site is in now."""
        return state_words(self.batch.programme.shape, state)

    @property
    def grade_shown(self):
        """The grade in the reader's language."""
        return self.grade_en if self.grade_en and (get_language() or "").startswith("en") else self.grade

    @property
    def rules(self):
        return self.rules_version.rules if self.rules_version_id else self.batch.rules

    @classmethod
    def reach(cls, authority):
        return authority.visible(
            place="place__path",
            organisation="organisation_id",
            programme="batch__programme__code",
            personal=Q(evaluations__members__user=authority.user, evaluations__members__stood_aside_at__isnull=True)
            if authority.user
            else None,
        )

    def scope(self):
        return Scope(
            place_path=self.place.path,
            organisation_id=self.organisation_id,
            programme=self.batch.programme.code,
            people=frozenset(self.member_ids()),
        )

    def member_ids(self):
        """Members of the panel of the round that is open; read once per object."""
        if self.state != S.ACCEPTANCE or not self.pk:
            return []
        if not hasattr(self, "_members"):
            self._members = list(
                self.evaluations.filter(
                    concluded_at__isnull=True, members__user__isnull=False, members__stood_aside_at__isnull=True
                ).values_list("members__user_id", flat=True)
            )
        return self._members

    def remember_members(self, evaluations):
        """Members of the open round out of rounds that were read with their members and opinions."""
        sitting = [
            (row, evaluation)
            for evaluation in evaluations
            if evaluation.concluded_at is None
            for row in evaluation.members.all()
            if row.stood_aside_at is None
        ]
        self._members = [row.user_id for row, _evaluation in sitting]
        self._awaited = [
            row for row, evaluation in sitting if row.user_id not in {one.by_id for one in evaluation.opinions.all()}
        ]

    def awaited_members(self):
        """Members of the open round who have not signed their opinion."""
        if "_awaited" in self.__dict__:
            return self._awaited
        signed = models.Exists(
            self.evaluations.filter(opinions__by=models.OuterRef("user"), pk=models.OuterRef("evaluation"))
        )
        rows = self.evaluations.model._meta.get_field("members").related_model.objects
        return list(
            rows.filter(
                ~signed, evaluation__designation=self, evaluation__concluded_at__isnull=True,
                stood_aside_at__isnull=True,
            ).select_related("user")
        )  # fmt: skip

    def forget_members(self):
        """After appointing or standing aside: the next question reads again."""
        self.__dict__.pop("_members", None)
        self.__dict__.pop("_awaited", None)

    def duties(self, at):
        from pilots.deadlines import designation_duties  # noqa: PLC0415

        return designation_duties(self, at)

    @transition(
        field=state,
        source=S.AGREEMENT_DUE,
        target=GET_STATE(lambda site: road_of(site.rules, S.AGREEMENT_DUE), states=_ENTERED),
    )
    def sign_agreement(self):
        """The last party has signed."""

    @transition(
        field=state,
        source=S.PLAN_DUE,
        target=GET_STATE(lambda site: road_of(site.rules, S.PLAN_DUE), states=[S.BUILDING, S.HOLDING]),
    )
    def file_plan(self):
        """The work plan is issued and filed."""

    @transition(field=state, source=[S.AGREEMENT_DUE, S.PLAN_DUE], target=S.EXITED)
    def deem_waived(self):
        """No plan was filed, or no agreement signed, in time (programmes.md §5)."""

    @transition(field=state, source=S.BUILDING, target=S.SELF_EVALUATION)
    def open_evaluation(self):
        """The end of the term is near: the site looks back."""

    @transition(
        field=state,
        source=S.SELF_EVALUATION,
        target=GET_STATE(
            lambda site: S.PRE_ACCEPTANCE if site.rules.uses("PACC") else S.ACCEPTANCE,
            states=[S.PRE_ACCEPTANCE, S.ACCEPTANCE],
        ),
    )
    def file_self_evaluation(self):
        """The summary report is in."""

    @transition(field=state, source=S.PRE_ACCEPTANCE, target=S.ACCEPTANCE)
    def pre_accept(self):
        """The province has looked and passes it on."""

    @transition(field=state, source=S.PRE_ACCEPTANCE, target=S.SELF_EVALUATION)
    def return_self_evaluation(self):
        """The province asks for a better summary."""

    @transition(field=state, source=S.SELF_EVALUATION, target=S.EXITED)
    def deem_exited(self):
        """No summary report in time."""

    @transition(
        field=state,
        source=S.ACCEPTANCE,
        target=GET_STATE(
            lambda site, consequence: _AFTER[consequence],
            states=[S.ACCEPTED, S.OPERATING, S.RECTIFYING, S.REVOKED, S.NEW_ROUND, S.LAPSED],
        ),
    )
    def conclude(self, consequence):
        """The panel's conclusion takes effect; `consequence` comes from the band of the score."""

    @transition(field=state, source=S.RECTIFYING, target=S.ACCEPTANCE)
    def rectify(self):
        """The faults are mended; the panel looks again."""

    @transition(field=state, source=S.RECTIFYING, target=S.REVOKED)
    def fail_rectification(self):
        """The time for mending has passed."""

    @transition(field=state, source=[S.ACCEPTED, S.NEW_ROUND], target=S.EXITED)
    def deem_not_followed_up(self):
        """No plan for what comes next in time (programmes.md §5, deemed exit)."""

    @transition(field=state, source=[S.ACCEPTED, S.HOLDING], target=S.LAPSED)
    def lapse(self):
        """The title's validity is over and it was not renewed."""

    @transition(field=state, source=S.HOLDING, target=S.LAPSED)
    def expire(self):
        """The last day of a title that nobody renews."""

    @transition(field=state, source=S.OPERATING, target=S.RESTRICTED)
    def restrict(self):
        """The yearly assessment was not passed; what it may do is restricted (programmes.md card 16)."""

    @transition(field=state, source=S.RESTRICTED, target=S.OPERATING)
    def lift_restriction(self):
        """What was found has been mended."""

    @transition(field=state, source=sorted(COUNTING), target=S.SUCCEEDED)
    def succeed(self):
        """A new title stands in its place (upgrade, scheme migration)."""

    @transition(field=state, source=sorted(COUNTING), target=S.MERGED)
    def merge(self):
        """It was merged into another site (programmes.md §5, two programmes merge)."""

    @transition(field=state, source=sorted(COUNTING), target=S.REVOKED)
    def revoke(self):
        """The title is taken away for cause."""


_AFTER = {
    "accept": S.ACCEPTED,
    "operate": S.OPERATING,
    "rectify": S.RECTIFYING,
    "revoke": S.REVOKED,
    "new_round": S.NEW_ROUND,
    "lapse": S.LAPSED,
}
