"""The receipt of a submission, as PDF or DOCX."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.authority import Authority
from accounts.digits import whole
from approvals.papers import words
from approvals.views.paper_files import answer, wanted
from pilots.models import Application
from pilots.views.viewer import viewer_of


@signed_in
@require_safe
def receipt(request, uuid):
    """The receipt of the last submission, or of the one `?revision=` names; for the applicant and the offices.

    PDF, or what `?as=docx` asks for.
    """
    authority = Authority.of(request.user, request.at)
    case = get_object_or_404(
        Application.objects.visible_to(authority).select_related(*Application.related).prefetch_related("reviews"),
        uuid=uuid,
    )
    viewer = viewer_of(case, authority)
    if not (viewer.mine or viewer.official):
        raise Http404
    rows = case.revisions.select_related("by").order_by("-number")
    number = request.GET.get("revision", "")
    row = rows.filter(number=whole(number, 4)).first() if number else rows.first()
    if row is None:
        raise Http404
    return answer(words.receipt_sheet(case, row), wanted(request), words.receipt_number(case, row))
