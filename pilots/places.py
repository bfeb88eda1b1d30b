"""A place that is renamed or merged: the successor is filed once, and everything that hangs on the place follows."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Grant, Place
from accounts.roles import REACH, Reach


def rename(place: Place, name: str, short_name: str, valid_from: date, *, kind: str = "", code: str = "") -> Place:
    """A new place in the old one's stead from `valid_from` on; places below it come along. Returns the new one."""
    with transaction.atomic():
        end(place, valid_from)
        new = Place.objects.create(
            name=name, short_name=short_name, kind=kind or place.kind, parent=place.parent,
            code=code or place.code, valid_from=valid_from,
        )  # fmt: skip
        _adopt(place, new)
    return new


def merge(place: Place, into: Place, valid_from: date) -> Place:
    """`place` goes on as a part of `into` from `valid_from` on. Returns `into`."""
    with transaction.atomic():
        end(place, valid_from)
        _adopt(place, into)
    return into


def end(place: Place, valid_from: date) -> None:
    """The last day of a place is the one before its successor begins."""
    place.valid_to = date.fromordinal(valid_from.toordinal() - 1)
    Place.objects.filter(pk=place.pk).update(valid_to=place.valid_to)


def _adopt(place: Place, new: Place) -> None:
    place.successor = new
    Place.objects.filter(pk=place.pk).update(successor=new)
    for child in Place.objects.filter(parent=place, valid_to__isnull=True):
        child.parent = new
        child.save()


def lend_reach(old: Place, new: Place, *, by: Any, at: datetime) -> int:
    """Officers of the old place reach the new one, too: papers of both are theirs. Returns how many seats."""
    roles = [role for role, reach in REACH.items() if reach is Reach.PLACE]
    known = set(Grant.objects.in_force(at).filter(place=new).values_list("user_id", "role", "programme"))
    rows = [
        Grant(user_id=row.user_id, role=row.role, place=new, programme=row.programme, valid_from=at,
              valid_to=row.valid_to, granted_by=by)
        for row in Grant.objects.in_force(at).filter(place=old, role__in=roles, source__isnull=True)
        if (row.user_id, row.role, row.programme) not in known
    ]  # fmt: skip
    Grant.objects.bulk_create(rows)
    return len(rows)
