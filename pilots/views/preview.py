"""The last page of the form: everything to read, what is still missing, and the way to submit."""

from django.http import HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock
from accounts.authority import Authority
from pilots.acts.collaboration import parts_of
from pilots.completeness import missing
from pilots.views import answers
from pilots.views.offers import panel_for
from pilots.views.sidebar import sidebar
from pilots.views.viewer import viewer_of

# What one can do from here; everything else is on the page of the application.
FROM_HERE = ("submit", "supplement", "invite", "uninvite", "withdraw")


def helpers_of(application):
    """Those who were asked to help, each with `.parts` in words."""
    names = dict(parts_of(application.rules))
    rows = list(application.collaborators.filter(removed_at__isnull=True).select_related("user"))
    for row in rows:
        row.parts = _("、").join(names.get(code, code) for code in row.sections)
    return rows


def preview(request, application):
    """Read-only view of a draft."""
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET"])
    viewer = viewer_of(application, Authority.of(request.user, request.at))
    kept = {}
    for row in application.uploads.all():
        if row.replaced_at is None:
            kept.setdefault(row.material, row)
    return render(
        request,
        "pilots/preview.html",
        {
            "case": application,
            "sections": answers.read(application.rules, application.answers),
            "files": [
                {"material": material, "file": kept.get(material.code)} for material in application.rules.materials
            ],
            "helpers": helpers_of(application),
            "missing": [
                {
                    "text": item.text,
                    "url": reverse("application_edit", args=[application.uuid, item.section])
                    + (f"#id_{item.field}" if item.section == "materials" else f"?check=1#id_{item.field}"),
                }
                for item in missing(application)
            ],
            "offers": [offer for offer in panel_for(application, viewer, request.at) if offer["code"] in FROM_HERE],
            "today": clock.today(request.at),
            **sidebar(application, "preview", request.at, request.user),
        },
    )
