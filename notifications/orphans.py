"""What nobody can do: open deadlines whose person has left, or whose seat is empty (trust.md F18).

Asked of what stands, and not noted when somebody leaves: a seat also ends by itself on its day, and an account may be
switched off at the command line.
"""

from datetime import datetime

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q

from accounts.models import Grant
from accounts.roles import REACH, Reach, Role
from notifications.ladder import CHAIRS, levels
from notifications.models.deadline import Deadline, DeadlineQuerySet

_ROLES = {reach: [str(role) for role in REACH if REACH[role] == reach] for reach in Reach}


def orphans(rows: DeadlineQuerySet, at: datetime) -> DeadlineQuerySet:
    """Those of `rows` that are open, somebody is to be told of, and nobody can do at `at`. No statement of its own."""
    seats = Grant.objects.in_force(at).filter(role=OuterRef("role"))
    seats = seats.filter(Q(programme="") | Q(programme=OuterRef("programme")))
    # A path is the chain of primary keys: a seat reaches what begins with its own.
    path = ExpressionWrapper(OuterRef("place_path"), output_field=CharField())
    reaching = (
        Q(role__in=_ROLES[Reach.PROGRAMME] + _ROLES[Reach.HOUSE])
        | Q(role__in=_ROLES[Reach.ORGANISATION], organisation_id=OuterRef("organisation_id"))
        | Q(role__in=_ROLES[Reach.PLACE], there__startswith=F("place__path"))
    )
    sits = Exists(seats.annotate(there=path).filter(reaching))
    does = Exists(seats.filter(user=OuterRef("user")))
    told = rows.open().exclude(ladder=[]).exclude(role=str(Role.SYSTEM))
    return told.filter(Q(user=None) & ~sits | Q(user__isnull=False) & ~does)


def watched(authority) -> DeadlineQuerySet:
    """Deadlines of the seats below those this person holds: whose vacancy is theirs to see to."""
    roles = authority.roles
    theirs = Q(role__in=[str(role) for role in Role if roles.intersection(levels(role))])
    if roles.intersection(CHAIRS):
        theirs |= Q(role=str(Role.EXPERT), subject_model="pilots.designation")
    return Deadline.objects.visible_to(authority).filter(theirs)
