from django.db import models
from django.utils.translation import gettext_lazy as _


class Epoch(models.Model):
    """A mark that this database sent messages at a time; its twin lies outside (notifications.epoch).

    A row with a reason is a release: who let messages go again after a restore, and how many would go and had gone.
    """

    token = models.UUIDField(unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    would_go = models.PositiveIntegerField(null=True, blank=True)
    already_went = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("发送标记")
        verbose_name_plural = _("发送标记")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.token}"
