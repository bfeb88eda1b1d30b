"""What a person may reach at an instant: their grants, read once, asked many times."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts import clock
from accounts.roles import ADMINISTRATORS, HOUSE, NARROW, REACH, Reach, Role


@dataclass(frozen=True)
class Scope:
    """Where a case lies. `people` are those it is personally assigned to."""

    place_path: str = ""
    organisation_id: int | None = None
    programme: str = ""
    people: frozenset[int] = frozenset()
    # True for what is about accounts and rights: it lies nowhere in business, and no seat of business reaches it.
    house: bool = False


@dataclass(frozen=True)
class Held:
    """One grant in force."""

    role: Role
    place_path: str | None
    organisation_id: int | None
    programme: str
    # Whose seat it is, when it was lent to this person while its holder is away.
    lender_id: int | None = None

    def covers(self, scope: Scope, user_id: int) -> bool:
        """True when this seat reaches a case that lies at `scope`."""
        if scope.house or self.role in HOUSE:
            return scope.house and self.role in ADMINISTRATORS
        # A case of no programme (the pool of experts) belongs to all of them, as in `holders`.
        if self.programme and scope.programme and self.programme != scope.programme:
            return False
        reach = REACH[self.role]
        if reach is Reach.ORGANISATION:
            return self.organisation_id is not None and self.organisation_id == scope.organisation_id
        if reach is Reach.PLACE:
            return self.place_path is not None and scope.place_path.startswith(self.place_path)
        if reach is Reach.PERSONAL:
            return user_id in scope.people
        return True


class Authority:
    """The seats of one person. Anonymous people and the inactive hold none."""

    def __init__(self, user, at: datetime):
        self.user = user
        self.at = at
        self.held: tuple[Held, ...] = ()
        if user is not None and getattr(user, "pk", None) and user.is_active:
            self.held = tuple(
                Held(Role(role), path, organisation, programme, lender)
                for role, path, organisation, programme, lender in user.grants.in_force(at)
                .order_by("pk")
                .values_list("role", "place__path", "organisation_id", "programme", "source__user_id")
            )

    @classmethod
    def of(cls, user, at: datetime | None = None) -> "Authority":
        """The authority of `user`; kept on the object, which lives as long as one request."""
        cached = getattr(user, "_authority", None)
        if cached is not None and (at is None or cached.at == at):
            return cached
        authority = cls(user, at or clock.now())
        if user is not None and getattr(user, "pk", None):
            user._authority = authority
        return authority

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(held.role for held in self.held)

    def has(self, *roles: Role) -> bool:
        """True when at least one of the roles is held, anywhere."""
        return bool(self.roles.intersection(roles))

    def seat(self, roles: Iterable[Role], scope: Scope) -> Role | None:
        """The first of `roles` that this person holds over `scope`, or None."""
        wanted = tuple(roles)
        for role in wanted:
            if any(held.role == role and held.covers(scope, self.user.pk) for held in self.held):
                return role
        return None

    def lender(self, role: Role, scope: Scope) -> int | None:
        """Key of the person on whose behalf this one would act as `role` over `scope`; None where it is their own."""
        held = [one for one in self.held if one.role == role and one.covers(scope, self.user.pk)]
        return None if not held or any(one.lender_id is None for one in held) else held[0].lender_id

    def programmes(self, *roles: Role, field: str) -> Q:
        """The predicate "of a programme for which I hold one of `roles`"; `field` is the look-up of its code."""
        codes = {held.programme for held in self.held if held.role in roles}
        if "" in codes:
            return ~Q(pk__in=[])
        return Q(**{f"{field}__in": codes}) if codes else Q(pk__in=[])

    def visible(self, *, place: str, organisation: str, programme: str, personal: Q | None = None) -> Q:
        """The predicate "lies within my reach" over the given look-ups; nothing at all for nobody.

        Args are ORM look-up paths, e.g. place="place__path".
        """
        reachable = Q(pk__in=[])
        for held in self.held:
            if held.role in NARROW or held.role in HOUSE:
                continue
            reach = REACH[held.role]
            if reach is Reach.ORGANISATION:
                one = Q(**{organisation: held.organisation_id})
            elif reach is Reach.PLACE:
                one = Q(**{f"{place}__startswith": held.place_path})
            elif reach is Reach.PERSONAL:
                one = personal if personal is not None else Q(pk__in=[])
            else:
                one = ~Q(pk__in=[])
            if held.programme:
                one &= Q(**{programme: held.programme})
            reachable |= one
        return reachable
