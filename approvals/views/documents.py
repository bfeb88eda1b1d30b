"""A numbered document: its text, its pages as they are printed, and its files."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from approvals import picturing
from approvals.documents.kinds import decided
from approvals.documents.pdf import pdf_bytes
from approvals.models import Document
from approvals.views.paper_files import PIXELS, answer
from pilots.models import Batch

# Pages shown beside the text; a list of three hundred names is read in the file.
SHOWN = 12


def _readable(request, pk, *, counts=False):
    """A document for those who see its batch: issued documents are no secret among them. With *counts*, void ones are
    none to be had: nothing may be printed under a number that is void."""
    rows = Document.objects.select_related(
        "batch__programme", "batch__rules_version", "corrects", "replaced_by", "replaces"
    )
    row = get_object_or_404(rows, pk=pk)
    if not Batch.objects.visible_to(request.user).filter(pk=row.batch_id).exists() or (counts and row.void):
        raise Http404
    return row


@signed_in
@require_safe
def document(request, pk):
    """An approval document, to read, to look at as it is printed, and to take away."""
    row = _readable(request, pk)
    return render(
        request,
        "approvals/document.html",
        {
            "document": row,
            "batch": row.batch,
            "by_place": row.batch.rules.applicants.per == "place",
            "awards": any(line.get("award") for line in row.annex),
            "corrections": row.corrections.order_by("pk"),
            "pages": [] if row.void else range(1, min(_pages(row), SHOWN) + 1),
            "more": 0 if row.void else max(0, _pages(row) - SHOWN),
            "specimen": decided.specimen(),
        },
    )


def _pages(row):
    return picturing.pages(pdf_bytes(decided.sheet(row)))


@signed_in
@require_safe
def document_page(request, pk, number):
    """One page as a picture. The same document is the same picture, so a browser may keep it for a day."""
    row = _readable(request, pk, counts=True)
    try:
        image = picturing.picture(pdf_bytes(decided.sheet(row)), PIXELS, number - 1)
    except IndexError:
        raise Http404 from None
    response = HttpResponse(image, content_type="image/png")
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@signed_in
@require_safe
def document_file(request, pk, form):
    """The document as PDF or DOCX."""
    row = _readable(request, pk, counts=True)
    return answer(decided.sheet(row), form, row.number)
