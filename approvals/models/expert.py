"""The pool: who may be asked to judge, what they know, whom they are tied to, how they have worked.

Being an expert at all is a grant of the role; name, employer and province are the user's. What stands here is what a
draw and a secretary need besides.
"""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.authority import Scope
from accounts.roles import ORGANISERS, Role
from pilots.models.case import Case, CaseQuerySet

# Those who read the pool; an expert reads their own page besides.
POOL_READERS = (*ORGANISERS, Role.AUDITOR)


class ExpertState(models.TextChoices):
    LISTED = "listed", _("在库")
    SUSPENDED = "suspended", _("暂停")


S = ExpertState


class Expert(Case):
    """One member of the pool."""

    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="expert", verbose_name=_("专家"))
    state = FSMField(default=S.LISTED, choices=S.choices, protected=True)
    title = models.CharField(_("职称"), max_length=40, blank=True)
    profession = models.CharField(_("专业"), max_length=60, blank=True)
    # Codes of pilots.rules.expertise.
    fields = models.JSONField(_("评审领域"), default=list, blank=True)
    term_from = models.DateField(_("聘期开始"))
    term_to = models.DateField(_("聘期结束"))
    # When this person last promised that their ties are declared in full.
    promised_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()
    related = ("user__organisation__place",)

    class Meta:
        verbose_name = _("专家")
        verbose_name_plural = _("专家")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(term_to__gte=F("term_from")), name="expert_term_ends_after_start"),
        ]

    def __str__(self):
        return str(self.user)

    def get_absolute_url(self):
        return reverse("expert", args=[self.uuid])

    @classmethod
    def reach(cls, authority):
        # One pool serves all programmes, so a seat in any of them reads it.
        if authority.has(*POOL_READERS):
            return ~Q(pk__in=[])
        return Q(user=authority.user) if authority.has(Role.EXPERT) else Q(pk__in=[])

    def scope(self):
        return Scope(people=frozenset([self.user_id]))

    def in_term(self, day):
        """True when the person may be drawn on `day`, as far as the term goes (both ends inclusive)."""
        return self.term_from <= day <= self.term_to

    @transition(field=state, source=S.LISTED, target=S.SUSPENDED)
    def suspend(self):
        """Not to be drawn for the time being; reviews they hold go on."""

    @transition(field=state, source=S.SUSPENDED, target=S.LISTED)
    def resume(self):
        """May be drawn again."""


class Tie(models.Model):
    """A relation between an expert and an organisation that keeps them from judging it (programmes.md §5, recusal)."""

    class Kind(models.TextChoices):
        EMPLOYER = "employer", _("任职")
        ADVISER = "adviser", _("顾问")
        SHAREHOLDER = "shareholder", _("持股")
        KIN = "kin", _("亲属任职")
        HELPED = "helped", _("参与编制")
        CONTRACT = "contract", _("合同往来")

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="ties")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", verbose_name=_("单位"))
    kind = models.CharField(_("关系"), max_length=12, choices=Kind.choices)
    since = models.DateField(_("自"), null=True, blank=True)
    # Empty while it lasts.
    until = models.DateField(_("至"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("利害关系")
        verbose_name_plural = _("利害关系")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="tie_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.organisation}"


class Credit(models.Model):
    """One line of an expert's record. Work done in time is counted from the reviews; what stands out is noted here."""

    class Kind(models.TextChoices):
        LATE = "late", _("逾期评审")
        RECUSED_LATE = "recused_late", _("逾期回避")
        OUTLIER = "outlier", _("评分偏离")
        PRAISED = "praised", _("表扬")
        COMPLAINT = "complaint", _("投诉")

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="credits")
    kind = models.CharField(_("事项"), max_length=14, choices=Kind.choices)
    application = models.ForeignKey("pilots.Application", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("说明"), max_length=300, blank=True)
    at = models.DateTimeField()
    # None: noted by the system.
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("信用记录")
        verbose_name_plural = _("信用记录")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.expert} {self.get_kind_display()}"
