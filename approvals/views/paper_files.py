"""Documents as files: PDF to print, DOCX to edit, and their pages as pictures."""

from django.http import Http404, HttpResponse

from approvals.documents.docx import docx_bytes
from approvals.documents.pdf import pdf_bytes
from pilots.views.attachment import disposition

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
# A picture of an A4 page that fills a column; the longer side in pixels.
PIXELS = 1300


def wanted(request):
    """The file type an address asks for (`?as=docx`); PDF without, 404 for anything else."""
    form = request.GET.get("as", "pdf")
    if form not in TYPES:
        raise Http404
    return form


def answer(sheet, form, name):
    """*sheet* as an attachment *name* (Chinese names as RFC 5987 says), never sniffed. Raises Http404 for other forms."""
    if form not in TYPES:
        raise Http404
    content = pdf_bytes(sheet) if form == "pdf" else docx_bytes(sheet)
    response = HttpResponse(content, content_type=TYPES[form])
    response["Content-Disposition"] = disposition(f"{name}.{form}")
    response["X-Content-Type-Options"] = "nosniff"
    return response
