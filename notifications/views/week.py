"""What goes out in the next seven days: reminders whose day comes, and messages that wait for their hour."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Count
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority, Scope
from accounts.roles import Role
from notifications import calendars
from notifications.channels import registry
from notifications.ladder import seats_of, told
from notifications.models import Deadline, Message, Reminder
from notifications.views.overseen import STAFF
from notifications.words import KINDS
from pilots.models import Programme
from pilots.views.look import deadline_label, programme_name

DAYS = 7
# Named one by one on the page; the rest of a day is counted.
PER_DAY = 40


@seats(*STAFF)
@require_safe
def week(request):
    """Seven days from now, each with what will be said, of which case, to whom."""
    authority = Authority.of(request.user, request.at)
    duties = Deadline.objects.visible_to(authority).open()
    programmes = {row.code: programme_name(row) for row in Programme.objects.filter(active=True).order_by("code")
                  if authority.seat(STAFF, Scope(programme=row.code)) is not None}  # fmt: skip
    chosen = request.GET.get("programme", "")
    if chosen and chosen not in programmes:
        raise Http404
    if chosen:
        duties = duties.filter(programme=chosen)
    first = clock.today(request.at)
    rows = list(_coming(duties, request.at))
    directory = seats_of(rows, request.at)
    by_day = defaultdict(list)
    for row in rows:
        by_day[clock.today(row.speaks_at)].append(row)
    table = calendars.current()
    days = []
    for day in (first + timedelta(days=n) for n in range(DAYS + 1)):
        mine = by_day.get(day, [])
        days.append({
            "day": day, "off": "" if table.is_working(day) else table.reason_off(day), "count": len(mine),
            "rows": [_line(row, directory, day) for row in mine[:PER_DAY]], "more": max(len(mine) - PER_DAY, 0),
        })  # fmt: skip
    return render(
        request,
        "notifications/week.html",
        {
            "days": days, "total": len(rows), "waiting": _waiting(duties, authority, request.at, chosen), "chosen": chosen,
            "programmes": list(programmes.items()),
        },
    )  # fmt: skip


def _coming(duties, at):
    """The rungs that will speak in the next seven days if nothing is done until then: of each duty and day the newest."""
    until = at + timedelta(days=DAYS)
    rows = Reminder.objects.filter(
        state__in=[Reminder.State.WAITING, Reminder.State.OWED], speaks_at__lte=until, deadline__in=duties
    )
    newest = {}
    for row in rows.select_related("deadline", "deadline__user").order_by("speaks_at", "pk"):
        newest[row.deadline_id, row.speaks_at] = row
    return newest.values()


def _line(row, directory, day):
    duty = row.deadline
    role = Role(duty.role)
    left = (duty.due_on - day).days
    kind = "reminder" if left > 0 else "due_today" if left == 0 else "overdue"
    people, above = told(row, directory)
    return {
        "duty": duty, "what": deadline_label(duty), "kind": KINDS[kind].label, "tone": {"reminder": "info"}.get(kind, "bad"),
        "role": role.label, "people": _t("、").join(str(person) for person in people[:3]), "n": len(people),
        "above": _t("、").join(str(person) for person in above[:3]),
        "vacant": not people, "code": kind,
    }  # fmt: skip


def _waiting(duties, authority, at, chosen):
    """[(kind, channel, number)] of messages that are written and wait for their hour."""
    rows = Message.objects.filter(state=Message.State.QUEUED, not_before__lte=at + timedelta(days=DAYS))
    everything = authority.seat(STAFF, Scope(programme="*")) is not None and not chosen
    if not everything:
        rows = rows.filter(duty__in=duties.values("uuid"))
    counted = rows.order_by().values_list("kind", "channel").annotate(n=Count("pk")).order_by("-n")
    labels = {code: channel.label for code, channel in registry.every().items()}
    return [
        (KINDS[kind].label if kind in KINDS else kind, labels.get(channel, channel), number)
        for kind, channel, number in counted
    ]
