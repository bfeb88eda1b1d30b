"""Approval documents. A number is taken at signature, never reused, void numbers are kept (programmes.md §7.2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Document(models.Model):
    batch = models.ForeignKey("pilots.Batch", models.PROTECT, related_name="documents")
    kind = models.CharField(_("文种"), max_length=8)
    number = models.CharField(_("文号"), max_length=40, unique=True)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("正文"))
    annex = models.JSONField(default=list)
    dated = models.DateField(_("成文日期"))
    # Numbers the joint ministries gave the same document: [{"by", "number"}].
    joint_numbers = models.JSONField(default=list, blank=True)
    # A void number is kept and never used again.
    void = models.BooleanField(_("作废"), default=False)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaces")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("批复文件")
        verbose_name_plural = _("批复文件")
        ordering = ["-dated", "-pk"]

    def __str__(self):
        return f"{self.number} {self.title}"

    def says(self, words):
        """True when the words stand in the title, the text or the annex."""
        annex = (str(value) for row in self.annex for value in row.values())
        return any(words in part for part in (self.title, self.body, *annex))
