"""Drawing panels for a batch: what a seed would give, why, and how far a confirmed draw has got."""

import secrets

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import seats
from accounts.acts import Question, acts_of
from accounts.authority import Authority
from accounts.digits import whole
from accounts.roles import ORGANISERS
from approvals import drawing
from approvals.acts.draw import DrawExperts, drawn_by_machine
from approvals.models import DrawnPanel
from approvals.panel import reason_words
from approvals.rules import draw as rules
from approvals.views.experts import field_words
from pilots.models import Batch
from workflows import door, perform
from workflows.refusals import Denied, NotNow, Stale

PAGE = 30


def why_chosen(seat):
    """Why one member was chosen, from a stored seat: load, eligible members, place in the drawn order."""
    words = _("符合条件的 %(eligible)s 人中负担较轻（在评 %(load)s 份），抽签序第 %(place)s 位") % seat
    if seat["fields"]:
        words += _("；领域相符：%(fields)s") % {"fields": _("、").join(field_words(seat["fields"]))}
    return words


def why_excluded(counts):
    """[(reason in words, members)] of a stored count, in the order in which the reasons are asked."""
    words = reason_words()
    return [(words[code], counts[code]) for code in (*rules.REASONS, rules.SAME_EMPLOYER) if counts.get(code)]


def relaxation(panel):
    """What would fill a panel that is short, in words."""
    if not panel.relax:
        return _("仅放宽任何一条规则均不能凑齐，须先充实专家库。")
    return _("放宽“%(reason)s”一条即可凑齐；由项目主管在申报页手工分派并说明。") % {
        "reason": reason_words()[panel.relax]
    }


def organised(request, uuid):
    """The batch, for those who organise reviews in its programme; 404 otherwise."""
    row = get_object_or_404(
        Batch.objects.visible_to(request.user).select_related("programme", "rules_version"), uuid=uuid
    )
    if Authority.of(request.user).seat(DrawExperts.roles, row.scope()) is None:
        raise Http404
    return row


@seats(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def batch_draw(request, uuid):
    """A preview with its seed in the address; confirming stores exactly what was shown."""
    row = organised(request, uuid)
    if not drawn_by_machine(row.rules):
        raise Http404
    obstacles = []
    if request.method == "POST":
        try:
            perform(row, "draw_experts", by=request.user, at=request.at, data=request.POST)
        except Stale:
            obstacles = [_("批次刚被他人办理，请核对后再确认。")]
        except (NotNow, Denied) as refusal:
            obstacles = [reason.text for reason in refusal.reasons]
        else:
            return redirect(row)
    seed = _seed(request)
    if seed is None:
        return redirect(f"{reverse('batch_draw', args=[row.uuid])}?{urlencode({'seed': _new_seed()})}")
    act = acts_of(row)["draw_experts"]
    # In the right state the plan knows whether somebody waits; a draw that is under way is said when one confirms.
    fits = row.state in act.states
    unmet = [] if fits else door.obstacles(act, Question(row, request.user, act.roles[0], request.at))
    made = drawing.plan(row, seed, request.at)
    page = Paginator(list(_lines(made)), PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": row, "seed": seed, "next_seed": _new_seed(), "plan": made, "page": page, "obstacles": obstacles,
        "reasons": [reason.text for reason in unmet], "allowed": not unmet, "short": made.result.short,
        "filled": len(made.result.panels) - len(made.result.short), "facts": made.facts,
        "most": max(made.facts["loads"].values(), default=1),
    }  # fmt: skip
    return render(request, "approvals/draw.html", context, status=422 if obstacles else 200)


def _new_seed():
    return secrets.randbelow(drawing.MOST_SEED) + 1


def _seed(request):
    """The seed of the address or the form, or None."""
    given = whole(request.POST.get("seed") or request.GET.get("seed", ""))
    return given if given is not None and 1 <= given <= drawing.MOST_SEED else None


def _lines(made):
    """Short panels first: they are what a person has to look at."""
    applications = {row.pk: row for row in made.applications}
    for panel in sorted(made.result.panels, key=lambda panel: -panel.short):
        yield {
            "application": applications[panel.subject],
            "short": panel.short,
            "relax": relaxation(panel) if panel.short else "",
            "excluded": why_excluded(panel.excluded),
            "seats": [
                {"expert": made.experts[seat.member], "why": why_chosen(vars(seat))} for seat in panel.seats
            ],
        }  # fmt: skip


def draws_of(batch):
    """Confirmed draws of a batch, newest first, with how many panels are waiting, done and refused; one statement."""
    counts = {
        name: Count("panels", filter=Q(panels__state=state))
        for name, state in (("waiting", "waiting"), ("done", "done"), ("refused", "refused"))
    }
    return list(batch.draws.select_related("by").annotate(**counts).order_by("-pk"))


def refused_of(batch):
    """Panels that were drawn and could not be assigned, with their reasons."""
    return DrawnPanel.objects.filter(
        draw__batch=batch, state=DrawnPanel.State.REFUSED, application__state="panel_draw"
    ).select_related("application")


def draw_job(batch, draws):
    """The newest draw in the shape of the progress card while it is carried out, or None."""
    newest = draws[0] if draws else None
    if newest is None or not newest.waiting:
        return None
    total = newest.waiting + newest.done + newest.refused
    return {
        "id": newest.uuid, "url": reverse("draw_progress", args=[batch.uuid]), "label": _("正在分派专家"),
        "done": newest.done + newest.refused, "total": total, "state": "running", "error": "", "result_url": "",
        "result_label": "",
    }  # fmt: skip


@seats(*ORGANISERS)
@require_safe
def draw_progress(request, uuid):
    """The progress card alone; 286 tells the page to stop asking."""
    row = organised(request, uuid)
    draws = draws_of(row)
    job = draw_job(row, draws)
    if job is None and draws:
        total = draws[0].done + draws[0].refused
        job = {"id": draws[0].uuid, "url": "", "label": _("已分派 %(n)s 份") % {"n": draws[0].done}, "done": total,
               "total": total, "state": "done", "error": "", "result_url": row.get_absolute_url(),
               "result_label": _("查看批次")}  # fmt: skip
        return render(request, "ui/progress.html", {"job": job}, status=286)
    return render(request, "ui/progress.html", {"job": job}, status=200 if job else 286)


def panel_story(application, reviews):
    """Why these experts: {"drawn", "why": {expert: words}, "excluded", "by_hand": names} for those inside."""
    drawn = (
        DrawnPanel.objects.filter(application=application, state=DrawnPanel.State.DONE)
        .select_related("draw__by")
        .order_by("pk")
        .last()
    )
    why = {seat["expert"]: why_chosen(seat) for seat in drawn.seats} if drawn else {}
    return {
        "drawn": drawn,
        "why": why,
        "excluded": why_excluded(drawn.excluded) if drawn else [],
        "by_hand": [review.expert for review in reviews if review.expert_id not in why],
    }
