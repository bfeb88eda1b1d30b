"""Seats that move: an official lends one while away, a body's leader names a new contact."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.acts import Unmet
from accounts.granting import Separated, separation_faults
from accounts.models import Grant, User
from accounts.roles import Role

# Seats of an office that somebody else of the office may sit in for a while. Personal ones (an expert's) are not,
# the auditor's neither; an applicant's contact is handed over for good.
LENDABLE = (
    Role.PREFECTURE_OFFICER, Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER, Role.FORMALITY_CHECKER,
    Role.PROGRAMME_OFFICER, Role.EXPERT_SECRETARY, Role.DIVISION_HEAD, Role.COUNTERSIGNER, Role.LEADER,
    Role.PUBLICITY_OFFICER, Role.DOCUMENT_CLERK, Role.OBJECTION_HANDLER, Role.ACCEPTANCE_LEAD,
)  # fmt: skip


def lendable(user: User, at: datetime) -> list[Grant]:
    """Own seats `user` may lend at `at`; what was lent to them cannot be lent on."""
    return list(
        user.grants.in_force(at).filter(role__in=LENDABLE, source__isnull=True).select_related("place").order_by("pk")
    )


def colleagues(user: User):
    """Who may stand in for `user`: active people of the same body."""
    return User.objects.filter(
        organisation_id=user.organisation_id or 0, is_active=True, organisation__isnull=False
    ).exclude(pk=user.pk)  # fmt: skip


def lending_faults(grant: Grant, to: User, until: datetime, *, by: User, at: datetime) -> Iterator[Unmet]:
    """Every reason why `grant` may not be lent to `to` until `until`."""
    if grant.pk not in {row.pk for row in lendable(by, at)}:
        yield Unmet("not_yours", _("只能委托您本人现有的席位；受托的席位不能转委托。"), "grant")
    if not colleagues(by).filter(pk=to.pk).exists():
        yield Unmet("not_a_colleague", _("只能委托给本单位的同事。"), "to")
    if until <= at:
        yield Unmet("over_already", _("截止日期不能早于今天。"), "until")
    if grant.valid_to and until > grant.valid_to:
        yield Unmet("too_long", _("您的席位到 %(day)s 为止，委托不能更长。") % {"day": grant.last_day}, "until")
    if Grant.objects.in_force(at).filter(source=grant).exists():
        yield Unmet("lent_already", _("这一席位已经委托给他人，请先收回。"), "grant")
    if until > at:
        for fault in separation_faults(to, grant.role, (at, until)):
            yield Unmet(fault.code, fault.text, "to")


def lend(grant: Grant, to: User, until: datetime, *, by: User, at: datetime) -> Grant:
    """Lets `to` sit in `grant` until `until`; it ends by itself. Check `lending_faults` first."""
    return Grant.objects.create(
        user=to, role=grant.role, place=grant.place, organisation=grant.organisation, programme=grant.programme,
        valid_from=at, valid_to=until, granted_by=by, source=grant,
    )  # fmt: skip


def take_back(user: User, pk: int, at: datetime) -> bool:
    """Ends a delegation of `user` now. False when there is none to end."""
    return bool(Grant.objects.in_force(at).filter(pk=pk, source__user=user).exclude(valid_from=at).update(valid_to=at))


def contacts(organisation: Any, at: datetime) -> list[User]:
    """The contacts of a body at `at`."""
    grants = Grant.objects.in_force(at).filter(role=Role.APPLICANT_CONTACT, organisation=organisation)
    return [grant.user for grant in grants.select_related("user").order_by("pk")]


def contact_faults(to: User, at: datetime) -> Iterator[Unmet]:
    """Why `to` may not become the contact of their body from `at` on."""
    return separation_faults(to, Role.APPLICANT_CONTACT, (at, None))


def hand_over(organisation: Any, to: User, *, by: User, at: datetime) -> None:
    """`to` is the contact of a body from now on; those before are not any more. Raises Separated; ask `contact_faults`.

    Work waits for the seat and not for the person, so to-dos and reminders follow.
    """
    # Two confirmations about one person stand in line (workflows: a request locks them, too).
    to = User.objects.select_for_update(no_key=True).get(pk=to.pk)
    if faults := list(contact_faults(to, at)):
        raise Separated(faults[0].text)
    seats = Grant.objects.in_force(at).filter(role=Role.APPLICANT_CONTACT, organisation=organisation)
    Grant.objects.filter(pk__in=list(seats.exclude(user=to).values_list("pk", flat=True))).update(valid_to=at)
    if not seats.filter(user=to).exists():
        Grant.objects.create(
            user=to, role=Role.APPLICANT_CONTACT, organisation=organisation, valid_from=at, granted_by=by
        )
