"""What a site files during its term, and the numbers in it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Filing(models.Model):
    """A plan, a periodic report, a summary or a rectification report. Filed papers are never edited."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("建设方案")
        REPORT = "report", _("年度报告")
        SELF_EVALUATION = "self_evaluation", _("自评总结")
        RECTIFICATION = "rectification", _("整改报告")

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="filings")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    period = models.CharField(_("期次"), max_length=10, blank=True)
    answers = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    due_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True, blank=True)
    filed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("报送材料")
        verbose_name_plural = _("报送材料")
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["designation", "kind", "period"], name="filing_once_per_period"),
            models.CheckConstraint(
                condition=Q(filed_at__isnull=True, filed_by__isnull=True)
                | Q(filed_at__isnull=False, filed_by__isnull=False),
                name="filing_filed_has_person",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.period}".strip()


class IndicatorValue(models.Model):
    """One number for one period, versioned: a correction is a new row (programmes.md §5, figure correction)."""

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="indicator_values")
    code = models.CharField(max_length=60)
    period = models.CharField(max_length=10)
    value = models.DecimalField(max_digits=18, decimal_places=4)
    revision = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        ordering = ["code", "period", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["designation", "code", "period", "revision"], name="indicator_value_once"),
        ]

    def __str__(self):
        return f"{self.code} {self.period}: {self.value}"
