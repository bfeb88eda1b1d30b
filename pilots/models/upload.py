"""Files of an application or a filing. Stored under their hash; the given name is only text."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Upload(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey("pilots.Application", models.CASCADE, null=True, blank=True, related_name="uploads")
    designation = models.ForeignKey("pilots.Designation", models.CASCADE, null=True, blank=True, related_name="uploads")
    material = models.CharField(max_length=60)
    name = models.CharField(_("文件名"), max_length=200)
    format = models.CharField(max_length=8)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    # Replaced files stay readable in the revisions that named them.
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(application__isnull=False, designation__isnull=True)
                | models.Q(application__isnull=True, designation__isnull=False),
                name="upload_belongs_to_one_case",
            ),
        ]

    def __str__(self):
        return self.name
