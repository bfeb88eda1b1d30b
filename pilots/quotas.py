"""The quota table of a batch: the rules' number, the batch's own, and what is used, province by province."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from accounts.models import Place
from pilots.models import Application
from pilots.models import ApplicationState as A

# A recommendation that was taken back does not use a place.
_FREED = (A.WITHDRAWN, A.DEEMED_WITHDRAWN, A.DRAFT)


@dataclass(frozen=True)
class Row:
    """One province. `usual` is the rules' number, `own` the batch's, `used` how many are recommended."""

    place: Any
    usual: int | None
    own: int | None
    used: int

    @property
    def places(self) -> int | None:
        return self.usual if self.own is None else self.own


@dataclass(frozen=True)
class Change:
    """What one province's number was, what it will be, and the batch's own number that makes it so."""

    place: Any
    before: int | None
    after: int | None
    own: int | None


def provinces(day: date) -> list[Place]:
    """The units that recommend on `day`, in order of their codes."""
    rows = Place.objects.provinces().exclude(valid_to__lt=day).order_by("code", "path")
    return [place for place in rows if place.is_in_force(day)]


def used(batch: Any) -> dict[int, int]:
    """{province: how many it has recommended} through its own office; one statement."""
    rows = (
        Application.objects.filter(batch=batch, province_rank__isnull=False)
        .filter(Q(channel="") | Q(channel__in=_own_channels(batch)))
        .exclude(state__in=_FREED)
    )
    return dict(rows.order_by().values_list("province").annotate(n=Count("pk")))


def _own_channels(batch: Any) -> list[str]:
    return [one.code for one in batch.rules.recommendation.channels if one.role == "province_officer"]


def table(batch: Any, day: date) -> list[Row]:
    """The whole table; the number of statements does not depend on the number of provinces."""
    places = provinces(day)
    usual, taken = batch.usual_quotas_of(places), used(batch)
    own = {row.place_id: row.places for row in batch.quotas.all()}
    return [Row(place, usual.get(place.pk), own.get(place.pk), taken.get(place.pk, 0)) for place in places]


def changes(batch: Any, wanted: dict[Any, int | None]) -> list[Change]:
    """What would differ if the batch's own numbers were `wanted`. A number equal to the rules' is no own number."""
    usual = batch.usual_quotas_of(list(wanted))
    own = {row.place_id: row.places for row in batch.quotas.all()}
    found = []
    for place, number in wanted.items():
        kept = None if number == usual.get(place.pk) else number
        if kept != own.get(place.pk):
            before = own.get(place.pk, usual.get(place.pk))
            found.append(Change(place, before, usual.get(place.pk) if kept is None else kept, kept))
    return found
