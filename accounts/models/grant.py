from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.roles import REACH, UNGRANTABLE, Reach, Role


class GrantQuerySet(models.QuerySet):
    def in_force(self, at):
        """Grants that count at the instant `at`."""
        own = Q(source__isnull=True)
        # A delegated seat ends with the seat it was taken from.
        lent = (
            Q(source__valid_from__lte=at, source__user__is_active=True)
            & (Q(source__valid_to__isnull=True) | Q(source__valid_to__gt=at))
        )  # fmt: skip
        return self.filter(
            Q(valid_from__lte=at), Q(valid_to__isnull=True) | Q(valid_to__gt=at), own | lent, user__is_active=True
        )


class Grant(models.Model):
    """One role of one person, with its reach and its dates (design/architecture.md)."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="grants", verbose_name=_("用户"))
    role = models.CharField(
        _("角色"), max_length=24, choices=[choice for choice in Role.choices if choice[0] not in UNGRANTABLE]
    )
    place = models.ForeignKey("accounts.Place", models.PROTECT, null=True, blank=True, verbose_name=_("辖区"))
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, blank=True, verbose_name=_("单位")
    )
    programme = models.CharField(_("项目"), max_length=60, blank=True, help_text=_("空表示全部项目"))
    valid_from = models.DateTimeField(_("生效时间"))
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    granted_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("授权人")
    )
    approved_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("复核人")
    )

    # The grant this one stands in for while its holder is away; such a seat acts on that person's behalf.
    source = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="lent", verbose_name=_("委托来源")
    )

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        ordering = ["user", "role"]
        indexes = [models.Index(fields=["role", "place"])]
        constraints = [
            # Who is away comes back: a seat is lent until a day.
            models.CheckConstraint(
                condition=Q(source__isnull=True) | Q(valid_to__isnull=False), name="grant_delegation_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="grant_ends_after_start",
            ),
            # A role over places without a place, or over an organisation without one, would reach everybody.
            models.CheckConstraint(
                condition=~Q(role__in=[r for r, reach in REACH.items() if reach is Reach.PLACE])
                | Q(place__isnull=False),
                name="grant_place_role_has_place",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=[r for r, reach in REACH.items() if reach is Reach.ORGANISATION])
                | Q(organisation__isnull=False),
                name="grant_organisation_role_has_organisation",
            ),
        ]

    @property
    def last_day(self):
        """The last whole day on which the seat holds (Shanghai), or None for a seat without end."""
        return clock.today(self.valid_to - timedelta(microseconds=1)) if self.valid_to else None

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"

    @property
    def span(self):
        """(first instant, first instant after it or None) in which the seat counts; a lent one ends with its source."""
        start, end = self.valid_from, self.valid_to
        if self.source_id is not None:
            start = max(start, self.source.valid_from)
            end = min((one for one in (end, self.source.valid_to) if one is not None), default=None)
        return start, end

    def clean(self):
        reach = REACH.get(self.role)
        if reach is Reach.PLACE and self.place_id is None:
            raise ValidationError({"place": _("此角色须指定辖区。")})
        if reach is Reach.ORGANISATION and self.organisation_id is None:
            raise ValidationError({"organisation": _("此角色须指定单位。")})
