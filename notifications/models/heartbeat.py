from django.db import models


class Heartbeat(models.Model):
    """When a periodic duty last ran, in real time: a dead scheduler must be seen, not guessed."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    def __str__(self):
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
