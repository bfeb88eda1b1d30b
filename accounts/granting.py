"""Who may hold what: the faults of a grant that is proposed, and of those that stand.

The three administrators are apart (三员分立, GB/T 22239 level 3): nobody holds two of their roles, and whoever holds one
has no part in business, at any time at which both would count. Asked by whoever makes a grant: the request that is
proposed and confirmed, a sheet, a lent seat, a contact handed over, the command; and by the doctor about what stands.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.acts import Unmet
from accounts.models import Grant, User
from accounts.roles import ADMINISTRATORS, REACH, UNGRANTABLE, Reach, Role

# First instant, and the first one after it; None: without end.
Span = tuple[datetime, datetime | None]


class Separated(ValueError):
    """A grant that would put two roles into one hand that must not be in one."""


@dataclass(frozen=True)
class Proposal:
    """A grant that is asked for and does not exist yet."""

    user: User
    role: str
    valid_from: datetime
    valid_to: datetime | None = None
    place: Any = None
    organisation: Any = None
    programme: str = ""

    @property
    def span(self) -> Span:
        return self.valid_from, self.valid_to

    @property
    def reach(self) -> tuple[int | None, int | None, str]:
        """What two grants of one role must share to be the same."""
        return getattr(self.place, "pk", None), getattr(self.organisation, "pk", None), self.programme


def excludes(role: str, other: str) -> bool:
    """True where one person must not hold both."""
    return role != other and (role in ADMINISTRATORS or other in ADMINISTRATORS)


def overlap(one: Span, other: Span) -> bool:
    """True when there is an instant that lies in both."""
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])


def separation_faults(
    user: User, role: str, span: Span, *, besides: Iterable[Proposal] = (), ignoring: Iterable[int] = ()
) -> Iterator[Unmet]:
    """Why `user` may not hold `role` during `span`, beside their grants and those proposed with it (`besides`).

    `ignoring` are keys of grants that end in the same act. A grant of an account that is off counts: it may come back.
    """
    held = Grant.objects.filter(user=user).exclude(pk__in=list(ignoring)).select_related("source").order_by("pk")
    beside: list[Any] = [*held, *(one for one in besides if one.user == user)]
    named = {one.role for one in beside if excludes(role, one.role) and overlap(span, one.span)}
    for other in sorted(named, key=list(Role).index):
        yield Unmet(
            "separated",
            _("%(name)s同期持有“%(other)s”，不能再任“%(role)s”：三员分立，管理员不兼任其他角色。") % {
                "name": user, "other": Role(other).label, "role": Role(role).label},
            "role",
        )  # fmt: skip


def granting_faults(
    proposal: Proposal, at: datetime, *, besides: Iterable[Proposal] = (), ignoring: Iterable[int] = ()
) -> Iterator[Unmet]:
    """Every reason why `proposal` may not become a grant at `at`; nothing where it may."""
    role, user = proposal.role, proposal.user
    if role not in Role.values or role in UNGRANTABLE:
        yield Unmet("role", _("“%(role)s”不是可以授予的角色。") % {"role": role}, "role")
        return
    yield from _reach_faults(proposal)
    start, end = proposal.span
    if end is not None and end <= start:
        yield Unmet("order", _("失效日期不能早于生效日期。"), "valid_to")
    elif end is not None and end <= at:
        yield Unmet("over_already", _("失效日期已经过去。"), "valid_to")
    if not user.is_active:
        yield Unmet("inactive", _("%(name)s的账号已停用，须先恢复。") % {"name": user}, "user")
    besides = list(besides)
    yield from separation_faults(user, role, proposal.span, besides=besides, ignoring=ignoring)
    if _held_already(proposal, besides, ignoring):
        yield Unmet("held", _("%(name)s同期已有相同的授权。") % {"name": user}, "role")


def _reach_faults(proposal: Proposal) -> Iterator[Unmet]:
    reach = REACH[Role(proposal.role)]
    label = Role(proposal.role).label
    if reach is Reach.PLACE and proposal.place is None:
        yield Unmet("place", _("“%(role)s”须指定辖区。") % {"role": label}, "place")
    if reach is not Reach.PLACE and proposal.place is not None:
        yield Unmet("place", _("“%(role)s”不按辖区授权，请不要填写辖区。") % {"role": label}, "place")
    if reach is Reach.ORGANISATION and proposal.organisation is None:
        yield Unmet("organisation", _("“%(role)s”须指定单位。") % {"role": label}, "organisation")
    if reach is not Reach.ORGANISATION and proposal.organisation is not None:
        yield Unmet("organisation", _("“%(role)s”不按单位授权，请不要填写单位。") % {"role": label}, "organisation")
    if proposal.programme and proposal.role in ADMINISTRATORS:
        yield Unmet("programme", _("“%(role)s”不按项目授权，请不要选择项目。") % {"role": label}, "programme")


def _held_already(proposal: Proposal, besides: list[Proposal], ignoring: Iterable[int]) -> bool:
    place, organisation, programme = proposal.reach
    same = Grant.objects.filter(
        user=proposal.user, role=proposal.role, place_id=place, organisation_id=organisation, programme=programme,
        source__isnull=True,
    ).exclude(pk__in=list(ignoring))  # fmt: skip
    return any(overlap(proposal.span, row.span) for row in same) or any(
        one.user == proposal.user and one.role == proposal.role and one.reach == proposal.reach
        and overlap(proposal.span, one.span)
        for one in besides
    )  # fmt: skip


def counts_as(user: User, at: datetime) -> frozenset[int]:
    """Keys of those who count as one person with `user` at `at`: themselves, whom they stand in for, who stands in for
    them (docs/decisions.md 33)."""
    rows = Grant.objects.in_force(at).filter(Q(user=user) | Q(source__user=user), source__isnull=False)
    pairs = rows.values_list("user_id", "source__user_id")
    return frozenset({user.pk, *(pk for pair in pairs for pk in pair)})


@dataclass(frozen=True)
class Violation:
    """Two roles in one hand that must not be in one, now or to come."""

    user: User
    role: Role
    other: Role

    def __str__(self) -> str:
        return f"{self.user.username}: {self.role.value} and {self.other.value}"


def violations(at: datetime) -> list[Violation]:
    """What stands in the database against the separation, in force at `at` or later; two statements."""
    running = Grant.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at)).select_related("user", "source")
    suspects = running.filter(role__in=[str(role) for role in ADMINISTRATORS]).values("user_id")
    by_user: dict[int, list[Grant]] = {}
    for row in running.filter(user__in=suspects).order_by("user_id", "pk"):
        by_user.setdefault(row.user_id, []).append(row)
    found = {
        (rows[0].user, *sorted((row.role, other.role), key=list(Role).index))
        for rows in by_user.values()
        for number, row in enumerate(rows)
        for other in rows[number + 1 :]
        if excludes(row.role, other.role) and overlap(row.span, other.span)
    }
    ordered = sorted(found, key=lambda one: (one[0].username, one[1], one[2]))
    return [Violation(user, Role(role), Role(other)) for user, role, other in ordered]
