from django.db import models
from django.utils.translation import gettext_lazy as _


class Wording(models.Model):
    """One version of the words of one kind of message or letter. Versions are added, never changed: a letter is made
    again from the words of its day."""

    kind = models.CharField(max_length=40)
    # "": for every programme that has no words of its own.
    programme = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    # From here on the words of the level above count again; subject and body are empty.
    reset = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("通知文字")
        verbose_name_plural = _("通知文字")
        ordering = ["kind", "programme", "language", "version"]
        constraints = [
            # Two officers saving at once: the second is told, not merged.
            models.UniqueConstraint(fields=["kind", "programme", "language", "version"], name="wording_version_once"),
        ]

    def __str__(self):
        return f"{self.kind} {self.programme or '*'} {self.language} v{self.version}"
