"""The end of a term: a panel's opinions and its conclusion."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Evaluation(models.Model):
    """One round of acceptance of one site; a second one follows a rectification."""

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="evaluations")

    class Stage(models.TextChoices):
        PROVINCE = "province", _("省级初验")
        FINAL = "final", _("验收")
        RENEWAL = "renewal", _("复核")

    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.FINAL)
    round = models.PositiveSmallIntegerField(default=1)
    opened_at = models.DateTimeField()
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    band = models.CharField(max_length=60, blank=True)
    conclusion = models.TextField(_("验收结论"), blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    concluded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("验收")
        verbose_name_plural = _("验收")
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["designation", "stage", "round"], name="evaluation_once_per_round"),
            models.CheckConstraint(
                condition=Q(concluded_at__isnull=True, concluded_by__isnull=True)
                | Q(concluded_at__isnull=False, concluded_by__isnull=False, score__isnull=False) & ~Q(band=""),
                name="evaluation_concluded_has_decider",
            ),
        ]

    def __str__(self):
        return f"{self.designation} #{self.round}"


class PanelMember(models.Model):
    """Somebody appointed to one round of acceptance."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="members")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="panels")
    appointed_at = models.DateTimeField()
    stood_aside_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(_("回避理由"), blank=True)

    class Meta:
        verbose_name = _("验收组成员")
        verbose_name_plural = _("验收组成员")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "user"], name="panel_member_once")]

    def __str__(self):
        return f"{self.evaluation} · {self.user}"


class PanelRecord(models.Model):
    """What the panel did, and when: report heard, site seen, file checked (programmes.md §7.3)."""

    class Kind(models.TextChoices):
        REPORT_HEARD = "report_heard", _("听取汇报")
        SITE_SEEN = "site_seen", _("查看现场")
        FILE_CHECKED = "file_checked", _("审阅材料")

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="records")
    kind = models.CharField(_("方式"), max_length=14, choices=Kind.choices)
    on = models.DateField(_("日期"))
    note = models.TextField(_("记录"))
    file = models.ForeignKey("pilots.Upload", models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("验收记录")
        verbose_name_plural = _("验收记录")
        ordering = ["on", "pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.on}"


class Opinion(models.Model):
    """One panel member's scores and words."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="opinions")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    scores = models.JSONField()
    total = models.DecimalField(max_digits=6, decimal_places=2)
    comment = models.TextField(_("意见"), blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("验收意见")
        verbose_name_plural = _("验收意见")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "by"], name="opinion_once_per_person")]

    def __str__(self):
        return f"{self.evaluation} · {self.by}"
