"""The log over all cases: which ledger row went in at which place, and the roots that were written outside."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Anchor(models.Model):
    """The state of the log at one instant. The same, signed, stands in a file outside the database. Never changed."""

    number = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField()
    # Leaves in the log so far, and how many of them are ledger rows.
    size = models.PositiveBigIntegerField()
    rows = models.PositiveBigIntegerField()
    # Hexadecimal SHA-256: the log's root, the root of the anchor before, and the hash of the list of all cases' heads
    # (empty where more rows were waiting than one anchor takes).
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    heads = models.CharField(max_length=64, blank=True)
    # The highest key of a ledger row that this anchor, or one before it, has seen.
    last = models.PositiveBigIntegerField()
    # What the file outside says, byte for byte.
    body = models.TextField()

    class Meta:
        verbose_name = _("锚定记录")
        verbose_name_plural = _("锚定记录")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.at:%Y-%m-%d %H:%M} {self.root[:16]}"


class LogNode(models.Model):
    """A complete subtree of the log: 2**level leaves from leaf place * 2**level on. Level 0 is a leaf. Never changed.

    Kept so that going on, and proving that a row is in, cost the logarithm of the log and not its length. Nothing that
    is verified relies on them: they are computed anew from the ledger.
    """

    level = models.PositiveSmallIntegerField()
    place = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)
    # The row a leaf stands for; None for inner nodes and for leaves that hold a list of heads.
    entry = models.OneToOneField("workflows.LedgerEntry", models.PROTECT, null=True, related_name="node")

    class Meta:
        verbose_name = _("存证日志节点")
        verbose_name_plural = _("存证日志节点")
        ordering = ["level", "place"]
        constraints = [models.UniqueConstraint(fields=["level", "place"], name="log_node_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.place}"
