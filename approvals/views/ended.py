"""Titles that were taken away or given up, as published (programmes.md §3 REV)."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import public
from pilots.models import Designation, DesignationState
from pilots.views.look import programme_name, state_of
from pilots.views.public import published_to

PAGE = 20
PUBLISHED = (DesignationState.REVOKED, DesignationState.EXITED, DesignationState.LAPSED)


@public
@require_safe
def ended(request):
    """Which titles do not count any more, since when, by which paper, and until when no new application is taken."""
    rows = published_to(request.user, Designation.objects.filter(state__in=PUBLISHED), batch="batch__")
    rows = rows.select_related("place", "batch__programme")
    page = Paginator(rows.defer("batch__call_text").order_by("-ended_on", "-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    shown = [
        {"site": site, "state": state_of(site), "programme": programme_name(site.batch.programme)} for site in page
    ]
    return render(request, "approvals/ended.html", {"page": page, "rows": shown, "today": clock.today()})
