"""The offices' word on an application: the province's recommendation, the formality check."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """One letter of a province about everything it recommends, or does not, in one batch. Never edited."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey("pilots.Batch", models.PROTECT, related_name="letters")
    province = models.ForeignKey("accounts.Place", models.PROTECT, related_name="+")
    number = models.CharField(_("推荐函文号"), max_length=40)
    opinion = models.TextField(_("推荐意见"), blank=True)
    # As they were said: [{"number", "title", "applicant", "rank"}] and [{"number", "title", "applicant", "reason"}].
    recommended = models.JSONField(default=list)
    declined = models.JSONField(default=list)
    # [{"office", "signer"}]: those who recommend together with the province's office.
    joint = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("推荐函")
        verbose_name_plural = _("推荐函")
        ordering = ["at", "pk"]

    def __str__(self):
        return self.number


class Recommendation(models.Model):
    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="recommendations")
    recommended = models.BooleanField(_("推荐"))
    rank = models.PositiveSmallIntegerField(_("排序"), null=True, blank=True)
    letter_number = models.CharField(_("推荐函文号"), max_length=40, blank=True)
    opinion = models.TextField(_("推荐意见"), blank=True)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="recommendations")
    joint = models.JSONField(_("联合推荐"), default=list)
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
        DEEMED = "deemed", _("视为受理")

    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="checks")
    result = models.CharField(max_length=10, choices=Result.choices)
    # One entry per line of the checklist: item, ok, and for what is at fault: defect (the wording sent).
    items = models.JSONField(default=list)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    # Nobody's, where the time ran out and the application counts as accepted.
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("形式审查")
        verbose_name_plural = _("形式审查")
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(result="deemed") | models.Q(by__isnull=False), name="formality_check_has_checker"
            ),
        ]

    def __str__(self):
        return f"{self.application} {self.get_result_display()}"
