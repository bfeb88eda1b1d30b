"""The page of one application: where it stands, what can be done, what it says, what was done."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from approvals.models import FormalityCheck, Review
from approvals.papers.words import check_code, receipt_number
from approvals.settling import undiscussed, waits_for_extra
from approvals.views.draws import panel_story
from notifications.models import Deadline
from pilots.acts.application import APPLICANT
from pilots.drafting import EDITABLE
from pilots.models import Application
from pilots.models import ApplicationState as A
from pilots.views import answers, flowchart, history, journey
from pilots.views.look import deadline_label, programme_name, round_words, state_of
from pilots.views.offers import panel_for, waiting_for
from pilots.views.sidebar import mine
from pilots.views.viewer import face, identity_words, masked, viewer_of

# Names of officials who looked at it stay inside; what was asked of the applicant does not.
_TOLD_CHECKS = (FormalityCheck.Result.DEEMED, FormalityCheck.Result.SUPPLEMENT, FormalityCheck.Result.REJECTED)
SHORT_LOG = 6


def revision_shown(application, viewer):
    """(answers, files, revision, the one before). The applicant reads what stands now; everybody else reads
    what
    was last submitted, which never changes under them (trust.md R5)."""
    revisions = list(application.revisions.all())
    last = revisions[-1] if revisions else None
    before = revisions[-2] if len(revisions) > 1 else None
    if last is None or (viewer.mine and application.state in EDITABLE):
        files = [
            {
                "material": row.material,
                "name": row.name,
                "size": row.size,
                "uuid": str(row.uuid),
                "sha256": row.sha256,
            }
            for row in application.uploads.all()
            if row.replaced_at is None
        ]
        return application.answers, files, None, None
    return last.answers, last.files, last, before


@signed_in
@require_safe
def application(request, uuid):
    """One application."""
    authority = Authority.of(request.user, request.at)
    case = get_object_or_404(
        Application.objects.visible_to(authority)
        .select_related(*Application.related, "designation")
        .prefetch_related("reviews", "revisions", "uploads"),
        uuid=uuid,
    )
    viewer = viewer_of(case, authority)
    if viewer.helper:
        # Who was asked for a part of it sees that part, on the page where it is filled in.
        return redirect("application_edit", uuid, mine(case, request.user)[0])
    rows = history.entries(case)
    site = getattr(case, "designation", None)
    last_from = rows[0].from_state if rows else ""
    deadlines = [row for row in Deadline.objects.of(case).open().order_by("due_at") if _concerns(row, viewer)]
    content, files, revision, before = revision_shown(case, viewer)
    if viewer.blind:
        content = masked(content, identity_words(case))
    tabs, active = _tabs(request, case, viewer, files)
    log = _log(case, rows, viewer, authority)
    context = {
        "case": case,
        "site": site if not viewer.blind else None,
        "viewer": viewer,
        "face": face(case, viewer),
        "programme": programme_name(case.batch.programme),
        "state": state_of(case),
        "today": clock.today(request.at),
        "deadline": deadlines[0] if deadlines else None,
        "deadline_label": deadline_label(deadlines[0]) if deadlines else "",
        "steps": journey.steps(case, site, last_from),
        "picture": journey.picture(case, site, last_from),
        "chart": flowchart.addresses(case),
        "round": round_words(case.rules, case.round) if case.submitted_at else "",
        "offers": panel_for(case, viewer, request.at),
        "waiting": "" if viewer.inside else waiting_for(deadlines),
        "editable": viewer.mine and case.state in EDITABLE,
        "tabs": tabs,
        "tab": active,
        "revision": revision,
        "log": log if active == "log" else log[:SHORT_LOG],
        # What a reader may read is counted, and nothing else: else the applicant counts the scores as they come in.
        "log_total": len(log),
        **_TAB_DATA[active](case, viewer, content, files, before),
    }
    return render(request, "pilots/application.html", context)


def _concerns(row, viewer):
    """Those inside see every deadline, its own person theirs, the applicant all but the reviewers'."""
    if viewer.inside:
        return True
    if viewer.expert:
        return row.user_id == viewer.user.pk
    return row.user_id is None


def _tabs(request, case, viewer, files):
    items = [("data", _("申报内容"), None), ("files", _("申报材料"), len(files))]
    if viewer.scores and case.rules.uses("EXP"):
        live = [review for review in case.sheets if review.state != Review.State.RECUSED]
        given = sum(1 for review in live if review.state == Review.State.SUBMITTED)
        items.append(("scores", _("评分"), f"{given}/{len(live)}" if live else None))
    if not viewer.expert:
        items.append(("letters", _("往来文书"), None))
        items.append(("log", _("办理记录"), None))
    wanted = request.GET.get("tab")
    active = wanted if wanted in {code for code, *_rest in items} else "data"
    url = reverse("application", args=[case.uuid])
    return [
        {
            "label": label,
            "count": count,
            "active": code == active,
            "url": url if code == "data" else f"{url}?tab={code}",
        }
        for code, label, count in items
    ], active


def _log(case, rows, viewer, authority):
    if viewer.expert:
        rows = [row for row in rows if row.actor_id == viewer.user.pk]
    own = {viewer.user.pk}
    if viewer.mine:
        own |= {row.actor_id for row in rows if row.role in APPLICANT}
    return history.timeline(case, rows, inside=viewer.inside, own=own)


def _data(case, viewer, content, files, before):
    earlier = before.answers if before is not None and viewer.inside else None
    return {
        "sections": answers.read(
            case.rules, content, blind=viewer.blind, contacts=viewer.mine or viewer.inside, before=earlier
        )
    }


def _files(case, viewer, content, files, before):
    by_material = {}
    for row in files:
        by_material.setdefault(row["material"], []).append(row)
    return {
        "materials": [
            {
                "name": material.name,
                "required": material.required,
                "stamped": material.stamped,
                "copies": material.copies,
                # A file's own name may give the applicant away.
                "files": [
                    {**row, "shown": str(material.name) if viewer.blind else row["name"]}
                    for row in by_material.get(material.code, [])
                ],
            }
            for material in case.rules.materials
        ]
    }


def _scores(case, viewer, content, files, before):
    scoring, reviews = case.rules.scoring, list(case.reviews.select_related("expert__organisation"))
    story = panel_story(case, reviews)
    names = {review.expert_id: str(review.expert) for review in reviews}
    talks = list(case.discussions.select_related("by"))
    for talk in talks:
        talk.people = [names[pk] for pk in talk.present if pk in names]
    return {
        "criteria": scoring.criteria,
        "scoring": scoring,
        "story": story,
        "gap": undiscussed(case) if case.state == A.EXPERT_REVIEW else None,
        "extra": bool(talks) and case.state == A.EXPERT_REVIEW and waits_for_extra(case),
        "talks": talks,
        "survey": getattr(case, "survey", None) if scoring.survey_weight else None,
        "inspections": case.inspections.select_related("by").prefetch_related("photos")
        if case.rules.uses("SITE")
        else [],
        "reviews": [
            {
                "review": review,
                "why": story["why"].get(review.expert_id, ""),
                "marks": [
                    {
                        "label": c.name,
                        "value": review.scores.get(c.code, "—") if review.state == Review.State.SUBMITTED else "—",
                    }
                    for c in scoring.criteria
                ],
            }
            for review in reviews
        ],
    }


def _letters(case, viewer, content, files, before):
    checks = case.checks.select_related("by")
    if not viewer.inside:
        checks = checks.filter(result__in=_TOLD_CHECKS)
    documents = case.batch.documents.filter(void=False) if case.state == A.APPROVED else []
    revisions = list(case.revisions.all())
    for row in revisions:
        row.receipt, row.code = receipt_number(case, row), check_code(row.sha256)
    return {
        "receipts": revisions if viewer.mine or viewer.official else [],
        "recommendations": case.recommendations.select_related("by", "letter"),
        "checks": checks,
        "documents": documents,
    }


def _log_only(case, viewer, content, files, before):
    return {}


_TAB_DATA = {"data": _data, "files": _files, "scores": _scores, "letters": _letters, "log": _log_only}
