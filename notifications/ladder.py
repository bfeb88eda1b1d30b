"""Reminders. `climb(at)` may run 0..n times by anyone: only the newest rung speaks (design/trust.md §5)."""

from datetime import date, datetime, timedelta

from accounts import clock
from accounts.authority import Scope
from accounts.holders import holders
from accounts.roles import Role
from notifications import outbox
from notifications.models import Deadline, Reminder

# No ladder reaches further ahead than the schema allows (pilots.rules.stages).
FURTHEST = timedelta(days=400)

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
    Role.PROGRAMME_OFFICER: Role.DIVISION_HEAD,
    Role.DIVISION_HEAD: Role.LEADER,
}


def rungs_reached(due_on: date, ladder: list[int], today: date) -> list[int]:
    """The rungs (days relative to the due day) whose day has come, oldest first."""
    return [rung for rung in sorted(ladder) if (today - due_on).days >= rung]


def climb(at: datetime, limit: int = 1000) -> int:
    """Speaks the newest rung of every open deadline that has one unspoken; older ones are recorded as
    superseded. Returns how many reminders were spoken."""
    today = clock.today(at)
    rows = list(
        Deadline.objects.open()
        .exclude(ladder=[])
        .filter(due_at__lte=at + FURTHEST)
        .select_related("user")
        .prefetch_related("reminders")[:limit]
    )
    spoken = 0
    for row in rows:
        known = {reminder.rung for reminder in row.reminders.all() if reminder.due_version == row.due_version}
        reached = rungs_reached(row.due_on, row.ladder, today)
        # A rung that had passed before the duty existed was never owed to anybody.
        opened = (clock.today(row.opened_at) - row.due_on).days
        fresh = [rung for rung in reached if rung not in known and rung >= opened]
        if not fresh:
            continue
        *older, newest = fresh
        made = Reminder.objects.bulk_create(
            [
                Reminder(deadline=row, due_version=row.due_version, rung=rung, at=at, outcome=outcome)
                for rung, outcome in [(rung, Reminder.Outcome.SUPERSEDED) for rung in older]
                + [(newest, Reminder.Outcome.SPOKEN)]
            ],
            ignore_conflicts=True,
        )
        if made:
            _speak(row, newest, (today - row.due_on).days, at)
            spoken += 1
    return spoken


def _speak(row: Deadline, rung: int, late_by: int, at: datetime) -> None:
    scope = Scope(row.place_path, row.organisation_id, row.programme, frozenset([row.user_id] if row.user_id else ()))
    role = Role(row.role)
    above = ABOVE.get(role) if late_by > 0 else None
    found = holders([role, above] if above else [role], scope, at)
    people = [row.user] if row.user_id else found.get(role, [])
    kind = "overdue" if late_by > 0 else "due_today" if late_by == 0 else "reminder"
    key = f"{row.uuid}:{row.due_version}:{rung}"
    rows = outbox.write(kind, key, people, at, url=row.subject_url, **outbox.about(row, late_by))
    if above:
        rows += outbox.write(
            "escalation", f"{key}:up", found.get(above, []), at, url=row.subject_url, **outbox.about(row, late_by)
        )
    outbox.put(rows)
