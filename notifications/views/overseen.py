"""Whose engine room it is: named rows are for the staff of their programme, numbers for all of them.

What belongs to no programme, or to several, is for those who hold a seat for all programmes.
"""

from collections.abc import Iterable
from typing import Any

from accounts.authority import Authority, Scope
from accounts.roles import Role
from approvals.models import SealUse
from notifications.models import Deadline
from pilots.models import Batch

STAFF = (Role.PROGRAMME_OFFICER, Role.AUDITOR, Role.DIVISION_HEAD)
# A code no programme has: only a seat for all of them covers it.
ALL = "*"
_CASES = {"batch": Batch, "draw": Batch, "seal": SealUse, "print": SealUse}


def messages(authority: Authority, rows: Any) -> Any:
    """Of the messages `rows` those the person looks after: a queryset. A message is of its deadline's programme."""
    if authority.seat(STAFF, Scope(programme=ALL)) is not None:
        return rows
    return rows.filter(duty__in=deadlines(authority, Deadline.objects.order_by()).values("uuid"))


def deadlines(authority: Authority, rows: Any) -> Any:
    """Of the deadlines `rows` those of the person's programmes: a queryset."""
    return rows.filter(authority.programmes(*STAFF, field="programme"))


def cases_of(groups: Iterable[str]) -> dict[str, Any]:
    """{group of a work: the batch or request it belongs to}, with its programme; two statements at most."""
    asked = [(group, *group.partition(":")[::2]) for group in set(groups)]
    rows: dict[str, Any] = {}
    for model in (Batch, SealUse):
        uuids = {uuid for _group, kind, uuid in asked if _CASES.get(kind) is model}
        if uuids:
            rows |= {str(row.uuid): row for row in model.objects.filter(uuid__in=uuids).select_related("programme")}
    return {group: rows[uuid] for group, _kind, uuid in asked if uuid in rows}


def looks_after(authority: Authority, case: Any, *roles: Role) -> bool:
    """True where the person holds one of `roles` for the programme of a work's case; None: it belongs to none."""
    return authority.seat(roles, Scope(programme=case.programme.code if case is not None else ALL)) is not None
