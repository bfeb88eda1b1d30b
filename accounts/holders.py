"""Who holds a role over a case: for "who can", for reminders, for messages. One query for any number of roles."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from accounts.authority import Scope
from accounts.models import Grant, User
from accounts.roles import REACH, Reach, Role


def holders(roles: Iterable[Role], scope: Scope, at: datetime) -> dict[Role, list[User]]:
    """People able to act in each of `roles` over `scope` at `at`, by role, in order of their grants."""
    reaching = Q(pk__in=[])
    for role in roles:
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
