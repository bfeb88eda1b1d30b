"""The ranked list of a batch and the signatures under it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ListItem(models.Model):
    """One line of one version of the list. A list that is sent back gets a new version; the old one is kept."""

    batch = models.ForeignKey("pilots.Batch", models.CASCADE, related_name="list_items")
    version = models.PositiveIntegerField()
    application = models.ForeignKey("pilots.Application", models.PROTECT, related_name="list_items")
    rank = models.PositiveSmallIntegerField()
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    proposed = models.BooleanField(_("拟批准"))
    # The class of a prize, by the code of the rules; filled from the top of the list.
    award = models.CharField(_("奖项等级"), max_length=60, blank=True)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    # Equal scores on both sides of the line: the division head has to decide (programmes.md §5).
    tied = models.BooleanField(_("与入选线同分"), default=False)
    # Changed by a person, with a reason, against what the rules' ranking gave.
    edited = models.BooleanField(_("人工调整"), default=False)

    class Meta:
        verbose_name = _("名单项")
        verbose_name_plural = _("名单项")
        ordering = ["version", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "version", "application"], name="list_item_once"),
            models.UniqueConstraint(fields=["batch", "version", "rank"], name="list_rank_once"),
        ]

    def __str__(self):
        return f"{self.rank}. {self.application}"


class SignOff(models.Model):
    """One signature. It counts only for the version and hash of the list that was shown."""

    class Step(models.TextChoices):
        HEAD = "head", _("司局负责人")
        COUNTERSIGN = "countersign", _("会签")
        LEADER = "leader", _("局领导")

    batch = models.ForeignKey("pilots.Batch", models.CASCADE, related_name="signoffs")
    step = models.CharField(max_length=12, choices=Step.choices)
    party = models.CharField(_("会签单位"), max_length=60, blank=True)
    list_version = models.PositiveIntegerField()
    list_hash = models.CharField(max_length=64)
    agreed = models.BooleanField(_("同意"))
    comment = models.TextField(_("意见"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    # Whose seat it was, when a deputy signed; the two count as one.
    on_behalf_of = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("审签")
        verbose_name_plural = _("审签")
        ordering = ["at"]

    def __str__(self):
        return f"{self.get_step_display()} {self.by}"
