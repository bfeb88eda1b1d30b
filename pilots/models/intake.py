"""Around the filling in: who helps, who is there now, and a window opened again for one province."""

from datetime import datetime, time, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock


class Collaborator(models.Model):
    """Somebody who was asked to fill in named parts of one application, while it is being filled in."""

    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="collaborators")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    # Codes of sections, and "materials".
    sections = models.JSONField(_("可填写的部分"), default=list)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("协作人")
        verbose_name_plural = _("协作人")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "user"], condition=Q(removed_at__isnull=True), name="collaborator_once"
            )
        ]

    def __str__(self):
        return f"{self.user}"


class Presence(models.Model):
    """When somebody was last seen on a part of a form. Not kept: the next look overwrites it."""

    application = models.ForeignKey("pilots.Application", models.CASCADE, related_name="presences")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    section = models.CharField(max_length=60)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "user"], name="presence_once")]

    def __str__(self):
        return f"{self.user} {self.section}"


class Reopening(models.Model):
    """A late recommendation: the window of one batch opened again for one province, with a reason (programmes.md §5)."""

    batch = models.ForeignKey("pilots.Batch", models.CASCADE, related_name="reopenings")
    place = models.ForeignKey("accounts.Place", models.PROTECT, related_name="+", verbose_name=_("省份"))
    until = models.DateField(_("延至"))
    reason = models.TextField(_("理由"))
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("补报")
        verbose_name_plural = _("补报")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "place"], condition=Q(ended_at__isnull=True), name="reopening_once_at_a_time"
            )
        ]

    def __str__(self):
        return f"{self.place} {self.until}"

    @property
    def closes_at(self):
        """The first instant that is too late: the whole of the last day counts, Shanghai time."""
        return datetime.combine(self.until + timedelta(days=1), time(0), tzinfo=clock.SHANGHAI)


class Invitation(models.Model):
    """A body the office asks to take part in a round without a call (programmes.md cards 5 and 15)."""

    batch = models.ForeignKey("pilots.Batch", models.CASCADE, related_name="invitations")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("委托邀请")
        verbose_name_plural = _("委托邀请")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "organisation"], name="invitation_once")]

    def __str__(self):
        return f"{self.organisation}"
