from django.db import models


class DemoMail(models.Model):
    """A mail the demonstration "sent": kept here instead of leaving the machine."""

    at = models.DateTimeField()
    to = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    message_id = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.to}: {self.subject}"
