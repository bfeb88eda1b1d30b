"""What the page of a site tells beside its road: changes, mid-term, panel, mending, hearing, what comes next."""

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock
from accounts.holders import holding as holding_seat
from accounts.roles import Role
from approvals.acts.acceptance import has_panel, open_round, sitting
from approvals.models import PanelMember, PanelRecord
from pilots import changes, eligibility
from pilots.acts.term import mid_term_of, proposal_of
from pilots.models import DesignationState as D
from pilots.models import Filing, Programme
from pilots.views import holding
from pilots.views.look import programme_name, state_of
from pilots.views.viewer import SCORE_READERS


def read_ahead(site, at):
    """Reads what the cards and the acts of the present state ask for: one statement each, however many rows."""
    wanted = ["changes", "former_names", "revocations", *holding.wanted(site)]
    if site.rectifications:
        wanted.append("rectification_items")
    if site.state == D.ACCEPTANCE:
        able = holding_seat(Role.EXPERT, site.batch.programme.code, at)
        wanted += [
            Prefetch("evaluations__members", PanelMember.objects.select_related("user").annotate(able=able)),
            "evaluations__opinions",
            Prefetch("evaluations__records", PanelRecord.objects.select_related("file")),
        ]
    prefetch_related_objects([site], *wanted)
    if site.state == D.ACCEPTANCE:
        site.remember_members(site.evaluations.all())


def term_cards(site, authority, *, ours, today):
    """Context of the cards; empty values draw nothing."""
    return {
        "changes": [{"case": row, "state": state_of(row)} for row in site.changes.all()],
        "change_url": reverse("change_new", args=[site.uuid]) if ours and changes.allowed(site) else "",
        "former": site.former_names.all(),
        "mid_term": mid_term_of(site),
        "panel": panel_of(site, authority) if not ours else None,
        "mending_url": reverse("rectification", args=[site.uuid]) if site.rectifications else "",
        "proposal": proposal_of(site),
        "upgrade": upgrade_of(site, today),
        "late_reports": late_reports(site, today),
    }


def panel_of(site, authority):
    """The open round as officials see it: who sits on it, who has signed, what was done; None where there is none."""
    evaluation = open_round(site) if site.state == D.ACCEPTANCE and has_panel(site) else None
    if evaluation is None:
        return None
    scores = {row.by_id: row.total for row in evaluation.opinions.all()}
    # Members judge for themselves: until the round is over, each sees only their own score.
    reads = authority.seat(SCORE_READERS, site.scope()) is not None
    return {
        "round": evaluation.round,
        "members": [
            {
                "name": row.user.name,
                "signed": row.user_id in scores,
                "score": scores.get(row.user_id) if reads or row.user_id == authority.user.pk else None,
            }
            for row in sitting(evaluation)
        ],
        "records": evaluation.records.all(),
        "wanted": site.rules.acceptance.opinions,
    }


def upgrade_of(site, today):
    """「可申报……」: "May apply for X until …" of an accepted site; None where its rules know no upgrade."""
    until = eligibility.upgrade_until(site)
    if until is None:
        return None
    target = Programme.objects.filter(code=site.rules.upgrade.target).first()
    if target is None or not eligibility.upgrade_ready(site, today):
        return None
    return {"name": programme_name(target), "until": until, "over": today > until}


def late_reports(site, today):
    """「2018 报告（迟 12 日）」 of every report that came late or is overdue: a fact the assessors weigh."""
    found = []
    for row in site.filings.all():
        if row.kind == Filing.Kind.REPORT and row.revision == 1 and row.is_late(today):
            came = clock.today(row.filed_at) if row.filed_at else today
            found.append(_("%(paper)s（迟 %(n)s 日）") % {"paper": row, "n": (came - row.due_on).days})
    return found


# Acts of the site's own people, shown to them even where they may not do them now.
SITE_ACTS = frozenset({
    "file_plan", "file_report", "file_self_evaluation", "rectify", "file_mid_term", "file_improvement",
    "correct_figure", "file_follow_up", "file_renewal", "answer_revocation", "sign_agreement", "add_sub_site",
    "close_sub_site",
})  # fmt: skip
