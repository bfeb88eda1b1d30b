from django.db import models
from django.utils.translation import gettext_lazy as _


class Feed(models.Model):
    """The secret address at which one person's calendar program reads the deadlines of one programme."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="feeds")
    programme = models.CharField(max_length=60)
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    # When a calendar program last asked, to the hour: an address nobody reads can go.
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("日历订阅")
        verbose_name_plural = _("日历订阅")
        ordering = ["programme", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "programme"], name="feed_once")]

    def __str__(self):
        return f"{self.user_id} {self.programme}"
