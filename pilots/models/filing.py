"""What a site files during its term, and the numbers in it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock


class Filing(models.Model):
    """A plan, a periodic report, a summary or a rectification report. Filed papers are never edited."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("建设方案")
        REPORT = "report", _("年度报告")
        SELF_EVALUATION = "self_evaluation", _("自评总结")
        RECTIFICATION = "rectification", _("整改报告")
        MID_TERM = "mid_term", _("中期报告")
        IMPROVEMENT = "improvement", _("改进报告")
        FOLLOW_UP = "follow_up", _("后续方案")
        RENEWAL = "renewal", _("复核申请")

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="filings")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    period = models.CharField(_("期次"), max_length=10, blank=True)
    # A returned paper keeps what it said; the next one is a new revision.
    revision = models.PositiveSmallIntegerField(default=1)
    answers = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    due_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True, blank=True)
    filed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    # The province's look at a periodic report: passed on, or returned with a reason.
    passed_at = models.DateTimeField(null=True, blank=True)
    passed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(_("省局意见"), blank=True)
    # The grade of the yearly assessment, by the code of the rules (report.grade).
    grade = models.CharField(_("考核等次"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("报送材料")
        verbose_name_plural = _("报送材料")
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["designation", "kind", "period", "revision"], name="filing_once_per_period"
            ),
            models.CheckConstraint(
                condition=Q(filed_at__isnull=True, filed_by__isnull=True)
                | Q(filed_at__isnull=False, filed_by__isnull=False),
                name="filing_filed_has_person",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.period}".strip()

    def is_late(self, day):
        """True when the paper came after its day, or has not come by `day`."""
        if self.due_on is None:
            return False
        return (clock.today(self.filed_at) if self.filed_at else day) > self.due_on


class IndicatorValue(models.Model):
    """One number for one period, versioned: a correction is a new row (programmes.md §5, figure correction)."""

    class State(models.TextChoices):
        STANDS = "stands", _("有效")
        PROPOSED = "proposed", _("待省局确认")
        REFUSED = "refused", _("不予更正")

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="indicator_values")
    code = models.CharField(max_length=60)
    period = models.CharField(max_length=10)
    value = models.DecimalField(max_digits=18, decimal_places=4)
    revision = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    # A correction counts only once the province has confirmed it; what stood before is kept.
    state = models.CharField(max_length=10, choices=State.choices, default=State.STANDS)
    reason = models.TextField(_("更正理由"), blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["code", "period", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["designation", "code", "period", "revision"], name="indicator_value_once"),
        ]

    def __str__(self):
        return f"{self.code} {self.period}: {self.value}"
