"""Certificates: a row first, then bytes that never change; suspended, superseded or revoked, never deleted."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from pilots.models.case import Case, CaseQuerySet


class CertificateState(models.TextChoices):
    PENDING = "pending", _("待签发")
    ISSUED = "issued", _("有效")
    SUSPENDED = "suspended", _("已暂停")
    SUPERSEDED = "superseded", _("已被替换")
    REVOKED = "revoked", _("已撤销")


S = CertificateState


class Certificate(Case):
    class Kind(models.TextChoices):
        DESIGNATION = "designation", _("试点证书")
        ACCEPTANCE = "acceptance", _("验收合格证书")
        RENEWAL = "renewal", _("复核续期证书")

    class Cause(models.TextChoices):
        """Why there is another edition of a paper; the first one needs no reason."""

        FIRST = "", _("首次颁发")
        REISSUE = "reissue", _("补发")
        CORRECTION = "correction", _("更正换发")

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.DESIGNATION)
    revision = models.PositiveSmallIntegerField(default=1)
    cause = models.CharField(_("缘由"), max_length=10, choices=Cause.choices, default=Cause.FIRST, blank=True)
    state = FSMField(default=S.PENDING, choices=S.choices, protected=True)
    serial = models.CharField(_("证书编号"), max_length=40, unique=True)
    code = models.CharField(_("核验码"), max_length=10, unique=True)
    # The version it is printed in, fixed with its words; None: the packaged design its words name.
    template = models.ForeignKey(
        "approvals.CertificateTemplate", models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    # The words and dates as printed, frozen when the row is made.
    words = models.JSONField()
    valid_from = models.DateField()
    # None: the title has no last day.
    valid_to = models.DateField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)
    # A copy with a time-stamp of somebody else, for the archive; the issued bytes stay what they are.
    archive_sha256 = models.CharField(max_length=64, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    # The request under which it is, or was, sealed; none while it waits to be asked for.
    seal_use = models.ForeignKey(
        "approvals.SealUse", models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=300, blank=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)

    objects = CaseQuerySet.as_manager()
    # Not the rules: their text is long, and few acts on a certificate ask for them.
    related = ("designation__batch__programme", "designation__place", "seal_use")
    # What printing reads.
    printed = ("designation__batch", "designation__place", "seal_use", "template")

    class Meta:
        verbose_name = _("证书")
        verbose_name_plural = _("证书")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["designation", "kind", "revision"], name="certificate_once_per_revision"),
            # Not verifiable until its bytes exist (trust.md §3.3).
            models.CheckConstraint(
                # One that was taken back while it was being made never had any.
                condition=Q(state__in=[S.PENDING, S.REVOKED]) | ~Q(sha256="") & Q(issued_at__isnull=False),
                name="certificate_issued_has_bytes",
            ),
            models.CheckConstraint(
                condition=Q(state=S.REVOKED, revoked_at__isnull=False) & ~Q(revoked_reason="")
                | ~Q(state=S.REVOKED) & Q(revoked_at__isnull=True),
                name="certificate_revoked_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=S.SUSPENDED, suspended_at__isnull=False) & ~Q(suspended_reason="")
                | ~Q(state=S.SUSPENDED) & Q(suspended_at__isnull=True),
                name="certificate_suspended_has_reason",
            ),
        ]

    def __str__(self):
        return self.serial

    def get_absolute_url(self):
        return reverse("certificate", args=[self.uuid])

    @property
    def rules(self):
        return self.designation.rules

    @classmethod
    def reach(cls, authority):
        return authority.visible(
            place="designation__place__path",
            organisation="designation__organisation_id",
            programme="designation__batch__programme__code",
            personal=None,
        )

    def scope(self):
        return self.designation.scope()

    @transition(field=state, source=S.PENDING, target=S.ISSUED)
    def issue(self):
        """The bytes exist and are sealed by their hash."""

    @transition(field=state, source=S.ISSUED, target=S.SUSPENDED)
    def suspend(self):
        """Does not count for the time being, with a reason anybody may read."""

    @transition(field=state, source=S.SUSPENDED, target=S.ISSUED)
    def resume(self):
        """Counts again."""

    @transition(field=state, source=[S.ISSUED, S.SUSPENDED], target=S.SUPERSEDED)
    def supersede(self):
        """A newer revision stands in its place."""

    @transition(field=state, source=[S.PENDING, S.ISSUED, S.SUSPENDED, S.SUPERSEDED], target=S.REVOKED)
    def revoke(self):
        """Taken back, with a reason anybody may read."""
