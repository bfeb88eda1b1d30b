"""Work that must not be lost is a row first. Celery only says "look" (design/trust.md §0.1)."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class JobQuerySet(models.QuerySet):
    def due(self, at):
        """Jobs nobody is working on: queued, or leased by a worker that went away.

        Whether a lease is over is said by the database's clock, never by one worker's (accounts.machine).
        """
        return self.filter(
            Q(state=Job.State.QUEUED, not_before__lte=at) | Q(state=Job.State.RUNNING, lease_until__lte=Now())
        )


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        PARKED = "parked", _("已停放")
        # By hand; goes on where it stood when somebody says so.
        STOPPED = "stopped", _("已停止")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    # A second insert with the same key is the same job.
    key = models.CharField(max_length=120, unique=True)
    group = models.CharField(max_length=80, blank=True, db_index=True)
    payload = models.JSONField(default=dict)
    # How many items it deals with: progress is counted in what people see, not in jobs.
    size = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("后台作业")
        verbose_name_plural = _("后台作业")
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "not_before"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False) | ~Q(state="done"), name="job_done_has_time"
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.key} {self.state}"
