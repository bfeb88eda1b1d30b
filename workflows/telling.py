"""Who is told of what an act has done: those who have new work, and those it was about."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from accounts.acts import Deed
from accounts.holders import holders
from accounts.roles import Role
from notifications import outbox
from notifications.duties import Plan
from notifications.models import Message

# Outcomes the applicant hears of, whoever has new work because of them.
TO_APPLICANT = frozenset({
    "recommend", "decline", "return_to_applicant", "accept", "ask_supplement", "reject", "deem_withdrawn",
    "not_select", "list_as_proposed", "hold", "release", "remove", "approve", "conclude", "revoke", "deem_waived",
    "deem_exited", "fail_rectification", "issue",
})  # fmt: skip


def of_plan(case: Any, plan: Plan, at: datetime) -> list[Message]:
    """Messages about duties that opened or moved."""
    told = [row for row in plan.opened if row.ladder]
    changed = [row for row in plan.moved if row.ladder]
    if not told and not changed:
        return []
    roles = {Role(row.role) for row in (*told, *changed) if row.user_id is None}
    found = holders(roles, case.scope(), at) if roles else {}
    rows: list[Message] = []
    for kind, deadlines in (("duty_opened", told), ("date_changed", changed)):
        for row in deadlines:
            people = [row.user] if row.user_id else found.get(Role(row.role), [])
            key = f"{kind}:{row.uuid}:{row.due_version}"
            rows += outbox.write(kind, key, people, at, url=row.subject_url, **outbox.about(row))
    return rows


def of_outcome(case: Any, act: Any, deed: Deed, entry: Any) -> list[Message]:
    """Messages to the applicant about what became of their case."""
    if act.code not in TO_APPLICANT or case._meta.label_lower == "pilots.batch":
        return []
    people = list(_unique(holders((Role.APPLICANT_LEADER, Role.APPLICANT_CONTACT), case.scope(), deed.at)))
    return outbox.write(
        "outcome", f"outcome:{entry.case_uuid}:{entry.seq}", people, deed.at, url=case.get_absolute_url(),
        case=case, done=act.done, reason=deed.reason,
    )  # fmt: skip


def _unique(found: dict[Role, list[Any]]) -> Iterator[Any]:
    seen = set()
    for people in found.values():
        for user in people:
            if user.pk not in seen:
                seen.add(user.pk)
                yield user
