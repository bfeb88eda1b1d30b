"""Programmes and the versions of their rules. A published version never changes."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pilots.rules.document import cached


class Programme(models.Model):
    code = models.CharField(_("代码"), max_length=60, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(_("英文名"), max_length=160, blank=True)
    shape = models.CharField(_("类型"), max_length=4)
    active = models.BooleanField(_("启用"), default=True)
    # Codes of programmes whose present rules take over the titles of this one, or take its sites in; kept here at each
    # publication (`pilots.catalogue.schemes`), because every look at a site asks.
    taken_over_by = models.JSONField(default=list, editable=False)
    absorbed_by = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("试点项目")
        verbose_name_plural = _("试点项目")
        ordering = ["code"]

    def __str__(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def current(self):
        """The version new batches pin, or None before the first publication."""
        if not hasattr(self, "_current"):
            self._current = self.versions.filter(published_at__isnull=False).order_by("-published_at", "-pk").first()
        return self._current


class RulesVersion(models.Model):
    """One rules document, as text. `rules` is the parsed document."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="versions")
    version = models.CharField(max_length=12)
    text = models.TextField()
    sha256 = models.CharField(max_length=64, editable=False)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("规则版本")
        verbose_name_plural = _("规则版本")
        ordering = ["programme", "-version"]
        constraints = [models.UniqueConstraint(fields=["programme", "version"], name="rules_version_once")]

    def __str__(self):
        return f"{self.programme.code} {self.version}"

    @property
    def rules(self):
        return cached(self.text)

    def save(self, *args, **kwargs):
        stored = type(self).objects.filter(pk=self.pk).first() if self.pk else None
        if stored and stored.published_at and stored.text != self.text:
            raise ValidationError(_("已发布的规则不能修改；请另存为新版本。"))
        self.sha256 = hashlib.sha256(self.text.encode()).hexdigest()
        super().save(*args, **kwargs)
