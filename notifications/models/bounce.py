from django.db import models
from django.utils.translation import gettext_lazy as _


class Bounce(models.Model):
    """A mail address whose server refuses it. By address, not by person: a new address begins with a clean sheet."""

    address = models.EmailField(unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("退信地址")
        verbose_name_plural = _("退信地址")
        ordering = ["-at"]

    def __str__(self):
        return f"{self.address} × {self.failures}"
