"""One box for everything: numbers, places, bodies, initials."""

from django.db.models import Q
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from pilots.models import Application, Batch, Designation
from pilots.views.applications import matching
from pilots.views.look import programme_name, state_of
from pilots.views.viewer import blind_reviewer

MOST = 10
LONGEST = 60


@signed_in
@require_safe
def search(request):
    """Applications, sites and batches within this person's sight that match `q`; ten of each at most."""
    query = request.GET.get("q", "").strip().replace("\x00", "")[:LONGEST]
    authority = Authority.of(request.user, request.at)
    groups = _find(query, authority) if query else {}
    return render(
        request,
        "pilots/search.html",
        {
            "query": query,
            "total": sum(len(rows) for rows in groups.values()),
            "today": clock.today(request.at),
            **groups,
        },
    )


def _find(query, authority):
    applications = (
        Application.objects.visible_to(authority)
        .filter(matching(query))
        .select_related("place", "organisation", "batch__programme", "batch__rules_version", "rules_version")
        .prefetch_related("reviews")
        .defer("answers")
        .order_by("-pk")[:MOST]
    )
    sites = (
        Designation.objects.visible_to(authority)
        .filter(matching(query, more=("holder_name", "former_names__name")))
        .select_related("place", "batch__programme")
        .order_by("-pk")[:MOST]
    )
    batches = (
        Batch.objects.visible_to(authority)
        .filter(
            Q(number__icontains=query)
            | Q(title__icontains=query)
            | Q(title_en__icontains=query)
            | Q(call_number__icontains=query)
            | Q(document_number__icontains=query)
            | Q(programme__name__icontains=query)
        )
        .select_related("programme")
        .order_by("-opens_on", "-pk")[:MOST]
    )
    return {
        # Found by its place, an application would tell a blind reviewer whose it is.
        "applications": [
            _row(row) | {"blind": blind_reviewer(row, authority)}
            for row in applications
            if not blind_reviewer(row, authority) or query == row.number
        ],
        "sites": [_row(row) for row in sites],
        "batches": [
            {"case": row, "state": state_of(row), "programme": programme_name(row.programme)} for row in batches
        ],
    }


def _row(case):
    return {"case": case, "state": state_of(case), "programme": programme_name(case.batch.programme)}
