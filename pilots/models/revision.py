from django.db import models
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """The application as it was submitted: what reviewers read never changes under them (trust.md R5)."""

    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    answers = models.JSONField()
    # [{"material": code, "name": …, "sha256": …, "size": …}]
    files = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("申报版本")
        verbose_name_plural = _("申报版本")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="revision_once")]

    def __str__(self):
        return f"{self.application} v{self.number}"
