"""Changes of a site: choosing one, filing it with its consequence in view, and following it."""

import re

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import seats, signed_in
from accounts.authority import Authority
from accounts.roles import Role
from notifications.models import Deadline
from pilots import changes
from pilots.acts.application import APPLICANT
from pilots.forms.change import FORMS
from pilots.models import Change, Designation, Upload
from pilots.uploads import keep
from pilots.views import history
from pilots.views.look import deadline_label, state_of
from workflows.beginnings import begin_change
from workflows.offers import panel
from workflows.once import once
from workflows.refusals import Refused

# A file sent with a form that is not filed yet.
PENDING = "change_pending"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@seats(*APPLICANT)
@require_http_methods(["GET", "HEAD", "POST"])
@once(press="file")
def change_new(request, uuid):
    """A change of one site: which one, what it would do, then filed."""
    authority = Authority.of(request.user, request.at)
    site = get_object_or_404(
        Designation.objects.visible_to(authority)
        .select_related(*Designation.related)
        .prefetch_related("changes", "filings"),
        uuid=uuid,
    )
    if authority.seat(APPLICANT, site.scope()) is None or changes.allowed(site) is None:
        raise Http404
    kind = request.GET.get("kind", "")
    obstacles = list(changes.obstacles(site, kind, request.at)) if kind in FORMS else []
    if kind not in FORMS or obstacles:
        return _choose(request, site, kind, obstacles)
    return _fill(request, site, kind)


def _choose(request, site, kind, obstacles, status=200):
    """The kinds the rules know, each with its reason why not now."""
    rows = [
        {
            "label": Change.Kind(code).label,
            "url": f"{reverse('change_new', args=[site.uuid])}?kind={code}",
            "reasons": [item.text for item in changes.obstacles(site, code, request.at)],
        }
        for code in changes.allowed(site).kinds
    ]
    context = {"site": site, "rows": rows, "refused": [item.text for item in obstacles]}
    return render(request, "pilots/change_choose.html", context, status=422 if obstacles else status)


def _fill(request, site, kind):
    kept = _kept(request, site)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FORMS[kind](*given, site=site, at=request.at, kept=kept)
    lines, status, refused = [], 200, []
    if request.method == "POST":
        good = form.is_valid()
        sent = form.cleaned_data.get("evidence")
        if sent:
            # What was uploaded is not asked for twice, whatever else has to be mended.
            kept = keep(site, PENDING, sent, by=request.user, at=request.at)
        if good:
            data = form.cleaned_data | {"at": request.at, "upload": kept}
            lines = changes.consequences(site, kind, data)
            if "file" in request.POST:
                try:
                    outcome = begin_change(site, kind, given=data, by=request.user, at=request.at)
                except Refused as refusal:
                    refused, status = [item.text for item in refusal.reasons], 422
                else:
                    messages.success(request, _("已提出变更：%(number)s。") % {"number": outcome.obj.number})
                    return redirect(outcome.obj)
        else:
            status = 422
    context = {"site": site, "kind": Change.Kind(kind), "form": form, "lines": lines, "kept": kept, "refused": refused}
    return render(request, "pilots/change_form.html", context, status=status)


def _kept(request, site):
    """The file this person sent before for this form, or None."""
    given = request.POST.get("kept", "")
    if not _UUID.fullmatch(given):
        return None
    return Upload.objects.filter(designation=site, material=PENDING, by=request.user, uuid=given).first()


@signed_in
@require_safe
def change(request, uuid):
    """One change: before and after, who has it, what can be done."""
    authority = Authority.of(request.user, request.at)
    case = get_object_or_404(
        Change.objects.visible_to(authority).select_related(*Change.related, "filed_by"), uuid=uuid
    )
    ours = authority.seat(APPLICANT, case.scope()) is not None
    rows = history.entries(case)
    offers = panel(case, request.user, request.at)
    own = {request.user.pk} | ({row.actor_id for row in rows if row.role in APPLICANT} if ours else set())
    deadline = Deadline.objects.of(case).open().order_by("due_at").first()
    return render(
        request,
        "pilots/change.html",
        {
            "case": case,
            "site": case.designation,
            "state": state_of(case),
            "today": clock.today(request.at),
            "deadline": deadline,
            "deadline_label": deadline_label(deadline) if deadline else "",
            "waiting": Role(deadline.role).label if deadline else "",
            "offers": [offer for offer in offers if offer["allowed"]] if ours else offers,
            "evidence": Upload.objects.filter(designation=case.designation, material=case.material).first(),
            "log": history.timeline(case, rows, inside=not ours, own=own),
        },
    )
