"""The ground a walk stands on: places, calendar, published rules, people. Idempotent."""

from datetime import datetime
from io import StringIO

from django.core.management import call_command

from accounts.models import Place
from config.demo.cast import Cast, kind_for
from notifications.models import WorkCalendar
from pilots.models import Programme


def ground(at: datetime) -> Cast:
    """Places, working days, programmes and staff; returns the people."""
    # `play --json` prints one object and nothing else.
    quiet = StringIO()
    if not Place.objects.exists():
        call_command("import_divisions", stdout=quiet)
    if not WorkCalendar.objects.exists():
        call_command("load_calendar", stdout=quiet)
    call_command("programmes", "publish", "--all", stdout=quiet)
    return Cast(at).hire()


def first_place(programme: Programme, cast: Cast) -> Place:
    """A place that may apply: the one `play` walks with."""
    applicants = programme.current.rules.applicants
    first = Place.objects.filter(name__in=("上海市徐汇区", "徐汇区", "绵阳市", "洛阳市"), valid_to__isnull=True)
    others = Place.objects.filter(valid_to__isnull=True).exclude(kind=Place.Kind.NATION).order_by("pk")
    for place in (*first, *others):
        if kind_for(place, applicants.kinds) and place.kind in (applicants.place_kinds or [place.kind]):
            return place
    raise LookupError(f"no place here may apply for {programme.code}")
