"""A change asked for during a term: filed by the site, confirmed by the province, decided by the division.

A case of its own, so that two changes run beside each other and each has its own deadlines and ledger.
"""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from .case import Case, CaseQuerySet


class ChangeState(models.TextChoices):
    FILED = "filed", _("待省局确认")
    CONFIRMED = "confirmed", _("待司局决定")
    DECIDED = "decided", _("变更已同意")
    REFUSED = "refused", _("变更不同意")
    WITHDRAWN = "withdrawn", _("变更已撤回")


S = ChangeState
OPEN = frozenset({S.FILED, S.CONFIRMED})


class Change(Case):
    class Kind(models.TextChoices):
        NAME = "name", _("单位更名")
        OPERATOR = "operator", _("变更承担单位")
        SCOPE = "scope", _("调整范围")
        CONTACT = "contact", _("更换经办人")
        EXTENSION = "extension", _("延长期限")
        EARLY = "early_acceptance", _("提前验收")

    designation = models.ForeignKey("pilots.Designation", models.PROTECT, related_name="changes")
    number = models.CharField(_("变更编号"), max_length=30, unique=True)
    kind = models.CharField(_("变更事项"), max_length=16, choices=Kind.choices)
    # What stood when it was filed and what is asked for, as people read them.
    before = models.CharField(_("变更前"), max_length=300, blank=True)
    after = models.CharField(_("变更后"), max_length=300, blank=True)
    # What the effect needs: organisation and user by key, months as a number.
    wanted = models.JSONField(default=dict, blank=True)
    grounds = models.TextField(_("变更理由"))
    letter_number = models.CharField(_("证明文件文号"), max_length=60, blank=True)
    state = FSMField(default=S.FILED, choices=S.choices, protected=True)
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()
    related = (
        "designation__batch__programme", "designation__batch__rules_version", "designation__rules_version", "designation__place",
        "designation__organisation",
    )  # fmt: skip

    class Meta:
        verbose_name = _("变更")
        verbose_name_plural = _("变更")
        ordering = ["-pk"]
        constraints = [
            # Two requests for the same thing could not both take effect.
            models.UniqueConstraint(
                fields=["designation", "kind"], condition=Q(state__in=OPEN), name="change_open_once_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, decided_at__isnull=True) | ~Q(state__in=OPEN) & Q(decided_at__isnull=False),
                name="change_decided_exactly_when_over",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.designation}"

    def get_absolute_url(self):
        return reverse("change", args=[self.uuid])

    @property
    def material(self):
        """Under which its evidence is kept among the files of its site."""
        return f"change_{self.number.rpartition('-')[2].lower()}"

    @property
    def rules(self):
        return self.designation.rules

    @property
    def organisation(self):
        """Who is told of the outcome."""
        return self.designation.organisation

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

    def duties(self, at):
        from pilots.deadlines import change_duties  # noqa: PLC0415

        return change_duties(self, at)

    @transition(
        field=state,
        source=S.FILED,
        target=GET_STATE(
            lambda change: first_state(change.rules, change.kind), states=[S.FILED, S.CONFIRMED, S.DECIDED]
        ),
    )
    def begin(self):
        """Filed; what needs no confirmation is passed on at once."""

    @transition(field=state, source=S.FILED, target=S.CONFIRMED)
    def confirm(self):
        """The province confirms it."""

    @transition(field=state, source=S.CONFIRMED, target=S.DECIDED)
    def decide(self):
        """The division agrees; it takes effect."""

    @transition(field=state, source=[S.FILED, S.CONFIRMED], target=S.REFUSED)
    def refuse(self):
        """Not agreed to, with a reason."""

    @transition(field=state, source=[S.FILED, S.CONFIRMED], target=S.WITHDRAWN)
    def withdraw(self):
        """Taken back by the site, or overtaken by the end of its term."""


def first_state(rules, kind):
    """Where a change begins: a new contact is only filed, and without a recommending province the division is next."""
    if kind == Change.Kind.CONTACT:
        return S.DECIDED
    return S.FILED if rules.uses("PROV") else S.CONFIRMED
