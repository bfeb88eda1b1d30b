"""Papers of the years after the approval: the conclusion of an acceptance, the decision that takes a title back."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from approvals.documents.kinds import acceptance as conclusions
from approvals.documents.kinds import decided
from approvals.documents.kinds import revocation as revocations
from approvals.models import Document, Evaluation
from approvals.views.paper_files import answer
from pilots.models import Designation, Revocation

_SITE = ("batch__programme", "batch__rules_version", "rules_version", "organisation", "place", "application__province")
_RELATED = tuple(f"designation__{name}" for name in _SITE)


def _seen(request, row):
    """404 unless the site of *row* is one the person may see."""
    if not Designation.objects.visible_to(request.user).filter(pk=row.designation_id).exists():
        raise Http404


@signed_in
@require_safe
def conclusion(request, pk, form):
    """The conclusion of a round that is over, for those who see the site."""
    rows = Evaluation.objects.filter(concluded_at__isnull=False).select_related(*_RELATED)
    row = get_object_or_404(rows, pk=pk)
    _seen(request, row)
    return answer(conclusions.sheet(row), form, conclusions.file_name(row))


@signed_in
@require_safe
def revocation(request, pk, form):
    """The decision that revoked a title, for those who see the site."""
    rows = Revocation.objects.filter(decision=Revocation.Decision.REVOKED).select_related(*_RELATED)
    row = get_object_or_404(rows, pk=pk)
    _seen(request, row)
    number = row.designation.end_document
    paper = Document.objects.filter(number=number, kind=revocations.KIND).select_related(
        "batch__programme", "batch__rules_version"
    )
    found = paper.first() if number else None
    sheet = decided.sheet(found) if found else revocations.sheet(row)
    return answer(sheet, form, number or revocations.file_name(row))
