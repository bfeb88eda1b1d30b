"""The quota table of a batch: the rules' number, the batch's own, and what is used, province by province."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.access import seats
from accounts.acts import acts_of
from accounts.digits import version_seen, version_shown
from accounts.roles import Role
from pilots import quotas
from pilots.models import Batch, BatchState
from workflows import perform
from workflows.refusals import Denied, NotNow, Stale


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def batch_quotas(request, uuid):
    """GET shows the table; POST previews what changes, and on confirmation does the act."""
    batch = get_object_or_404(Batch.objects.visible_to(request.user).select_related(*Batch.related), uuid=uuid)
    given = request.POST if request.method == "POST" else None
    form = acts_of(batch)["set_quotas"].form(given, obj=batch, by=request.user, at=request.at)
    reason, faults, status, preview = request.POST.get("reason", "").strip(), [], 200, None
    if given is not None:
        preview = quotas.changes(batch, form.wanted()) if form.is_valid() else None
        status = 200 if form.is_valid() else 422
        if "confirm" in given:
            faults, status = _confirm(request, batch, given, reason)
            if not faults:
                return redirect(batch.get_absolute_url())
    return render(
        request,
        "approvals/quotas.html",
        {
            "batch": batch,
            "kind": batch.rules.quota.kind,
            "open": batch.state in (BatchState.DRAFT, BatchState.OPEN),
            "rows": [
                {"row": row, "field": form[f"q_{row.place.pk}"]} for row in quotas.table(batch, clock.today(request.at))
            ],
            "form": form,
            "preview": preview,
            "faults": faults or [{"href": f"#id_{name}", "text": f"{form.fields[name].label}：{error}"}
                                 for name, errors in form.errors.items() for error in errors],
            "reason": reason,
            "version": version_shown(request.POST, batch.version, late=status == 409),
        },
        status=status,
    )  # fmt: skip


def _confirm(request, batch, given, reason):
    """(faults, status) of the act; no fault when it was done."""
    try:
        perform(
            batch, "set_quotas", by=request.user, at=request.at, reason=reason, data=given,
            version=version_seen(given),
        )  # fmt: skip
    except Stale as refusal:
        return [{"href": "#main", "text": str(refusal)}], 409
    except (NotNow, Denied) as refusal:
        return [
            {"href": f"#id_{item.field}" if item.field else "#main", "text": item.text} for item in refusal.reasons
        ], 422
    return [], 200
