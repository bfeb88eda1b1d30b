"""Why a case is where it is: every act, score, rule and document that led there, as of any day, to print."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django import forms
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.acts import acts_of
from accounts.authority import Authority
from accounts.days import DayField
from approvals.models import (
    Certificate,
    Document,
    FormalityCheck,
    Objection,
    Opinion,
    Recommendation,
    Review,
)
from approvals.views.facts import names_of, told
from notifications.models import Deadline
from pilots.models import Application, Batch, Change, Designation
from pilots.views.effects import state_name
from pilots.views.history import CONFIDENTIAL, doer, stamp
from pilots.views.viewer import SCORE_READERS, viewer_of
from workflows.ledger import check
from workflows.models import LedgerEntry
from workflows.telling import TO_APPLICANT

# What the words of a certificate's page are read from, in one statement with its row.
RULES = ("designation__rules_version", "designation__batch__rules_version")
CASES = {
    "application": Application, "batch": Batch, "designation": Designation, "objection": Objection,
    "certificate": Certificate, "change": Change,
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One case of the chain of cases, and what may be said of it to this reader."""

    label: str
    case: object
    inside: bool


class AsOf(forms.Form):
    on = DayField(label=_("截至"), required=False)


def _end_of(day):
    """The instant after `day`."""
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=clock.SHANGHAI)


def parts_of(case, authority):
    """The case and those it came from or led to, in the order of the road, as far as the reader may see them."""
    road = [(_("批次"), case)] if isinstance(case, Batch) else _road(_application_of(case, authority), case, authority)
    return [Part(str(label), row, _inside(row, authority)) for label, row in road]


def _application_of(case, authority):
    """The application a case goes back to, or None where there is none or the reader does not see it."""
    if isinstance(case, Application):
        return case
    site = case.designation if isinstance(case, Certificate | Change) else case
    key = case.application_id if isinstance(case, Objection) else site.application_id
    return _applications(authority).filter(pk=key).first()


def _applications(authority):
    reviews = Review.objects.select_related("expert__organisation").order_by("-total", "pk")
    return (
        Application.objects.visible_to(authority)
        .select_related(*Application.related)
        .prefetch_related(Prefetch("reviews", reviews))
    )


def _road(application, case, authority):
    found = []
    if application is not None:
        found += [(_("批次"), application.batch), (_("申报"), application)]
        objections = Objection.objects.visible_to(authority).filter(application=application)
        found += [(_("异议"), row) for row in objections.select_related(*Objection.related)]
        sites = [case] if isinstance(case, Designation) else _sites(application, authority)
        found += [(_("试点"), row) for row in sites]
        changes = Change.objects.visible_to(authority).filter(designation__application=application)
        found += [(_("变更"), row) for row in changes.select_related(*Change.related).order_by("pk")]
        papers = Certificate.objects.visible_to(authority).filter(designation__application=application)
        found += [(_("证书"), row) for row in papers.select_related(*Certificate.related, *RULES).order_by("pk")]
    # Titles from before this system have no application; what was asked for is always there.
    if all(row.uuid != case.uuid for _label, row in found):
        found.append((_("试点") if isinstance(case, Designation) else _("事项"), case))
    return found


def _sites(application, authority):
    rows = Designation.objects.visible_to(authority).filter(application=application)
    return rows.select_related(*Designation.related)


def _inside(case, authority):
    if isinstance(case, Application):
        # Also where it is only part of another case's road.
        viewer = viewer_of(case, authority)
        if viewer.helper:
            raise Http404
        if viewer.expert:
            # Whoever judges it must not read how others judged, nor whose it is.
            raise Http404
        return viewer.scores
    return authority.seat(SCORE_READERS, case.scope()) is not None


def case_of(model, uuid, authority):
    """The case of an address, as far as the reader may see it. Raises Http404."""
    if model not in CASES:
        raise Http404
    rows = (
        _applications(authority)
        if model == "application"
        else CASES[model].objects.visible_to(authority).select_related(*CASES[model].related)
    )
    return get_object_or_404(rows, uuid=uuid)


@signed_in
@require_safe
def evidence(request, model, uuid):
    """The page; `?on=2018-05-01` shows the case as it stood at the end of that day."""
    authority = Authority.of(request.user, request.at)
    case = case_of(model, uuid, authority)
    form = AsOf(request.GET)
    day = (form.cleaned_data.get("on") if form.is_valid() else None) or clock.today(request.at)
    until = min(_end_of(day), request.at + timedelta(microseconds=1))
    parts = parts_of(case, authority)
    entries = list(
        LedgerEntry.objects.filter(case_uuid__in=[part.case.uuid for part in parts], at__lt=until).order_by("at", "pk")
    )
    own = [row for row in entries if row.case_uuid == case.uuid]
    inside = next(part.inside for part in parts if part.case.uuid == case.uuid)
    context = {
        "case": case,
        "model": model,
        "inside": inside,
        "form": form,
        "day": day,
        "past": day < clock.today(request.at),
        "because": _because(case, own, inside),
        "acts": _acts(parts, entries),
        "chain": _chain(parts, entries),
        "rules": _rules(case),
        "deadlines": _deadlines(parts, until),
        "until": until,
        **_papers(case, parts, until),
    }
    return render(request, "approvals/evidence.html", context)


def _because(case, own, inside):
    """The state at the end of the day, and the act that brought it there."""
    if not own:
        return None
    last = next((row for row in reversed(own) if row.from_state != row.to_state), own[-1])
    return {"state": _state(case, own[-1].to_state), **_told(case, last, inside)}


def _state(case, code):
    return state_name(case, code)


def _told(case, row, inside):
    act = acts_of(case).get(row.act)
    return {
        "at": stamp(row.at),
        "what": act.done if act else row.act,
        "who": doer(row, inside),
        "instead": row.on_behalf_name if inside else "",
        "reason": row.reason if inside or row.act in TO_APPLICANT else "",
        "from": _state(case, row.from_state) if row.from_state else "",
        "to": _state(case, row.to_state),
        "moved": row.from_state != row.to_state,
    }


def _acts(parts, entries):
    by_case = {part.case.uuid: part for part in parts}
    names = names_of(entries)
    shown = []
    for row in entries:
        part = by_case[row.case_uuid]
        if not part.inside and row.act in CONFIDENTIAL:
            continue
        shown.append(
            {
                "part": part.label,
                **_told(part.case, row, part.inside),
                "facts": told(row, names, part.case.rules) if part.inside else [],
                "seq": row.seq,
                "hash": row.hash[:12],
            }
        )
    return shown


def _chain(parts, entries):
    """Whether each case's rows follow from one another and end in the hash the case itself keeps."""
    found = []
    for part in parts:
        rows = sorted((row for row in entries if row.case_uuid == part.case.uuid), key=lambda row: row.seq)
        if rows:
            whole = rows[-1].seq == part.case.version
            head = part.case.head if whole else rows[-1].hash
            found.append(
                {"part": part.label, "rows": len(rows), "head": head[:16], "breaks": check(rows, head, len(rows))}
            )
    return found


def _rules(case):
    """The version of the rules the case is pinned to, and what they say on what decided it."""
    batch = case if isinstance(case, Batch) else getattr(case, "batch", None)
    if batch is None:
        batch = case.application.batch if isinstance(case, Objection) else case.designation.batch
    rules = batch.rules
    lines = []
    if rules.scoring:
        scoring = rules.scoring
        how = {"mean": _t("平均分"), "trimmed_mean": _t("去掉最高分和最低分后的平均分")}[scoring.aggregation]
        lines.append(_t("每份 %(n)s 位专家评审，至少 %(quorum)s 位有效，取%(how)s。") % {
            "n": scoring.experts, "quorum": scoring.quorum, "how": how})  # fmt: skip
    if batch.cutoff.min_score is not None:
        lines.append(_t("入选线 %(n)s 分。") % {"n": batch.cutoff.min_score})
    if batch.cutoff.max_places is not None:
        lines.append(_t("名额 %(n)s 个。") % {"n": batch.cutoff.max_places})
    if rules.acceptance:
        lines.extend(
            _t("验收 %(floor)s 分以上：%(name)s。") % {"floor": band.floor, "name": band.name}
            for band in rules.acceptance.bands
        )
    return {"version": batch.rules_version.version, "basis": rules.basis, "lines": lines, "batch": batch}


def _deadlines(parts, until):
    uuids = [part.case.uuid for part in parts if part.inside]
    rows = Deadline.objects.filter(subject_uuid__in=uuids, starts_on__lt=until).select_related("user")
    return list(rows.order_by("due_at", "pk"))


def _papers(case, parts, until):
    """Scores, opinions, checks, letters and documents that existed at that instant."""
    found = {}
    for part in parts:
        if isinstance(part.case, Application) and not isinstance(case, Batch):
            application = part.case
            before = {"application": application, "at__lt": until}
            found["recommendations"] = Recommendation.objects.filter(**before).select_related("by")
            if part.inside:
                found["checks"] = FormalityCheck.objects.filter(**before).select_related("by")
                found["reviews"] = [
                    row for row in application.reviews.all() if row.submitted_at and row.submitted_at < until
                ]
                found["criteria"] = application.rules.scoring.criteria if application.rules.scoring else []
        if isinstance(part.case, Designation) and part.inside:
            found["evaluations"] = _evaluations(part.case, until)
        if isinstance(part.case, Batch) and part.inside:
            found["documents"] = Document.objects.filter(batch=part.case, at__lt=until)
    for review in found.get("reviews", []):
        review.marks = [(item.name, review.scores.get(item.code, "—")) for item in found["criteria"]]
    return found


def _evaluations(site, until):
    """Concluded rounds with their opinions, oldest first; one statement, for no round is concluded without one."""
    rounds = {}
    rows = Opinion.objects.filter(
        evaluation__designation=site, evaluation__concluded_at__lt=until
    ).select_related("evaluation__concluded_by", "by")  # fmt: skip
    for row in rows.order_by("evaluation__concluded_at", "pk"):
        rounds.setdefault(row.evaluation_id, {"round": row.evaluation, "opinions": []})["opinions"].append(row)
    return list(rounds.values())
