"""A form that began something, so that the same press a second time begins nothing."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Press(models.Model):
    """One form as it was sent by one person, and where its answer led. Kept for a day (`workflows.once`)."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    # SHA-256 over the page, its one-time key, and everything that was sent.
    print = models.CharField(max_length=64)
    answer = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("已提交的表单")
        verbose_name_plural = _("已提交的表单")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "print"], name="press_once")]
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.answer
