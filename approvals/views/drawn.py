"""A page that is drawn when it is asked for, as an answer: the PDF, or in words why it cannot be drawn."""

from django.http import HttpResponse

from approvals.certificates.errors import CertificateError
from approvals.printing import words_of
from pilots.views.attachment import disposition


def drawn(draw, name, *, attachment=False):
    """What `draw()` returns as the file *name*, shown or saved, never sniffed; 422 with the reason on CertificateError."""
    try:
        pdf = draw()
    except CertificateError as fault:
        return HttpResponse(words_of(fault), status=422, content_type="text/plain; charset=utf-8")
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = disposition(name, attachment=attachment)
    response["X-Content-Type-Options"] = "nosniff"
    return response
