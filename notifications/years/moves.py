"""Which deadlines a new table moves: looked at before it is loaded, carried out after."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.apps import apps
from django.db.models import Q

from notifications import calendars
from notifications.duties import moment_of
from notifications.models import Deadline
from notifications.workdays.days import Calendar

# (model label, uuid) of a case.
Case = tuple[str, UUID]


@dataclass(frozen=True)
class Moves:
    """What a table would do: deadlines and cases counted again, those that move (row, new day), those only settled."""

    deadlines: int
    cases: int
    moving: tuple[tuple[Deadline, date], ...]
    settled: int


def concerned(changed: Collection[date] = ()):
    """Open deadlines whose day may be another one: provisional ones, and those whose time covers a changed day."""
    rows = Q(provisional=True)
    if changed:
        rows |= Q(starts_on__lte=max(changed), due_on__gte=min(changed))
    return Deadline.objects.open().filter(rows)


def cases(changed: Collection[date] = ()) -> list[Case]:
    """The cases of these deadlines, in a steady order."""
    rows = concerned(changed).order_by("subject_model", "subject_uuid")
    return list(rows.values_list("subject_model", "subject_uuid").distinct())


def preview(calendar: Calendar, changed: Collection[date], at: datetime) -> Moves:
    """What would move if `calendar` were the calendar. Reads only; the same rules count as afterwards."""
    rows = list(concerned(changed).order_by("subject_model", "subject_uuid", "due_on"))
    moving, settled, known = [], 0, 0
    with calendars.using(calendar):
        for (label, uuid), group in groupby(rows, key=lambda row: (row.subject_model, row.subject_uuid)):
            known += 1
            mine = list(group)
            wanted = {(code, user): moment for code, user, moment in _moments(label, uuid, mine, calendar, at)}
            for row in mine:
                moment = wanted.get((row.code, row.user_id))
                if moment is None:
                    continue
                if moment.on != row.due_on:
                    moving.append((row, moment.on))
                elif row.provisional and not moment.provisional:
                    settled += 1
    return Moves(len(rows), known, tuple(moving), settled)


def _moments(label: str, uuid: UUID, rows: list[Deadline], calendar: Calendar, at: datetime) -> Iterator[tuple]:
    model = apps.get_model(label)
    case = model._default_manager.select_related(*model.related).filter(uuid=uuid).first()
    if case is None:
        return
    by_key = {(row.code, row.user_id): row for row in rows}
    for duty in case.duties(at):
        key = (duty.code, duty.user.pk if duty.user else None)
        if key in by_key:
            yield *key, moment_of(duty, by_key[key], calendar)
