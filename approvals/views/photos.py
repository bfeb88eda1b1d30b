"""Photographs of inspections, for those who read scores."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import seats
from accounts.authority import Authority
from approvals.models import Photo
from pilots.models import Application
from pilots.views.files import download
from pilots.views.viewer import SCORE_READERS, viewer_of


@seats(*SCORE_READERS)
@require_safe
def inspection_photo(request, uuid):
    """The bytes of one photograph, as a download; 404 for those who do not read this application's scores."""
    row = get_object_or_404(Photo.objects.select_related("inspection"), uuid=uuid)
    authority = Authority.of(request.user, request.at)
    application = get_object_or_404(
        Application.objects.visible_to(authority).select_related(*Application.related).prefetch_related("reviews"),
        pk=row.inspection.application_id,
    )
    if not viewer_of(application, authority).scores:
        raise Http404
    return download(row, row.name)
