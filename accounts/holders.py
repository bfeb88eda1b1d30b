"""Who holds a role over a case: for "who can", for reminders, for messages. One query for any number of roles."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.authority import Scope
from accounts.kept import known
from accounts.models import Grant, User
from accounts.roles import ADMINISTRATORS, HOUSE, REACH, Reach, Role


def holders(roles: Iterable[Role], scope: Scope, at: datetime) -> dict[Role, list[User]]:
    """People able to act in each of `roles` over `scope` at `at`, by role, in order of their grants."""
    directory: Directory | None = known("directory")
    if directory is not None and directory.covers(roles := set(roles), scope, at):
        return {role: people for role in roles if (people := directory.of(role, scope))}
    reaching = Q(pk__in=[])
    for role in roles:
        if not _may_reach(role, scope):
            continue
        reach = REACH[role]
        one = Q(role=str(role))
        if reach is Reach.ORGANISATION:
            one &= Q(organisation_id=scope.organisation_id or 0)
        elif reach is Reach.PLACE:
            # A path is the chain of primary keys, so "is an ancestor" needs no join.
            one &= Q(place_id__in=[int(part) for part in scope.place_path.split(".") if part])
        elif reach is Reach.PERSONAL:
            one &= Q(user_id__in=scope.people)
        reaching |= one
    found: dict[Role, list[User]] = defaultdict(list)
    grants = Grant.objects.in_force(at).filter(reaching).select_related("user").order_by("pk")
    if scope.programme:
        grants = grants.filter(programme__in=["", scope.programme])
    for grant in grants:
        people = found[Role(grant.role)]
        if grant.user not in people:
            people.append(grant.user)
    return dict(found)


def still_hold(people: Iterable[int], role: Role, programme: str, at: datetime) -> set[int]:
    """Keys of those of `people` (keys) who hold `role` for a programme at `at`; one statement, none for nobody."""
    keys = set(people)
    if not keys:
        return set()
    rows = Grant.objects.in_force(at).filter(user__in=keys, role=str(role))
    if programme:
        rows = rows.filter(programme__in=["", programme])
    return set(rows.values_list("user_id", flat=True))


def holding(role: Role, programme: str, at: datetime) -> Exists:
    """The same as a column of rows that have a `user`: True for those who hold the seat."""
    return Exists(
        Grant.objects.in_force(at).filter(user=OuterRef("user"), role=str(role), programme__in=["", programme])
    )


def _may_reach(role: Role, scope: Scope) -> bool:
    """False where the scope is the administrators' and the role is not, or the other way round (as in `Held.covers`)."""
    return role in ADMINISTRATORS if scope.house else role not in HOUSE


class Directory:
    """The same question for many scopes at once: every seat of some roles is read in one query.

    `of` answers as `holders` does; a sweep over thousands of deadlines then asks the database once. With `scopes`,
    only seats that may reach one of them are read: a page of twenty rows need not know every applicant.
    """

    def __init__(self, roles: Iterable[Role], at: datetime, scopes: Iterable[Scope] | None = None) -> None:
        self._grants: dict[tuple[str, int], list[Grant]] = defaultdict(list)
        self._roles, self._at, self._scopes = set(roles), at, None if scopes is None else set(scopes)
        rows = Grant.objects.in_force(at).filter(role__in=[str(role) for role in self._roles])
        if self._scopes is not None:
            rows = rows.filter(_reaching_one_of(self._scopes))
        for grant in rows.select_related("user__organisation").order_by("pk"):
            self._grants[str(grant.role), self._where(grant)].append(grant)

    def covers(self, roles: set[Role], scope: Scope, at: datetime) -> bool:
        """True when this directory was read for these roles, this scope and this instant."""
        return roles <= self._roles and at == self._at and (self._scopes is None or scope in self._scopes)

    @staticmethod
    def _where(grant: Grant) -> int:
        reach = REACH[grant.role]
        if reach is Reach.ORGANISATION:
            return grant.organisation_id or 0
        if reach is Reach.PLACE:
            return grant.place_id or 0
        return grant.user_id if reach is Reach.PERSONAL else 0

    def of(self, role: Role, scope: Scope) -> list[User]:
        """People able to act in `role` over `scope`, in order of their grants."""
        reach = REACH[role]
        if not _may_reach(role, scope):
            keys = []
        elif reach is Reach.ORGANISATION:
            keys = [scope.organisation_id or 0]
        elif reach is Reach.PLACE:
            keys = [int(part) for part in scope.place_path.split(".") if part]
        else:
            keys = list(scope.people) if reach is Reach.PERSONAL else [0]
        grants = [grant for key in dict.fromkeys(keys) for grant in self._grants.get((str(role), key), ())]
        people = {
            grant.user.pk: grant.user
            for grant in sorted(grants, key=lambda grant: grant.pk)
            if not scope.programme or grant.programme in ("", scope.programme)
        }
        return list(people.values())


def _reaching_one_of(scopes: set[Scope]) -> Q:
    """Grants that name the body, a place above, or a person of one of these scopes; and those that reach everywhere."""
    places = {int(part) for scope in scopes for part in scope.place_path.split(".") if part}
    personal = [str(role) for role, reach in REACH.items() if reach is Reach.PERSONAL]
    everywhere = Q(organisation=None, place=None) & ~Q(role__in=personal)
    return (
        everywhere
        | Q(organisation__in={scope.organisation_id for scope in scopes if scope.organisation_id})
        | Q(place__in=places)
        | Q(user__in={pk for scope in scopes for pk in scope.people}, role__in=personal)
    )
