"""The ledger: one row per act, append-only, each row chained to the one before it on the same case."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LedgerEntry(models.Model):
    """Who did what to which case, when, as whom, and why. Written by the door only; never changed."""

    case_model = models.CharField(max_length=60)
    case_uuid = models.UUIDField()
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=60)
    role = models.CharField(max_length=24)
    # Whose seat it was, when somebody stood in for them.
    on_behalf = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    on_behalf_name = models.CharField(max_length=60, blank=True)
    act = models.CharField(max_length=40)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30)
    reason = models.TextField(blank=True)
    # What the hash is taken over, byte for byte.
    text = models.TextField()
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("办理记录")
        verbose_name_plural = _("办理记录")
        ordering = ["case_uuid", "seq"]
        constraints = [models.UniqueConstraint(fields=["case_uuid", "seq"], name="ledger_seq_once")]
        indexes = [models.Index(fields=["actor", "-at"]), models.Index(fields=["-at"])]

    def __str__(self) -> str:
        return f"{self.case_uuid} {self.seq} {self.act}"
