"""Rows that belong to a title: signatures under its agreement, its branches, the money that comes with it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AgreementSignature(models.Model):
    """One party's signature under the agreement of a site; it counts for the text whose hash it names."""

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="signatures")
    party = models.PositiveSmallIntegerField()
    name = models.CharField(_("签署方"), max_length=120)
    signer = models.CharField(_("签署人"), max_length=60)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("协议签署")
        verbose_name_plural = _("协议签署")
        ordering = ["party"]
        constraints = [models.UniqueConstraint(fields=["designation", "party"], name="agreement_signed_once")]

    def __str__(self):
        return f"{self.designation} · {self.name}"


class SubSite(models.Model):
    """A park of a city, a branch or workstation of a centre (programmes.md cards 18 and 24)."""

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="sub_sites")
    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类别"), max_length=30)
    place = models.ForeignKey("accounts.Place", models.PROTECT, null=True, blank=True, related_name="+")
    opened_on = models.DateField(_("设立日期"))
    closed_on = models.DateField(_("撤并日期"), null=True, blank=True)
    why_closed = models.CharField(_("撤并原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("下设点")
        verbose_name_plural = _("下设点")
        ordering = ["opened_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["designation", "name"], condition=Q(closed_on__isnull=True), name="sub_site_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | ~Q(why_closed=""), name="sub_site_closed_has_reason"
            ),
        ]

    def __str__(self):
        return self.name


class Tranche(models.Model):
    """A part of the money of a site: planned by the rules, due by what happened, paid, withheld or recovered.

    Amounts are in 万元 (10,000 yuan), as local governments write them.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("条件未到")
        DUE = "due", _("待拨付")
        RELEASED = "released", _("已拨付")
        WITHHELD = "withheld", _("不予拨付")
        RECOVERED = "recovered", _("已收回")

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="tranches")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("期次"), max_length=60)
    condition = models.CharField(max_length=12)
    planned = models.DecimalField(_("计划金额（万元）"), max_digits=14, decimal_places=2)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    amount = models.DecimalField(_("核定金额（万元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(_("核定依据"), max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    voucher = models.CharField(_("凭证号"), max_length=60, blank=True)
    recovered = models.DecimalField(_("收回金额（万元）"), max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("拨款")
        verbose_name_plural = _("拨款")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["designation", "number"], name="tranche_once"),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(due_at__isnull=False, amount__isnull=False),
                name="tranche_due_has_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state="recovered") | Q(recovered__gt=0, recovered__lte=models.F("amount")),
                name="tranche_recovers_what_was_paid",
            ),
        ]

    def __str__(self):
        return f"{self.designation} · {self.name}"
