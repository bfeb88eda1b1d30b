"""Rows that belong to a site's term: its mid-term, what it must mend, what it was called, a proposed revocation."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MidTermResult(models.Model):
    """The judgement at half-time; one per site."""

    class Consequence(models.TextChoices):
        PASS = "pass", _("继续建设")
        IMPROVE = "improve", _("限期改进")
        PROPOSE_REVOCATION = "propose_revocation", _("建议撤销")

    designation = models.OneToOneField("pilots.Designation", models.PROTECT, related_name="mid_term")
    score = models.DecimalField(_("中期得分"), max_digits=6, decimal_places=2, null=True, blank=True)
    scores = models.JSONField(default=dict)
    band = models.CharField(max_length=60, blank=True)
    consequence = models.CharField(max_length=20, choices=Consequence.choices)
    comment = models.TextField(_("中期意见"))
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    # Set when the improvement asked for has been reported.
    improved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("中期评估结果")
        verbose_name_plural = _("中期评估结果")

    def __str__(self):
        return f"{self.designation} · {self.get_consequence_display()}"


class RectificationItem(models.Model):
    """One fault to mend, with its day, and the site's answer. `rev` counts saves, so that two people see each other's."""

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="rectification_items")
    round = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    what = models.CharField(_("整改事项"), max_length=300)
    due_on = models.DateField(_("完成日期"))
    answer = models.TextField(_("整改情况"), blank=True)
    rev = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("整改事项")
        verbose_name_plural = _("整改事项")
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["designation", "round", "number"], name="rectification_item_once"),
        ]

    def __str__(self):
        return self.what


class FormerName(models.Model):
    """What a site, its holder or its place was called before; lists find a site by it."""

    class What(models.TextChoices):
        TITLE = "title", _("名称")
        HOLDER = "holder", _("承担单位")
        PLACE = "place", _("地区")
        SCOPE = "scope", _("范围")

    designation = models.ForeignKey("pilots.Designation", models.CASCADE, related_name="former_names")
    what = models.CharField(max_length=8, choices=What.choices)
    name = models.CharField(max_length=300)
    until = models.DateField()
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("曾用名称")
        verbose_name_plural = _("曾用名称")
        ordering = ["until", "pk"]

    def __str__(self):
        return self.name


class Revocation(models.Model):
    """A proposed revocation with the site's right to be heard (programmes.md §3 REV)."""

    class Decision(models.TextChoices):
        REVOKED = "revoked", _("决定撤销")
        DROPPED = "dropped", _("不予撤销")

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="revocations")
    grounds = models.TextField(_("拟撤销理由"))
    evidence = models.TextField(_("事实和证据"))
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("陈述和申辩"), blank=True)
    wants_hearing = models.BooleanField(_("要求听证"), default=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    heard_on = models.DateField(_("听证日期"), null=True, blank=True)
    record = models.TextField(_("听证笔录"), blank=True)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("拟撤销")
        verbose_name_plural = _("拟撤销")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["designation"], condition=Q(decision=""), name="revocation_open_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True) | ~Q(decision="") & Q(decided_at__isnull=False),
                name="revocation_decided_has_date",
            ),
        ]

    def __str__(self):
        return f"{self.designation} · {self.get_decision_display() or _('拟撤销')}"
