"""Objections for those who investigate, decide and supervise."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import public, seats
from accounts.roles import Role
from approvals.acts.objection import AppealForm, last_day_of_appeal
from approvals.models import Evidence, Objection, ObjectionState
from approvals.views.throttle import too_many
from notifications.models import Deadline
from pilots.views.files import download
from workflows import perform
from workflows.offers import log, panel
from workflows.refusals import NotNow, Stale

PAGE = 20
TONES = {
    ObjectionState.REGISTERED: "warn", ObjectionState.INVESTIGATING: "warn", ObjectionState.REJECTED: "neutral",
    ObjectionState.UPHELD: "bad", ObjectionState.LEAD: "info", ObjectionState.APPEALED: "warn",
    ObjectionState.DISMISSED: "neutral",
}  # fmt: skip
INSIDE = (Role.OBJECTION_HANDLER, Role.DIVISION_HEAD, Role.LEADER, Role.AUDITOR)


@seats(*INSIDE)
@require_safe
def objections(request):
    """The register, newest first; filtered by state."""
    rows = Objection.objects.visible_to(request.user).select_related(
        "application__place", "application__batch", "handler"
    )
    state = request.GET.get("state", "")
    if state in ObjectionState.values:
        rows = rows.filter(state=state)
    page = Paginator(rows.order_by("-received_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.tone = TONES[row.state]
    return render(
        request, "approvals/objections.html", {"page": page, "states": ObjectionState.choices, "state": state}
    )


@seats(*INSIDE)
@require_safe
def objection(request, uuid):
    """One objection: what was said, where it is, what may be done."""
    row = get_object_or_404(
        Objection.objects.visible_to(request.user).select_related(*Objection.related, "handler"), uuid=uuid
    )
    context = {
        "objection": row,
        "tone": TONES[row.state],
        "files": row.files.all(),
        "offers": panel(row, request.user, request.at),
        "log": log(row),
        "deadline": Deadline.objects.of(row).open().first(),
        "today": clock.today(request.at),
    }
    return render(request, "approvals/objection.html", context)


@seats(*INSIDE)
@require_safe
def evidence(request, uuid):
    """One file of an objector, for those who see the objection."""
    row = get_object_or_404(
        Evidence.objects.filter(objection__in=Objection.objects.visible_to(request.user)), uuid=uuid
    )
    return download(row, row.name)


@public
@require_http_methods(["GET", "POST"])
def track(request):
    """Where an objector types the receipt; wrong ones learn nothing but that."""
    if request.method == "POST" and too_many(request, "receipt"):
        return render(request, "429.html", status=429)
    receipt = (request.POST.get("receipt") or "").strip().upper().replace("-", "").replace(" ", "")
    row = Objection.objects.filter(receipt=receipt).first() if receipt else None
    if row is not None:
        return redirect("objection_reply", receipt=row.receipt)
    return render(
        request, "approvals/track.html", {"receipt": receipt, "unknown": bool(receipt)}, status=404 if receipt else 200
    )


@public
@require_http_methods(["GET", "POST"])
def reply(request, receipt):
    """What became of one objection, for whoever holds its receipt; an appeal while there is time for one."""
    row = get_object_or_404(Objection.objects.select_related(*Objection.related), receipt=receipt)
    form = AppealForm(request.POST or None, obj=row, at=clock.now())
    refused = []
    if request.method == "POST":
        try:
            perform(row, "lodge_appeal", by=None, at=clock.now(), data=request.POST)
        except (NotNow, Stale) as refusal:
            refused = [item.text for item in getattr(refusal, "reasons", []) if item.code != "input"]
            form = getattr(refusal, "form", None) or form
        else:
            messages.success(request, _("已收到复核申请。"))
            return redirect("objection_reply", receipt=receipt)
    last = last_day_of_appeal(row)
    context = {
        "objection": row,
        "tone": TONES[row.state],
        "form": form,
        "refused": refused,
        "appeal_until": last if last and clock.today() <= last else None,
    }
    return render(request, "approvals/reply.html", context, status=422 if request.method == "POST" else 200)
