"""What must be done by when, as the rules say; and keeping the ledger of deadlines in step with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from accounts import clock
from accounts.roles import Role
from notifications import calendars, outbox, standing
from notifications.models import Deadline, DueChange, Reminder
from notifications.rungs import plan
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
    """What changed in the ledger of deadlines: rows opened, moved (or going on after a standstill), closed."""

    opened: list[Deadline]
    moved: list[Deadline]
    closed: list[Deadline]


# Why a date moved although nobody moved it: the clock had stood still, or a year's table was loaded.
STOP_CLOCK, RECOUNT = "stop_clock", "recount"


@dataclass(frozen=True)
class Why:
    """What moved a date: the code of the act (or one of the two above), and the paper it was done on."""

    act: str = ""
    document: str = ""


def replan(case, duties: Iterable[Duty], at: datetime, why: Why | None = None) -> Plan:
    """Makes the open deadlines of `case` equal to `duties`. Running it twice changes nothing the second time."""
    wanted = {(duty.code, duty.user.pk if duty.user else None): duty for duty in duties}
    existing = {(row.code, row.user_id): row for row in Deadline.objects.of(case).unclosed()}
    gone = [row for key, row in existing.items() if key not in wanted]
    waiting = [row for row in gone if standing.stands_still(row, case)]
    pause([row for row in waiting if row.paused_on is None], at)
    closed = [row for row in gone if row not in waiting]
    if closed:
        close(closed, at)
    if not wanted:
        return Plan([], [], closed)
    calendar = calendars.current()
    scope = case.scope()
    opened, moved = [], []
    for key, duty in wanted.items():
        row = existing.get(key)
        if row is None:
            opened.append(_row(case, scope, duty, moment_of(duty, None, calendar), at))
            continue
        goes_on = row.paused_on is not None
        if goes_on:
            standing.go_on(row, clock.today(at))
        moment = moment_of(duty, row, calendar)
        if goes_on or row.due_on != moment.on or row.starts_on != standing.start(duty, row):
            _move(row, duty, moment, calendar, at, Why(STOP_CLOCK) if goes_on else why or Why())
            moved.append(row)
        elif (row.provisional, row.due_at) != (moment.provisional, moment.at):
            # The day held when its year's table came, or closes at another hour of the same day: the row is put right,
            # but nobody need be told.
            row.due_at = moment.at
            Deadline.objects.filter(pk=row.pk).update(
                provisional=moment.provisional, calendar_version=moment.calendar_version, due_at=moment.at
            )
        _keep_up(row, case, scope, duty)
    Deadline.objects.bulk_create(opened)
    Reminder.objects.bulk_create([
        Reminder(deadline=row, due_version=1, rung=rung, speaks_at=speaks_at)
        for row in opened
        for rung, speaks_at in plan(row.due_on, row.ladder, calendar, at)
    ])  # fmt: skip
    return Plan(opened, moved, closed)


def moment_of(duty: Duty, row: Deadline | None, calendar) -> Due:
    """When `duty` is due: the day that was set, or counted, past the time in which the clock of `row` stood still."""
    if duty.due is not None or row is None:
        return duty.due or due(duty.start, duty.period, calendar)
    return due(standing.start(duty, row), duty.period, calendar, standing.stops(row))


def pause(rows: list[Deadline], at: datetime) -> None:
    """The clock of these duties stands still: nothing is said and nothing happens until it goes on."""
    if rows:
        Deadline.objects.filter(pk__in=[row.pk for row in rows]).update(paused_on=clock.today(at))
        _silence([row.pk for row in rows], at)
        outbox.drop([row.uuid for row in rows if row.ladder])


def close(rows: list[Deadline], at: datetime) -> None:
    """These duties are done, or gone: nothing more is said of them, and what still waits to be sent is not sent."""
    Deadline.objects.filter(pk__in=[row.pk for row in rows]).update(closed_at=at)
    _silence([row.pk for row in rows], at)
    outbox.drop([row.uuid for row in rows if row.ladder])


def _silence(keys: list[int], at: datetime) -> None:
    rungs = Reminder.objects.filter(deadline__in=keys, state__in=[Reminder.State.WAITING, Reminder.State.OWED])
    rungs.update(state=Reminder.State.DROPPED, at=at)


def _keep_up(row: Deadline, case, scope, duty: Duty) -> None:
    """A case that was renamed, moved or handed over since keeps its deadline, under its present name and seat."""
    now = {
        "subject_label": case.label_for(duty.role)[:200], "role": str(duty.role), "place_path": scope.place_path,
        "organisation_id": scope.organisation_id, "programme": scope.programme, "label": duty.label,
        "label_en": duty.label_en, "basis": duty.basis, "period": standing.stored(duty),
        # Something was done since: what stood in the way of the system's act may be gone.
        "then_act": duty.then, "acts_at": _acts_at(row.due_at, duty), "stuck_reason": "",
    }  # fmt: skip
    different = {name: value for name, value in now.items() if getattr(row, name) != value}
    if different:
        Deadline.objects.filter(pk=row.pk).update(**different)
        for name, value in different.items():
            setattr(row, name, value)


def _acts_at(due_at: datetime, duty: Duty) -> datetime | None:
    """The first instant the system acts, after the calendar days of grace; None where it does nothing."""
    return due_at + timedelta(days=duty.period.grace) if duty.then else None


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
        period=standing.stored(duty),
        basis=duty.basis,
        provisional=moment.provisional,
        calendar_version=moment.calendar_version,
        ladder=list(duty.ladder) if duty.told else [],
        then_act=duty.then,
        acts_at=_acts_at(moment.at, duty),
        opened_at=at,
    )  # fmt: skip


def _move(row: Deadline, duty: Duty, moment: Due, calendar, at: datetime, why: Why) -> None:
    """A new date is a new version: the ladder starts again, and one message says that the date has changed."""
    before, row.due_version = row.due_on, row.due_version + 1
    row.due_on, row.due_at, row.starts_on = moment.on, moment.at, standing.start(duty, row)
    row.provisional, row.calendar_version = moment.provisional, moment.calendar_version
    row.acts_at, row.stuck_reason = _acts_at(row.due_at, duty), ""
    row.save(update_fields=[
        "due_on", "due_at", "starts_on", "provisional", "calendar_version", "due_version", "acts_at", "stuck_reason",
        "paused_on", "stops",
    ])  # fmt: skip
    _silence([row.pk], at)
    outbox.drop([row.uuid], kinds=outbox.ABOUT_TIME)
    DueChange.objects.create(
        deadline=row, due_version=row.due_version, before=before, after=row.due_on, at=at, why=why.act[:200],
        document=why.document[:200],
    )  # fmt: skip
    Reminder.objects.bulk_create([
        Reminder(deadline=row, due_version=row.due_version, rung=rung, speaks_at=speaks_at)
        for rung, speaks_at in plan(row.due_on, row.ladder, calendar, at, moved=True)
    ])  # fmt: skip
