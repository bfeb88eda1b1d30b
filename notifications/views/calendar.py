"""The deadlines of what I may see: a month, a list, and a file for calendar programs."""

import calendar as months
from datetime import timedelta

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from notifications import calendars, feeds
from notifications.models import Deadline
from notifications.workdays.arithmetic import add_months

MOST = 200


@signed_in
@require_safe
def calendar(request):
    """One month of open deadlines, and the same as a list. A wrong month falls back to this one."""
    today = clock.today(request.at)
    first = clock.month_of(request.GET.get("month", "")) or today.replace(day=1)
    last = first.replace(day=months.monthrange(first.year, first.month)[1])
    rows = list(
        Deadline.objects.visible_to(Authority.of(request.user))
        .open()
        .filter(due_on__range=(first, last))
        .order_by("due_on", "pk")[:MOST]
    )
    table = calendars.current()
    days = [first + timedelta(days=n) for n in range(last.day)]
    for row in rows:
        row.shown = feeds.label(row)
    context = {
        "rows": rows,
        "first": first,
        "today": today,
        "items": [
            {"date": row.due_on, "label": f"{row.shown} · {row.subject_label}", "url": row.get_absolute_url(),
             "tone": "bad" if row.due_on < today else ""}
            for row in rows
        ],
        "off": {day: table.reason_off(day) for day in days if day.weekday() < 5 and not table.is_working(day)},
        "work": {day for day in days if table.is_made_up(day)},
        "previous": f"?month={add_months(first, -1):%Y-%m}",
        "next": f"?month={add_months(first, 1):%Y-%m}",
        "provisional": not table.covers(first),
    }  # fmt: skip
    return render(request, "notifications/calendar.html", context)


@signed_in
@require_safe
def ics(request):
    """My open duties as an iCalendar file (RFC 5545), one all-day event each."""
    return feed_of(Authority.of(request.user), request)


def feed_of(authority, request=None):
    """The open duties of somebody's own seats as an iCalendar response, at most a thousand."""
    mine = Deadline.objects.visible_to(authority).filter(role__in=authority.roles)
    return feed_response(mine.filter(Q(user=None) | Q(user=authority.user)), _("试点通期限"), request)


def feed_response(rows, name, request=None):
    """A queryset of deadlines as a calendar file; 304 for a program that has this very text already."""
    data = feeds.written(feeds.rows_for(rows), name)
    response = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="deadlines.ics"'
    response["ETag"] = feeds.etag_of(data)
    return get_conditional_response(request, etag=response["ETag"], response=response) if request else response
