"""Who may review what. Every exclusion has its reason, so that a draw can be explained."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.models import Grant, User
from accounts.roles import Role


@dataclass(frozen=True)
class Seat:
    """One member of the pool, seen from one application."""

    expert: User
    load: int
    excluded: str


def pool(application, at):
    """Every expert of the programme with present load and, where excluded, the reason. Least loaded first."""
    programme = application.batch.programme.code
    ids = (
        Grant.objects.in_force(at)
        .filter(role=Role.EXPERT, programme__in=["", programme])
        .values_list("user_id", flat=True)
    )
    experts = (
        User.objects.filter(pk__in=ids, is_active=True)
        .select_related("organisation__place")
        .annotate(load=Count("reviews", filter=Q(reviews__application__batch=application.batch) & ~Q(reviews__state="recused")))
        .order_by("load", "pk")
    )  # fmt: skip
    on_it = {review.expert_id: review.state for review in application.reviews.all()}
    return [Seat(expert, expert.load, _why_not(application, expert, on_it)) for expert in experts]


def _why_not(application, expert, on_it):
    if expert.pk in on_it:
        return _("已回避") if on_it[expert.pk] == "recused" else _("已在评审组")
    organisation = expert.organisation
    if organisation is None:
        return ""
    if organisation.pk == application.organisation_id:
        return _("与申报单位同一单位")
    scoring = application.rules.scoring
    own = organisation.place.path.startswith(application.province.path)
    if scoring and scoring.avoid_own_province and own and organisation.place.kind != "nation":
        return _("来自申报单位所在省份")
    return ""


def suggestion(application, at):
    """The least loaded free members, as many as the rules ask for."""
    free = [seat.expert for seat in pool(application, at) if not seat.excluded]
    return free[: application.rules.scoring.experts]


def acceptance_pool(site, at):
    """Every expert of the programme as a member of a site's panel: present load and, where excluded, the reason."""
    ids = (
        Grant.objects.in_force(at)
        .filter(role=Role.EXPERT, programme__in=["", site.batch.programme.code])
        .values_list("user_id", flat=True)
    )
    experts = (
        User.objects.filter(pk__in=ids, is_active=True)
        .select_related("organisation__place")
        .annotate(
            load=Count("panels", filter=Q(panels__stood_aside_at=None, panels__evaluation__concluded_at=None))
        )
        .order_by("load", "pk")
    )  # fmt: skip
    on_it = dict(
        site.evaluations.filter(concluded_at__isnull=True, members__user__isnull=False).values_list(
            "members__user_id", "members__stood_aside_at"
        )
    )
    province = _province_path(site.place)
    return [Seat(expert, expert.load, _not_on_panel(site, expert, on_it, province)) for expert in experts]


def _province_path(place):
    """Path of the unit just below the nation: its whole subtree is "own province"."""
    return "".join(f"{pk}." for pk in place.ancestor_ids[:2])


def _not_on_panel(site, expert, on_it, province):
    if expert.pk in on_it:
        return _("已回避") if on_it[expert.pk] else _("已在验收组")
    organisation = expert.organisation
    if organisation is None:
        return ""
    if organisation.pk == site.organisation_id:
        return _("与承担单位同一单位")
    own = organisation.place.path.startswith(province)
    if site.rules.acceptance.avoid_own_province and own and organisation.place.kind != "nation":
        return _("来自试点所在省份")
    return ""


def members_before(site):
    """Those who sat on the last round of a site."""
    last = site.evaluations.filter(concluded_at__isnull=False, stage="final").order_by("-round").first()
    return [] if last is None else [row.user_id for row in last.members.all() if row.stood_aside_at is None]
