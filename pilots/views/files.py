"""Handing out files: as downloads only, never as pages of ours."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.authority import Authority
from pilots import storage
from pilots.models import Application, Designation, Revision, Upload
from pilots.views.attachment import disposition
from pilots.views.viewer import viewer_of


@signed_in
@require_safe
def upload(request, uuid):
    """The bytes of one file, for those who see its case; 404 for everybody else.

    A file that was never part of a submission is the applicant's own (programmes.md §4: no peeking into
    drafts).
    """
    authority = Authority.of(request.user, request.at)
    row = get_object_or_404(Upload, uuid=uuid)
    name = row.name
    if row.application_id:
        application = get_object_or_404(
            Application.objects.visible_to(authority).select_related(*Application.related).prefetch_related("reviews"),
            pk=row.application_id,
        )
        viewer = viewer_of(application, authority)
        if viewer.helper and "materials" not in application.helper_sections(request.user):
            raise Http404
        if not (viewer.mine or viewer.helper) and not _submitted(row):
            raise Http404
        if viewer.blind:
            name = f"{application.number}-{row.material}.{row.format}"
    else:
        get_object_or_404(Designation.objects.visible_to(authority), pk=row.designation_id)
    return download(row, name)


def _submitted(row):
    revisions = Revision.objects.filter(application_id=row.application_id).values_list("files", flat=True)
    return any(file.get("uuid") == str(row.uuid) for files in revisions for file in files)


def download(row, name):
    """A response that a browser saves and never shows (RFC 6266 with the RFC 5987 name)."""
    path = storage.path_of(row.sha256)
    if not path.exists():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="application/octet-stream")
    response["Content-Disposition"] = disposition(name)
    response["Content-Length"] = path.stat().st_size
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
