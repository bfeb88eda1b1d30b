"""The evidence of one case to take away: rows, proofs, the signed anchor, a verifier (workflows.exporting)."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from accounts import events
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.models import AccountEvent
from approvals.views.evidence import case_of, parts_of
from workflows.exporting import export


@signed_in
@require_safe
def evidence_export(request, model, uuid):
    """The archive, for those inside only: the hashed texts hold every reason and name, and a text with gaps would prove
    nothing. Raises Http404 for everybody else, those who judge the case among them."""
    authority = Authority.of(request.user, request.at)
    case = case_of(model, uuid, authority)
    if not next(part.inside for part in parts_of(case, authority) if part.case.uuid == case.uuid):
        raise Http404
    # Reasons and names leave the house.
    events.record(request.user, AccountEvent.Kind.EXPORTED, request, note=f"evidence-{model}-{case.uuid}.zip")
    answer = HttpResponse(export(case), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="evidence-{model}-{case.uuid}.zip"'
    return answer
