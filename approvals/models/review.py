"""One expert's judgement of one application."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Review(models.Model):
    class State(models.TextChoices):
        ASSIGNED = "assigned", _("待评审")
        SUBMITTED = "submitted", _("已提交")
        RECUSED = "recused", _("已回避")

    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="reviews")
    expert = models.ForeignKey("accounts.User", models.PROTECT, related_name="reviews")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASSIGNED)
    # Draft and final scores: {criterion: points on that criterion's scale}.
    scores = models.JSONField(default=dict, blank=True)
    comment = models.TextField(_("评审意见"), blank=True)
    total = models.DecimalField(_("加权得分"), max_digits=6, decimal_places=2, null=True, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    recusal_reason = models.TextField(_("回避理由"), blank=True)

    class Meta:
        verbose_name = _("专家评审")
        verbose_name_plural = _("专家评审")
        ordering = ["pk"]
        indexes = [models.Index(fields=["expert", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["application", "expert"], name="review_once_per_expert"),
            models.CheckConstraint(
                condition=Q(state="submitted", submitted_at__isnull=False, total__isnull=False)
                | ~Q(state="submitted") & Q(submitted_at__isnull=True),
                name="review_submitted_has_total",
            ),
        ]

    def __str__(self):
        return f"{self.application} · {self.expert}"
