"""The receipt of a submission, as PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.authority import Authority
from approvals.papers import words
from pilots.models import Application
from pilots.views.viewer import viewer_of


@signed_in
@require_safe
def receipt(request, uuid):
    """The receipt of the last submission, or of the one `?revision=` names; for the applicant and the offices."""
    authority = Authority.of(request.user, request.at)
    case = get_object_or_404(
        Application.objects.visible_to(authority).select_related(*Application.related).prefetch_related("reviews"),
        uuid=uuid,
    )
    viewer = viewer_of(case, authority)
    if not (viewer.mine or viewer.official):
        raise Http404
    rows = case.revisions.select_related("by").order_by("-number")
    wanted = request.GET.get("revision", "")
    row = rows.filter(number=int(wanted[:4])).first() if wanted.isdecimal() else rows.first()
    if row is None:
        raise Http404
    response = HttpResponse(words.receipt(case, row), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{words.receipt_number(case, row)}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
