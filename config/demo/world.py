"""The ground a walk stands on: places, calendar, published rules, people. Idempotent."""

from datetime import datetime
from io import StringIO

from django.core.management import call_command

from accounts.models import Place
from config.demo.cast import Cast
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
    rules = programme.current.rules
    for name in ("上海市徐汇区", "徐汇区", "绵阳市", "洛阳市"):
        place = Place.objects.filter(name=name, valid_to__isnull=True).first()
        if place is None:
            continue
        _body, kind = _kind(place, rules)
        if kind in rules.applicants.kinds and (
            not rules.applicants.place_kinds or place.kind in rules.applicants.place_kinds
        ):
            return place
    return Place.objects.filter(kind__in=rules.applicants.place_kinds or ["prefecture_city"]).order_by("pk").first()


def _kind(place, rules):
    from config.demo.cast import body_of  # noqa: PLC0415

    return body_of(place, "institution" if rules.applicants.kinds == ["institution"] else None)
