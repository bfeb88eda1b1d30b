"""A draw of panels for a batch: stored first, carried out afterwards, kept so that it can be repeated."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Draw(models.Model):
    """One draw that somebody has confirmed. `sha256` is over the plan as it was shown."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey("pilots.Batch", models.PROTECT, related_name="draws")
    seed = models.PositiveIntegerField(_("抽签号"))
    sha256 = models.CharField(max_length=64)
    # Counts of the plan: members in the pool, spread of loads, {load: members}.
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("专家抽取")
        verbose_name_plural = _("专家抽取")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.batch} #{self.seed}"


class DrawnPanel(models.Model):
    """The panel one draw gave one application, why, and whether it has been carried out."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待分派")
        DONE = "done", _("已分派")
        REFUSED = "refused", _("未分派")

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="panels")
    application = models.ForeignKey("pilots.Application", models.PROTECT, related_name="drawn_panels")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # [{"expert", "load", "place", "eligible", "fields"}] and {reason: members}, see approvals.rules.draw.
    seats = models.JSONField()
    excluded = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("抽取结果")
        verbose_name_plural = _("抽取结果")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["draw", "application"], name="drawn_panel_once")]

    def __str__(self):
        return f"{self.draw} {self.application}"
