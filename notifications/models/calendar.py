import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkCalendar(models.Model):
    """One day that is not what its weekday says: a statutory holiday or a make-up workday (调休)."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("放假")
        WORKDAY = "workday", _("调休上班")

    year = models.PositiveSmallIntegerField(db_index=True)
    date = models.DateField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=120)
    version = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("工作日历")
        verbose_name_plural = _("工作日历")
        ordering = ["date"]

    def __str__(self):
        return f"{self.date} {self.get_kind_display()}"


class CalendarLoad(models.Model):
    """One loading of a year's table by a person: which text of it, from which document, and what it changed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    year = models.PositiveSmallIntegerField(db_index=True)
    version = models.CharField(max_length=40)
    source = models.CharField(max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    days_off = models.PositiveSmallIntegerField()
    made_up = models.PositiveSmallIntegerField()
    # Days whose kind is another than before, as ISO dates; cases whose deadlines are counted again.
    changed = models.JSONField(default=list)
    cases = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("工作日历装入记录")
        verbose_name_plural = _("工作日历装入记录")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.year} {self.version}"

    @property
    def group(self):
        """What the jobs of this loading are found by."""
        return f"calendar:{self.uuid}"
