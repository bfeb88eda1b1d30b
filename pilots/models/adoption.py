"""Moving running cases to another version of their rules: what was decided for all of them, and how it went for each."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RulesAdoption(models.Model):
    """One decision: these cases, this version, these mappings. Carried out by jobs, case by case, through the door."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey("pilots.Programme", models.PROTECT, related_name="adoptions")
    version = models.ForeignKey("pilots.RulesVersion", models.PROTECT, related_name="adoptions")
    # {need: answer} as `pilots.inflight` names them.
    mapping = models.JSONField(default=dict, blank=True)
    reason = models.TextField(_("理由"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # The decision this one takes back.
    reverts = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reverted_by")

    class Meta:
        verbose_name = _("规则转入")
        verbose_name_plural = _("规则转入")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.version} · {self.at:%Y-%m-%d}"


class AdoptionItem(models.Model):
    """One case of a decision, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待办理")
        DONE = "done", _("已转入")
        REFUSED = "refused", _("未转入")

    adoption = models.ForeignKey(RulesAdoption, models.CASCADE, related_name="items")
    model = models.CharField(max_length=40)
    case_uuid = models.UUIDField()
    label = models.CharField(max_length=200)
    before = models.ForeignKey("pilots.RulesVersion", models.PROTECT, related_name="+")
    # What the mapping changed in the case, so that it can be put back.
    undo = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["adoption", "case_uuid"], name="adoption_item_once")]

    def __str__(self):
        return self.label
