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
    # The round of the application it was given in; sheets of earlier rounds stay as they were.
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASSIGNED)
    # Draft and final scores: {criterion: points on that criterion's scale}.
    scores = models.JSONField(default=dict, blank=True)
    comment = models.TextField(_("评审意见"), blank=True)
    # Points beyond the criteria, 0 to the rules' bonus_max.
    bonus = models.DecimalField(_("加分"), max_digits=5, decimal_places=2, default=0)
    bonus_reason = models.CharField(_("加分理由"), max_length=300, blank=True)
    # Veto items the expert found, in the rules' own Chinese words, and why.
    vetoes = models.JSONField(_("一票否决事项"), default=list, blank=True)
    veto_reason = models.CharField(_("否决理由"), max_length=300, blank=True)
    total = models.DecimalField(_("加权得分"), max_digits=6, decimal_places=2, null=True, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    # When a discussion gave the sheet back to its expert.
    reopened_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    recusal_reason = models.TextField(_("回避理由"), blank=True)

    class Meta:
        verbose_name = _("专家评审")
        verbose_name_plural = _("专家评审")
        ordering = ["pk"]
        indexes = [models.Index(fields=["expert", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["application", "expert", "round"], name="review_once_per_expert_and_round"),
            models.CheckConstraint(
                condition=Q(state="submitted", submitted_at__isnull=False, total__isnull=False)
                | ~Q(state="submitted") & Q(submitted_at__isnull=True),
                name="review_submitted_has_total",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(bonus=0) | ~Q(bonus_reason=""), name="review_bonus_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(vetoes=[]) | ~Q(veto_reason=""), name="review_veto_has_reason"
            ),
        ]

    def __str__(self):
        return f"{self.application} · {self.expert}"
