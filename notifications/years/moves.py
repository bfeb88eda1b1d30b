"""Which deadlines a new table moves: looked at before it is loaded, carried out after."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.apps import apps
from django.db.models import Q

from notifications import calendars
from notifications.duties import moment_of
from notifications.models import Deadline
from notifications.standing import period_of, stops
from notifications.workdays.arithmetic import Due, due
from notifications.workdays.days import Calendar

# (model label, uuid) of a case.
Case = tuple[str, UUID]
# Cases a preview asks one by one; each costs a few statements.
MOST_ASKED = 200


@dataclass(frozen=True)
class Moves:
    """What a table would do: deadlines and cases counted again, those that move (row, new day), those only settled."""

    deadlines: int
    cases: int
    moving: tuple[tuple[Deadline, date], ...]
    settled: int
    # Cases that were not asked here because there are too many; the loading counts them as well.
    unasked: int = 0


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
    """What would move if `calendar` were the calendar. Reads only; the same rules count as afterwards.

    What was counted is counted again from its row, without asking the case; a day that was set asks its case, and of
    those at most `MOST_ASKED` (the loading itself counts all of them).
    """
    now = calendars.current()
    rows = list(concerned(changed).order_by("subject_model", "subject_uuid", "due_on"))
    found: dict[int, Due] = {}
    asked: dict[Case, list[Deadline]] = {}
    for row in rows:
        if _again(row, now) == row.due_on:
            found[row.pk] = due(row.starts_on, period_of(row), calendar, stops(row))
        else:
            asked.setdefault((row.subject_model, row.subject_uuid), []).append(row)
    with calendars.using(calendar):
        for (label, uuid), mine in islice(asked.items(), MOST_ASKED):
            found |= _asked(label, uuid, mine, calendar, at)
    moving = [(row, found[row.pk].on) for row in rows if row.pk in found and found[row.pk].on != row.due_on]
    gone_on = {row.pk for row, _day in moving}
    settled = sum(
        row.provisional and row.pk in found and not found[row.pk].provisional and row.pk not in gone_on for row in rows
    )
    cases_of = {(row.subject_model, row.subject_uuid) for row in rows}
    return Moves(len(rows), len(cases_of), tuple(moving), settled, max(0, len(asked) - MOST_ASKED))


def _again(row: Deadline, calendar: Calendar) -> date | None:
    """The day the row's own period gives, None where the day was set."""
    if row.period.get("fixed"):
        return None
    return due(row.starts_on, period_of(row), calendar, stops(row)).on


def _asked(label: str, uuid: UUID, rows: list[Deadline], calendar: Calendar, at: datetime) -> dict[int, Due]:
    model = apps.get_model(label)
    case = model._default_manager.select_related(*model.related).filter(uuid=uuid).first()
    if case is None:
        return {}
    by_key = {(row.code, row.user_id): row for row in rows}
    duties = [(by_key.get((duty.code, duty.user.pk if duty.user else None)), duty) for duty in case.duties(at)]
    return {row.pk: moment_of(duty, row, calendar) for row, duty in duties if row is not None}
