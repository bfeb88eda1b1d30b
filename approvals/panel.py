"""Who may review what, as the pool stands. Every exclusion has its reason, so that a draw can be explained."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts import clock, wall
from accounts.holders import still_hold
from accounts.models import Grant, User
from accounts.roles import Role
from approvals.models import ExpertState, Tie
from approvals.rules import draw
from pilots.models import BatchState

# Reviews in these batches are work that is still ahead or under way.
OPEN_BATCHES = (BatchState.OPEN, BatchState.REVIEWING)


@dataclass(frozen=True)
class Seat:
    """One member of the pool, seen from one application."""

    expert: User
    load: int
    excluded: str


def present_load(prefix="reviews"):
    """The annotation that counts a person's reviews in open batches, those they withdrew from left out."""
    return Count(
        prefix,
        filter=Q(**{f"{prefix}__application__batch__state__in": OPEN_BATCHES}) & ~Q(**{f"{prefix}__state": "recused"}),
    )


@wall.lifted()
def experts_of(programme, at):
    """[everybody who holds the role for the programme at `at`], with employer, profile and `load`; one statement.

    A person's load is what they have in every programme, also in those the reader has no part in: it is a number, and a
    plan shown with another one could not be confirmed.
    """
    return list(pool_of(programme, at))


def pool_of(programme, at):
    """The same as a query, for whoever counts more; to be read under `wall.lifted`."""
    ids = (
        Grant.objects.in_force(at)
        .filter(role=Role.EXPERT, programme__in=["", programme])
        .values_list("user_id", flat=True)
    )
    return (
        User.objects.filter(pk__in=ids, is_active=True)
        .select_related("organisation__place", "expert")
        .annotate(load=present_load())
        .order_by("load", "pk")
    )


def members_of(experts, at):
    """The same people as the draw knows them; one statement for all their ties."""
    day = clock.today(at)
    bonds = {}
    for user, organisation, until in Tie.objects.filter(expert__user__in=[one.pk for one in experts]).values_list(
        "expert__user_id", "organisation_id", "until"
    ):
        bonds.setdefault(user, []).append(draw.Bond(organisation, until if until and until <= day else None))
    return {one.pk: _member(one, bonds.get(one.pk, ()), day) for one in experts}


def _member(user, bonds, day):
    organisation, profile = user.organisation, getattr(user, "expert", None)
    # Somebody of a national body comes from no province.
    local = organisation is not None and organisation.place.kind != "nation"
    return draw.Member(
        key=user.pk,
        organisation=organisation.pk if organisation else None,
        home=organisation.place.path if local else "",
        fields=frozenset(profile.fields) if profile else frozenset(),
        load=user.load,
        bonds=tuple(bonds),
        away=profile is not None and (profile.state != ExpertState.LISTED or not profile.in_term(day)),
    )


def terms_of(rules, at):
    """What the rules say about a panel, as the draw wants it."""
    scoring = rules.scoring
    return draw.Terms(
        day=clock.today(at),
        avoid_own_province=scoring.avoid_own_province,
        tie_years=scoring.tie_years,
        max_same_employer=scoring.max_same_employer,
        fields=frozenset(scoring.fields),
    )


def subject_of(application, wanted=None, leaving=()):
    """The application as the draw knows it; those who sit on it or have withdrawn are taken.

    `wanted` is by default what the rules still miss, and at least one. The sheets of those `leaving` count no more.
    """
    reviews = application.sheets
    live = [review for review in reviews if review.state != "recused" and review not in leaving]
    return draw.Subject(
        key=application.pk,
        organisation=application.organisation_id,
        province=application.province.path,
        wanted=max(application.rules.scoring.experts - len(live), 1) if wanted is None else wanted,
        taken=frozenset(review.expert_id for review in reviews),
        employers=tuple(review.expert.organisation_id for review in live if review.expert.organisation_id is not None),
    )


def gone(application, at):
    """Open sheets of the present round whose expert cannot hand them in any more: the account is off, or the seat is
    gone. One statement, none where every sheet is in."""
    waiting = [review for review in application.sheets if review.state == "assigned"]
    able = still_hold([row.expert_id for row in waiting], Role.EXPERT, application.batch.programme.code, at)
    return [row for row in waiting if row.expert_id not in able]


def reason_words():
    """Each reason of the draw in words."""
    return {
        draw.TAKEN: _("已在评审组或已回避"),
        draw.AWAY: _("暂停或不在聘期"),
        draw.EMPLOYER: _("与申报单位同一单位"),
        draw.TIE: _("申报过与申报单位的利害关系"),
        draw.PROVINCE: _("来自申报单位所在省份"),
        draw.FIELD: _("评审领域不符"),
        draw.SAME_EMPLOYER: _("同一单位的专家已满"),
    }


def pool(application, at):
    """Every expert of the programme with present load and, where excluded, the reason. Least loaded first."""
    experts = experts_of(application.batch.programme.code, at)
    members, words = members_of(experts, at), reason_words()
    subject, terms = _reviewed(application), terms_of(application.rules, at)
    return [
        Seat(one, one.load, words.get(draw.why_not(subject, members[one.pk], terms), "")) for one in experts
    ]  # fmt: skip


def suggestion(application, seats, at, leaving=()):
    """Of the free members in `seats`, those a draw for this application alone would take: as many as are missing."""
    free = [seat.expert for seat in seats if not seat.excluded]
    members = members_of(free, at)
    subject = subject_of(application, leaving=leaving) if leaving else _reviewed(application)
    found = draw.draw([subject], list(members.values()), terms_of(application.rules, at), application.pk)
    return [seat.member for seat in found.panels[0].seats]


def _reviewed(application):
    if not application.pk:
        return subject_of(application)
    reviews = application.reviews.select_related("expert")
    application.__dict__.setdefault("_prefetched_objects_cache", {}).setdefault("reviews", reviews)
    return subject_of(application)
