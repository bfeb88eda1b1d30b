"""What must be done by when, as the rules say; and keeping the ledger of deadlines in step with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F

from accounts.roles import Role
from notifications import calendars
from notifications.models import Deadline
from notifications.workdays.arithmetic import Due, Period, due


@dataclass(frozen=True)
class Duty:
    """One obligation of one holder, counted from `start`. Two duties are the same when code and person are."""

    code: str
    label: str
    label_en: str
    role: Role
    start: date
    period: Period
    ladder: tuple[int, ...] = ()
    then: str = ""
    basis: str = ""
    user: Any = None
    # A day fixed elsewhere (the printed end of a term, the closing of a window) instead of one that is counted.
    due: Due | None = None
    # False: a wait of the system; nobody is told, nobody is reminded.
    told: bool = True
    facts: dict = field(default_factory=dict, compare=False)


def fixed(on: date, at: datetime, *, provisional: bool = False) -> Due:
    """A due date that was set, not counted: last permitted day, and the first instant that is too late."""
    return Due(on, at, provisional, "", (), (), on)


@dataclass
class Plan:
    """What changed in the ledger of deadlines: rows opened, moved, closed."""

    opened: list[Deadline]
    moved: list[Deadline]
    closed: list[Deadline]


def replan(case, duties: Iterable[Duty], at: datetime) -> Plan:
    """Makes the open deadlines of `case` equal to `duties`. Running it twice changes nothing the second time."""
    wanted = {(duty.code, duty.user.pk if duty.user else None): duty for duty in duties}
    existing = {(row.code, row.user_id): row for row in Deadline.objects.of(case).open()}
    closed = [row for key, row in existing.items() if key not in wanted]
    if closed:
        Deadline.objects.filter(pk__in=[row.pk for row in closed]).update(closed_at=at)
    if not wanted:
        return Plan([], [], closed)
    calendar = calendars.current()
    scope = case.scope()
    opened, moved = [], []
    for key, duty in wanted.items():
        moment = duty.due or due(duty.start, duty.period, calendar)
        row = existing.get(key)
        if row is None:
            opened.append(_row(case, scope, duty, moment, at))
        elif row.due_on != moment.on or row.starts_on != duty.start:
            _move(row, duty, moment)
            moved.append(row)
        elif row.provisional != moment.provisional:
            # The date held when its year's table came: nobody need be told, but the mark goes.
            Deadline.objects.filter(pk=row.pk).update(
                provisional=moment.provisional, calendar_version=moment.calendar_version
            )
    Deadline.objects.bulk_create(opened)
    return Plan(opened, moved, closed)


def _row(case, scope, duty: Duty, moment: Due, at: datetime) -> Deadline:
    return Deadline(
        subject_model=case._meta.label_lower,
        subject_uuid=case.uuid,
        subject_label=case.label_for(duty.role)[:200],
        subject_url=case.get_absolute_url(),
        code=duty.code,
        label=duty.label,
        label_en=duty.label_en,
        role=duty.role,
        place_path=scope.place_path,
        organisation_id=scope.organisation_id,
        programme=scope.programme,
        user=duty.user,
        due_on=moment.on,
        due_at=moment.at,
        starts_on=duty.start,
        period={"n": duty.period.n, "unit": duty.period.unit, "count_first_day": duty.period.count_first_day,
                "roll": duty.period.roll},
        basis=duty.basis,
        provisional=moment.provisional,
        calendar_version=moment.calendar_version,
        ladder=list(duty.ladder) if duty.told else [],
        then_act=duty.then,
        opened_at=at,
    )  # fmt: skip


def _move(row: Deadline, duty: Duty, moment: Due) -> None:
    """A new date is a new version: the ladder starts again, and one message says that the date has changed."""
    Deadline.objects.filter(pk=row.pk).update(
        due_on=moment.on,
        due_at=moment.at,
        starts_on=duty.start,
        provisional=moment.provisional,
        calendar_version=moment.calendar_version,
        due_version=F("due_version") + 1,
    )
    row.due_on, row.due_at, row.due_version = moment.on, moment.at, row.due_version + 1
