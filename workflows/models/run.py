"""viewflow's process and task with our own keys: a case is a foreign key, not a generic one (2 statements less)."""

from typing import Any

from django.db import models
from viewflow.workflow.models import AbstractProcess, AbstractTask


class CaseProcess(AbstractProcess):
    """One run of one flow over one case."""

    CASES = ("application", "batch", "designation", "objection", "change")

    application = models.ForeignKey("pilots.Application", models.CASCADE, null=True, related_name="processes")
    batch = models.ForeignKey("pilots.Batch", models.CASCADE, null=True, related_name="processes")
    designation = models.ForeignKey("pilots.Designation", models.CASCADE, null=True, related_name="processes")
    objection = models.ForeignKey("approvals.Objection", models.CASCADE, null=True, related_name="processes")
    change = models.ForeignKey("pilots.Change", models.CASCADE, null=True, related_name="processes")
    data = models.JSONField(default=dict, blank=True)
    parent_task = models.ForeignKey("workflows.CaseTask", models.CASCADE, null=True, related_name="subprocesses")

    # viewflow sets it on every process; ours name their case instead.
    seed: Any = None

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(application__isnull=False)
                | models.Q(batch__isnull=False)
                | models.Q(designation__isnull=False)
                | models.Q(objection__isnull=False)
                | models.Q(change__isnull=False),
                name="process_has_a_case",
            ),
        ]

    @property
    def case(self) -> Any:
        """The object this run moves."""
        return next(
            value for name in self.CASES if getattr(self, f"{name}_id") is not None and (value := getattr(self, name))
        )


class CaseTask(AbstractTask):
    """One step of a run: open work, a wait, or something done."""

    process = models.ForeignKey(CaseProcess, models.CASCADE, related_name="tasks")
    data = models.JSONField(default=dict, blank=True)

    seed: Any = None
    artifact: Any = None

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["process", "finished"])]
        constraints = [
            # A task nobody owns would be everybody's in viewflow's eyes.
            models.CheckConstraint(
                condition=~models.Q(flow_task_type="HUMAN") | models.Q(owner_permission__isnull=False),
                name="human_task_has_a_seat",
            ),
        ]
