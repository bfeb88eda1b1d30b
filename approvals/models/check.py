"""The offices' word on an application: the province's recommendation, the formality check."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Recommendation(models.Model):
    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="recommendations")
    recommended = models.BooleanField(_("推荐"))
    rank = models.PositiveSmallIntegerField(_("排序"), null=True, blank=True)
    letter_number = models.CharField(_("推荐函文号"), max_length=40, blank=True)
    opinion = models.TextField(_("推荐意见"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("省级推荐")
        verbose_name_plural = _("省级推荐")
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(recommended=False) | models.Q(rank__isnull=False), name="recommendation_has_rank"
            ),
        ]

    def __str__(self):
        return f"{self.application} {self.letter_number}"


class FormalityCheck(models.Model):
    class Result(models.TextChoices):
        ACCEPTED = "accepted", _("受理")
        SUPPLEMENT = "supplement", _("退回补正")
        REJECTED = "rejected", _("不予受理")

    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="checks")
    result = models.CharField(max_length=10, choices=Result.choices)
    # One entry per line of the checklist: item, ok, note.
    items = models.JSONField(default=list)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("形式审查")
        verbose_name_plural = _("形式审查")
        ordering = ["at"]

    def __str__(self):
        return f"{self.application} {self.get_result_display()}"
