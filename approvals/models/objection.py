"""What the public says during the notice, and what becomes of it."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.authority import Scope
from accounts.roles import Role
from pilots.models.case import Case, CaseQuerySet


class ObjectionState(models.TextChoices):
    REGISTERED = "registered", _("已登记")
    INVESTIGATING = "investigating", _("核查中")
    REJECTED = "rejected", _("异议不成立")
    UPHELD = "upheld", _("异议成立")
    LEAD = "lead", _("作为线索留存")
    APPEALED = "appealed", _("复核中")
    DISMISSED = "dismissed", _("复核维持")

    @classmethod
    def open(cls):
        """States in which the item at issue has to wait."""
        return [cls.REGISTERED, cls.INVESTIGATING, cls.APPEALED]


S = ObjectionState
# A reply has been given; an appeal comes after it.
_ANSWERED = [S.REJECTED, S.UPHELD, S.APPEALED, S.DISMISSED]


def new_receipt():
    """What an objector keeps to read the reply: 16 letters and digits, not to be guessed."""
    return get_random_string(16, "23456789ABCDEFGHJKLMNPQRSTUVWXYZ")


class Objection(Case):
    application = models.ForeignKey("pilots.Application", models.PROTECT, related_name="objections")
    number = models.CharField(_("登记号"), max_length=30, unique=True)
    state = FSMField(default=S.REGISTERED, choices=S.choices, protected=True)
    objector = models.CharField(_("异议人"), max_length=60, blank=True)
    is_unit = models.BooleanField(_("以单位名义"), default=False)
    contact = models.CharField(_("联系方式"), max_length=100, blank=True)
    text = models.TextField(_("异议内容"))
    evidence = models.TextField(_("证据说明"), blank=True)
    receipt = models.CharField(_("查询码"), max_length=16, unique=True, default=new_receipt)
    received_at = models.DateTimeField()
    handler = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    # What the investigator found, for those who decide; the objector reads the finding.
    report = models.TextField(_("核查报告"), blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    finding = models.TextField(_("核查结论"), blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    concluded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    appeal = models.TextField(_("复核申请理由"), blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_finding = models.TextField(_("复核结论"), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = CaseQuerySet.as_manager()
    related = (
        "application__batch__programme",
        "application__batch__rules_version",
        "application__rules_version",
        "application__place",
    )

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=_ANSWERED, concluded_at__isnull=False, concluded_by__isnull=False)
                | ~Q(state__in=_ANSWERED) & Q(concluded_at__isnull=True, concluded_by__isnull=True),
                name="objection_concluded_has_decider",
            ),
        ]

    def __str__(self):
        return f"{self.number} · {self.application}"

    def get_absolute_url(self):
        return reverse("objection", args=[self.uuid])

    @property
    def rules(self):
        return self.application.rules

    @classmethod
    def reach(cls, authority):
        # Names of objectors are for those who investigate and supervise, not for the applicant or the province.
        return authority.programmes(
            Role.OBJECTION_HANDLER,
            Role.DIVISION_HEAD,
            Role.LEADER,
            Role.AUDITOR,
            field="application__batch__programme__code",
        )

    def scope(self):
        return Scope(programme=self.application.batch.programme.code)

    def duties(self, at):
        from approvals.deadlines import objection_duties  # noqa: PLC0415

        return objection_duties(self, at)

    @transition(field=state, source=S.REGISTERED, target=S.INVESTIGATING)
    def investigate(self):
        """Somebody who is not on the case looks into it."""

    @transition(field=state, source=S.REGISTERED, target=S.LEAD)
    def keep_as_lead(self):
        """Late or anonymous: kept, without legal effect (programmes.md §5)."""

    @transition(field=state, source=S.INVESTIGATING, target=S.REJECTED)
    def reject(self):
        """Not upheld."""

    @transition(field=state, source=S.INVESTIGATING, target=S.UPHELD)
    def uphold(self):
        """Upheld."""

    @transition(field=state, source=S.REJECTED, target=S.APPEALED)
    def lodge_appeal(self):
        """The objector asks a leader to look again."""

    @transition(field=state, source=S.APPEALED, target=S.UPHELD)
    def uphold_appeal(self):
        """The leader finds for the objector."""

    @transition(field=state, source=S.APPEALED, target=S.DISMISSED)
    def dismiss_appeal(self):
        """The reply stands; there is no further appeal here."""


class Evidence(models.Model):
    """A file an objector gave. Only those who investigate ever get it, and only as a download."""

    objection = models.ForeignKey(Objection, models.CASCADE, related_name="files")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=8)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("异议证据")
        verbose_name_plural = _("异议证据")
        ordering = ["pk"]

    def __str__(self):
        return self.name
