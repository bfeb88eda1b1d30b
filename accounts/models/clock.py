from datetime import timedelta

from django.db import models


class ClockShift(models.Model):
    """How far the demonstration's clock is from the real one. One row; absent outside demo mode."""

    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="clock_shift_single_row")]

    def __str__(self):
        return str(timedelta(seconds=self.seconds))
