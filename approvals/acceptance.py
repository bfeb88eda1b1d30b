"""Who may sit on the panel at the end of a site's term, as the pool stands. Every exclusion has its reason."""

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts import clock, wall
from approvals import panel
from approvals.rules import draw

# How long a tie counts where a programme has no review of its own to say it (programmes.md §5: three years).
TIE_YEARS = 3


@wall.lifted()
def pool(site, at):
    """Every expert of the programme as a member of a site's panel: present load and, where excluded, the reason."""
    experts = list(
        panel.pool_of(site.batch.programme.code, at)
        .annotate(sits=Count(
            "panels", filter=Q(panels__stood_aside_at=None, panels__evaluation__concluded_at=None), distinct=True
        ))
        .order_by("sits", "pk")
    )  # fmt: skip
    on_it = dict(
        site.evaluations.filter(concluded_at__isnull=True, members__user__isnull=False).values_list(
            "members__user_id", "members__stood_aside_at"
        )
    )
    members, terms = panel.members_of(experts, at), _terms(site, at)
    subject = draw.Subject(
        key=site.pk, organisation=site.organisation_id, province=_province_path(site.place),
        wanted=site.rules.acceptance.opinions, taken=frozenset(), employers=(),
    )  # fmt: skip
    words = panel.reason_words() | {
        draw.EMPLOYER: _("与承担单位同一单位"), draw.TIE: _("申报过与承担单位的利害关系"), draw.PROVINCE: _("来自试点所在省份"),
    }  # fmt: skip
    return [
        panel.Seat(
            one, one.sits,
            (_("已回避") if on_it[one.pk] else _("已在验收组")) if one.pk in on_it
            else words.get(draw.why_not(subject, members[one.pk], terms), ""),
        )
        for one in experts
    ]  # fmt: skip


def _terms(site, at):
    scoring = site.rules.scoring
    return draw.Terms(
        day=clock.today(at),
        avoid_own_province=site.rules.acceptance.avoid_own_province,
        tie_years=scoring.tie_years if scoring else TIE_YEARS,
        max_same_employer=site.rules.acceptance.opinions,
        fields=frozenset(),
    )


def _province_path(place):
    """Path of the unit just below the nation: its whole subtree is "own province"."""
    return "".join(f"{pk}." for pk in place.ancestor_ids[:2])


def members_before(site):
    """Those who sat on the last round of a site."""
    last = site.evaluations.filter(concluded_at__isnull=False, stage="final").order_by("-round").first()
    return [] if last is None else [row.user_id for row in last.members.all() if row.stood_aside_at is None]
