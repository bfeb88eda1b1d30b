"""Requests about people's rights (授权申请): proposed by one administrator, confirmed by another (三员分立).

A request gives seats, ends seats, switches an account off or on, or changes where it is reached. What it asks for are
its lines, which never change; a grant that came of one names both who proposed and who confirmed it.
"""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts import clock
from accounts.authority import Scope
from accounts.roles import ADMINISTRATORS, Role
from approvals.deadlines import grant_request_duties
from pilots.models.case import Case, CaseQuerySet


class GrantRequestState(models.TextChoices):
    WAITING = "waiting", _("待复核")
    CONFIRMED = "confirmed", _("已生效")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回申请")


S = GrantRequestState


class GrantRequest(Case):
    """One request, of one kind, about one seat or many."""

    class Kind(models.TextChoices):
        GIVE = "give", _("授予角色")
        END = "end", _("终止授权")
        OFF = "off", _("停用账号")
        ON = "on", _("恢复账号")
        CONTACT = "contact", _("更正联系方式")

    # Rights only shrink: these the security administrator may also do alone, at once.
    SHRINKING = (Kind.END, Kind.OFF)

    number = models.CharField(_("申请编号"), max_length=30, unique=True)
    kind = models.CharField(_("事项"), max_length=8, choices=Kind.choices)
    state = FSMField(default=S.WAITING, choices=S.choices, protected=True)
    # Whom it is about, for lists: the first name, and how many lines there are.
    about = models.CharField(_("人员"), max_length=40)
    size = models.PositiveIntegerField(_("项数"), default=1)
    # SHA-256 of the lines as they were proposed.
    sha256 = models.CharField(max_length=64)
    grounds = models.CharField(_("事由"), max_length=500)
    paper = models.CharField(_("依据文件"), max_length=120, blank=True)
    # True where nobody proposed: the security administrator took rights away on the spot.
    at_once = models.BooleanField(_("即时处置"), default=False)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("提出人"))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("复核人")
    )

    objects = CaseQuerySet.as_manager()
    related = ("proposed_by", "decided_by")

    class Meta:
        verbose_name = _("授权申请")
        verbose_name_plural = _("授权申请")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[S.CONFIRMED, S.REFUSED], decided_at__isnull=False, decided_by__isnull=False)
                | Q(state__in=[S.WAITING, S.WITHDRAWN], decided_at__isnull=True, decided_by__isnull=True),
                name="grant_request_decided_by_somebody",
            ),
            # Two people, whatever the code above this may say one day.
            models.CheckConstraint(
                condition=Q(at_once=True) | Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="grant_request_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(at_once=False) | Q(kind__in=["end", "off"]), name="grant_request_alone_only_shrinks"
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.get_kind_display()}（{self.about}）"

    def get_absolute_url(self):
        return reverse("grant_request", args=[self.uuid])

    @classmethod
    def reach(cls, authority):
        return ~Q(pk__in=[]) if authority.has(*ADMINISTRATORS) else Q(pk__in=[])

    def scope(self):
        return Scope(house=True)

    def duties(self, at):
        return grant_request_duties(self, at)

    @transition(field=state, source=S.WAITING, target=S.CONFIRMED)
    def confirm(self):
        """Agreed to by the second administrator; it takes effect."""

    @transition(field=state, source=S.WAITING, target=S.REFUSED)
    def refuse(self):
        """Not agreed to, with a reason."""

    @transition(field=state, source=S.WAITING, target=S.WITHDRAWN)
    def withdraw(self):
        """Taken back by who proposed it."""


class GrantLine(models.Model):
    """One seat of a request, as it was proposed; of what is asked about a whole account, one person."""

    request = models.ForeignKey(GrantRequest, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="grant_lines", verbose_name=_("人员"))
    role = models.CharField(_("角色"), max_length=24, blank=True, choices=Role.choices)
    place = models.ForeignKey("accounts.Place", models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    programme = models.CharField(_("项目"), max_length=60, blank=True)
    valid_from = models.DateTimeField(_("生效时间"), null=True, blank=True)
    # Of an ending: when the seat is to end; empty: as soon as it is confirmed.
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    # The seat that was made of this line, or the one it ends. A seat that never began is taken away whole.
    grant = models.ForeignKey("accounts.Grant", models.SET_NULL, null=True, blank=True, related_name="lines")

    # Of a change of contact: what is to be on file, empty for none.
    email = models.EmailField(_("电子邮箱"), blank=True, default="", db_default="")
    phone = models.CharField(_("电话"), max_length=30, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("授权项")
        verbose_name_plural = _("授权项")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="grant_line_position_once"),
        ]

    def __str__(self):
        return f"{self.request_id}:{self.position}"

    @property
    def where(self):
        """The place, the body or the programme (its code) it is limited to; empty: everywhere."""
        return str(self.place or self.organisation or self.programme or "")

    @property
    def last_day(self):
        """The last whole day of the seat (Shanghai), or None for one without end."""
        return clock.today(self.valid_to - timedelta(microseconds=1)) if self.valid_to else None

    @property
    def words(self):
        """「形式审查员（北京市）」; empty where the whole account is meant."""
        if not self.role:
            return ""
        return f"{self.get_role_display()}（{self.where}）" if self.where else self.get_role_display()

    def facts(self):
        """The line as the ledger keeps it: readable without this database."""
        return {
            "user": self.user.username, "name": self.user.name, "role": self.role, "grant": self.grant_id,
            "place": self.place.name if self.place_id else "", "organisation": str(self.organisation or ""),
            "programme": self.programme, "from": self.valid_from, "to": self.valid_to, **self._contact(),
        }  # fmt: skip

    def _contact(self):
        """What is to be on file, where that is what the request is about."""
        return {"email": self.email, "phone": self.phone} if self.email or self.phone else {}
