"""Reminders. `climb(at)` may run 0..n times by anyone: only the newest rung speaks (design/trust.md §5).

Two steps. `reach` marks, in two statements whatever the number of rows, which rungs have come and which of them newer
ones overtook; its cost is that of what is due. `speak` writes the messages, in batches: a batch and the mark that it
was spoken are one transaction, so a kill in between loses neither and says nothing twice.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts import clock
from accounts.authority import Scope
from accounts.holders import Directory
from accounts.roles import Role
from notifications import outbox, wordings
from notifications.models import Deadline, Reminder
from notifications.rungs import UP

# Whom a late duty is reported to (the level above).
ABOVE: dict[Role, Role] = {
    Role.APPLICANT_CONTACT: Role.APPLICANT_LEADER,
    Role.APPLICANT_LEADER: Role.PROVINCE_OFFICER,
    Role.PREFECTURE_OFFICER: Role.PROVINCE_OFFICER,
    Role.PROVINCE_OFFICER: Role.PROVINCE_LEADER,
    Role.PROVINCE_LEADER: Role.PROGRAMME_OFFICER,
    Role.EXPERT: Role.EXPERT_SECRETARY,
    Role.EXPERT_SECRETARY: Role.PROGRAMME_OFFICER,
    Role.FORMALITY_CHECKER: Role.PROGRAMME_OFFICER,
    Role.PUBLICITY_OFFICER: Role.PROGRAMME_OFFICER,
    Role.OBJECTION_HANDLER: Role.DIVISION_HEAD,
    Role.DOCUMENT_CLERK: Role.PROGRAMME_OFFICER,
    Role.ACCEPTANCE_LEAD: Role.PROGRAMME_OFFICER,
    Role.COUNTERSIGNER: Role.DIVISION_HEAD,
    Role.SURVEY_CONTRACTOR: Role.PROGRAMME_OFFICER,
    Role.PROGRAMME_OFFICER: Role.DIVISION_HEAD,
    Role.DIVISION_HEAD: Role.LEADER,
    Role.SYSTEM_ADMIN: Role.AUDITOR,
    Role.SECURITY_ADMIN: Role.AUDITOR,
}
# Who appoints the panel at the end of a site's term: one of these, as its rules say. An empty chair is theirs to fill.
CHAIRS = (Role.ACCEPTANCE_LEAD, Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
BATCH = 500


def climb(at: datetime, limit: int = 5000) -> int:
    """Speaks the newest rung of every open deadline that has come to one. Returns how many reminders were spoken."""
    reach(at)
    spoken = 0
    while spoken < limit and (more := speak(at, min(BATCH, limit - spoken))):
        spoken += more
    return spoken


def reach(at: datetime) -> int:
    """Marks the rungs whose instant has come: the newest of each deadline is owed, older ones are superseded.

    Returns how many are newly owed.
    """
    come = Reminder.objects.reached(at)
    if not come.exists():
        return 0
    same = come.filter(deadline=OuterRef("deadline"), due_version=OuterRef("due_version"))
    newer = same.filter(
        Q(speaks_at__gt=OuterRef("speaks_at")) | Q(speaks_at=OuterRef("speaks_at"), pk__gt=OuterRef("pk"))
    )
    with transaction.atomic():
        come.filter(Exists(newer)).update(state=Reminder.State.SUPERSEDED, at=at)
        return come.update(state=Reminder.State.OWED)


def speak(at: datetime, limit: int = BATCH) -> int:
    """Writes the messages of up to `limit` owed rungs; returns how many rungs were dealt with."""
    if not Reminder.objects.filter(state=Reminder.State.OWED).exists():
        return 0
    with transaction.atomic():
        # What somebody else is speaking of right now is theirs (on SQLite the transaction itself is the lock).
        locked = {"skip_locked": True, "of": ("self",)} if connection.features.has_select_for_update_skip_locked else {}
        owed = list(
            Reminder.objects.filter(state=Reminder.State.OWED).select_for_update(**locked)
            .select_related("deadline", "deadline__user").order_by("pk")[:limit]
        )  # fmt: skip
        if not owed:
            return 0
        newest = _newest(owed)
        fate = defaultdict(list)
        for row in owed:
            fate[_fate(row, newest)].append(row)
        outbox.put(_said(fate[Reminder.State.SPOKEN], at))
        for state, rows in fate.items():
            Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, at=at)
    return len(owed)


def _newest(owed: list[Reminder]) -> dict[int, tuple]:
    """By deadline, the newest rung that is owed or was spoken under its present date.

    A sweep that died between marking and speaking leaves a rung owed; by now a newer one may have come.
    """
    rows = Reminder.objects.filter(
        deadline__in={row.deadline_id for row in owed}, due_version=F("deadline__due_version"),
        state__in=[Reminder.State.OWED, Reminder.State.SPOKEN],
    )  # fmt: skip
    found: dict[int, tuple] = {}
    for deadline, speaks_at, pk in rows.values_list("deadline", "speaks_at", "pk"):
        found[deadline] = max(found.get(deadline, (speaks_at, pk)), (speaks_at, pk))
    return found


def _fate(row: Reminder, newest: dict[int, tuple]) -> str:
    duty = row.deadline
    if duty.closed_at is not None or row.due_version != duty.due_version:
        return Reminder.State.DROPPED
    return Reminder.State.SPOKEN if (row.speaks_at, row.pk) == newest[duty.pk] else Reminder.State.SUPERSEDED


def _said(rows: list[Reminder], at: datetime) -> list:
    """The messages of these rungs; what waits of older rungs of the same duties is taken back."""
    if not rows:
        return []
    outbox.drop([row.deadline.uuid for row in rows], kinds=outbox.ABOUT_TIME)
    today = clock.today(at)
    seats, book = seats_of(rows, at), wordings.book()
    return [message for row in rows for message in _messages(row, seats, book, today, at)]


def _messages(row: Reminder, seats: Directory, book: wordings.Book, today, at: datetime) -> list:
    duty: Deadline = row.deadline
    late_by = (today - duty.due_on).days
    people, above = told(row, seats)
    kind = "overdue" if late_by > 0 else "due_today" if late_by == 0 else "reminder"
    key = f"{duty.uuid}:{row.due_version}:{row.rung}"
    more = {"url": duty.subject_url, "duty": duty, "book": book, **outbox.about(duty, late_by)}
    rows = outbox.write(kind, key, people, at, **more)
    if row.rung.startswith(UP) or not people:
        rows += outbox.write("escalation" if people else "vacant", f"{key}:up", above, at, **more)
    return rows


def told(row: Reminder, seats: Directory) -> tuple[list, list]:
    """(holders, people of the level above) who hear of a rung.

    The level above hears of what is late, and of a seat nobody sits in: a deadline nobody hears of is a missed one.
    Whoever sits in both seats hears it once, and the next level up hears it as well.
    """
    duty: Deadline = row.deadline
    people = seats.of(Role(duty.role), duty.scope())
    if duty.user_id:
        # Whoever was to do it, while they still can: an account may be off, a seat may have ended on its day.
        people = [person for person in people if person == duty.user]
    if people and not row.rung.startswith(UP):
        return people, []
    for role in levels(Role(duty.role)):
        above = [person for person in seats.of(role, duty.scope()) if person not in people]
        if above:
            return people, above
    return people, []


def left_behind(person, at: datetime) -> list:
    """Messages to the level above about what only `person` could do and cannot any more; not saved.

    Reminders would say the same at their next rung (`told`); whoever leaves in the middle of it is not waited for.
    """
    from notifications.orphans import orphans  # noqa: PLC0415 - it asks for the levels of this module

    duties = list(orphans(Deadline.objects.filter(user=person), at).order_by("pk"))
    if not duties:
        return []
    scopes = {duty.scope() for duty in duties}
    seats = Directory(with_levels(Role(duty.role) for duty in duties) | set(CHAIRS), at, scopes)
    found, book = [], wordings.book()
    for duty in duties:
        above = over(Role(duty.role), duty.subject_model, duty.scope(), seats)
        key = f"{duty.uuid}:{duty.due_version}:left:{person.pk}"
        found += outbox.write(
            "vacant", key, above, at, url=duty.subject_url, duty=duty, book=book, **outbox.about(duty)
        )
    return found


def over(role: Role, subject_model: str, scope: Scope, seats: Directory, gone: Container[tuple[int, str]] = ()) -> list:
    """The people of the nearest level above a seat that has anybody, besides `gone` (person, role); for a member of a
    site's panel, those who appoint it. `seats` must have read these roles and `CHAIRS`."""

    def there(role: Role) -> list:
        return [person for person in seats.of(role, scope) if (person.pk, str(role)) not in gone]

    if on_panel(role, subject_model):
        chairs = [person for chair in CHAIRS for person in there(chair)]
        if chairs:
            return list(dict.fromkeys(chairs))
    return next((people for people in map(there, levels(role)) if people), [])


def on_panel(role: str, subject_model: str) -> bool:
    """True for what a member of the panel at the end of a site's term has to do."""
    return role == Role.EXPERT and subject_model == "pilots.designation"


def levels(role: Role) -> Iterator[Role]:
    """The levels above a role, the nearest first."""
    while (role := ABOVE.get(role)) is not None:
        yield role


def seats_of(rows: Iterable[Reminder], at: datetime) -> Directory:
    """Everybody who may have to be told of these rungs: holders and all levels above them; one query."""
    return Directory(with_levels(Role(row.deadline.role) for row in rows), at)


def with_levels(roles: Iterable[Role]) -> set[Role]:
    """These roles and all levels above them."""
    return {one for role in roles for one in (role, *levels(role))}
