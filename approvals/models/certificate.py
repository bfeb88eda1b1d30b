"""Certificates: a row first, then bytes that never change; superseded or revoked, never deleted."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from pilots.models.case import Case, CaseQuerySet


class CertificateState(models.TextChoices):
    PENDING = "pending", _("生成中")
    ISSUED = "issued", _("有效")
    SUPERSEDED = "superseded", _("已被替换")
    REVOKED = "revoked", _("已撤销")


S = CertificateState


class Certificate(Case):
    class Kind(models.TextChoices):
        DESIGNATION = "designation", _("试点证书")
        ACCEPTANCE = "acceptance", _("验收合格证书")
        RENEWAL = "renewal", _("复核续期证书")

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.DESIGNATION)
    revision = models.PositiveSmallIntegerField(default=1)
    state = FSMField(default=S.PENDING, choices=S.choices, protected=True)
    serial = models.CharField(_("证书编号"), max_length=40, unique=True)
    code = models.CharField(_("核验码"), max_length=10, unique=True)
    # The words and dates as printed, frozen when the row is made.
    words = models.JSONField()
    valid_from = models.DateField()
    # None: the title has no last day.
    valid_to = models.DateField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField(null=True, blank=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)

    objects = CaseQuerySet.as_manager()
    related = (
        "designation__batch__programme",
        "designation__batch__rules_version",
        "designation__rules_version",
        "designation__place",
        "supersedes",
    )

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

    @transition(field=state, source=S.ISSUED, target=S.SUPERSEDED)
    def supersede(self):
        """A newer revision stands in its place."""

    @transition(field=state, source=[S.PENDING, S.ISSUED, S.SUPERSEDED], target=S.REVOKED)
    def revoke(self):
        """Taken back, with a reason anybody may read."""
