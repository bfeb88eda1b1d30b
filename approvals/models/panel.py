"""What a panel does together, and what is learnt elsewhere: discussions, inspections, surveys."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Discussion(models.Model):
    """A panel talks about scores that lie too far apart (programmes.md §5)."""

    class Outcome(models.TextChoices):
        KEEP = "keep", _("维持各自评分，取均值")
        REVISE = "revise", _("部分专家重新评分")
        EXTRA = "extra", _("增补一位专家")

    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="discussions")
    held_on = models.DateField(_("合议日期"))
    present = models.JSONField(_("到会专家"), default=list)
    minutes = models.TextField(_("合议纪要"))
    outcome = models.CharField(_("合议结果"), max_length=6, choices=Outcome.choices)
    spread = models.DecimalField(max_digits=6, decimal_places=2)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("专家合议")
        verbose_name_plural = _("专家合议")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.application} {self.held_on}"


class Survey(models.Model):
    """The result of a third party's survey for one application, 0 to 100."""

    application = models.OneToOneField("pilots.Application", models.CASCADE, related_name="survey")
    result = models.DecimalField(_("调查得分"), max_digits=5, decimal_places=2)
    sample = models.PositiveIntegerField(_("有效样本数"))
    note = models.CharField(_("调查说明"), max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("第三方调查")
        verbose_name_plural = _("第三方调查")
        constraints = [models.CheckConstraint(condition=Q(result__gte=0, result__lte=100), name="survey_of_100")]

    def __str__(self):
        return f"{self.application} {self.result}"


class Inspection(models.Model):
    """A panel's visit, on site or by video: the sheet."""

    class Mode(models.TextChoices):
        ON_SITE = "on_site", _("现场")
        REMOTE = "remote", _("远程视频")
        DEFENCE = "defence", _("会议答辩")

    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="inspections")
    held_on = models.DateField(_("考察日期"))
    mode = models.CharField(_("方式"), max_length=8, choices=Mode.choices)
    people = models.CharField(_("考察人员"), max_length=300)
    findings = models.TextField(_("考察情况"))
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("实地考察")
        verbose_name_plural = _("实地考察")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.application} {self.held_on}"


class Photo(models.Model):
    """One photograph of an inspection, under its own hash."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="photos")
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("考察照片")
        verbose_name_plural = _("考察照片")
        ordering = ["pk"]

    def __str__(self):
        return self.name
