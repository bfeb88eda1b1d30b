"""Objections for those who investigate, decide and supervise."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import seats
from accounts.roles import Role
from approvals.models import Objection, ObjectionState
from notifications.models import Deadline
from workflows.offers import log, panel

PAGE = 20
TONES = {
    ObjectionState.REGISTERED: "warn", ObjectionState.INVESTIGATING: "warn", ObjectionState.REJECTED: "neutral",
    ObjectionState.UPHELD: "bad", ObjectionState.LEAD: "info",
}  # fmt: skip


@seats(Role.OBJECTION_HANDLER, Role.DIVISION_HEAD, Role.AUDITOR)
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


@seats(Role.OBJECTION_HANDLER, Role.DIVISION_HEAD, Role.AUDITOR)
@require_safe
def objection(request, uuid):
    """One objection: what was said, where it is, what may be done."""
    row = get_object_or_404(
        Objection.objects.visible_to(request.user).select_related(*Objection.related, "handler"), uuid=uuid
    )
    context = {
        "objection": row,
        "tone": TONES[row.state],
        "offers": panel(row, request.user, request.at),
        "log": log(row),
        "deadline": Deadline.objects.of(row).open().first(),
        "today": clock.today(request.at),
    }
    return render(request, "approvals/objection.html", context)
