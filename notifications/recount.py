"""When a year's table is loaded, the dates it touches are counted again and the people concerned told once."""

import logging
from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.holders import holders
from accounts.roles import Role
from notifications import outbox
from notifications.duties import RECOUNT, Why, replan
from notifications.jobs import enqueue, handles, job
from notifications.models import Job
from notifications.years.moves import Case, cases

log = logging.getLogger(__name__)

KIND = "recount"
CHUNK = 50


def recount(at: datetime, changed: Collection[date] = ()) -> tuple[int, int]:
    """Counts again, here and now, the open deadlines that are provisional or cover a `changed` day.

    Returns (cases looked at, dates moved); a second run moves none.
    """
    found = cases(changed)
    return len(found), sum(recount_case(label, uuid, at) for label, uuid in found)


def recount_case(label: str, uuid, at: datetime) -> int:
    """Counts the deadlines of one case again; returns how many moved."""
    model = apps.get_model(label)
    with transaction.atomic():
        rows = model._default_manager.select_for_update(of=("self",)).select_related(*model.related)
        case = rows.filter(uuid=uuid).first()
        if case is None:
            return 0
        plan = replan(case, case.duties(at), at, Why(RECOUNT))
        for row in plan.moved:
            if row.ladder:
                outbox.put(_told(case, row, at))
    return len(plan.moved)


def jobs_for(found: Iterable[Case], group: str, at: datetime) -> list[Job]:
    """Durable jobs that count these cases again, fifty in each; not saved."""
    names = [[label, str(uuid)] for label, uuid in found]
    return [
        job(KIND, f"{group}:{start}", at, group=group, size=len(part), items=part)
        for start in range(0, len(names), CHUNK)
        if (part := names[start : start + CHUNK])
    ]


@handles(KIND, _("重算期限"))
def recount_some(row: Job, at: datetime) -> None:
    """One job's cases. A second run finds nothing to move; a case that fails gets a job of its own and holds nobody up."""
    items = row.payload["items"]
    failed = []
    for label, uuid in items:
        try:
            recount_case(label, uuid, at)
        except Exception:
            if len(items) == 1:
                raise
            log.exception("the deadlines of %s %s could not be counted again", label, uuid)
            failed.append((label, uuid))
    if failed:
        enqueue([
            job(KIND, f"{row.key}:{uuid}"[:120], at, group=row.group, items=[[label, uuid]]) for label, uuid in failed
        ])  # fmt: skip
        Job.objects.filter(pk=row.pk).update(size=row.size - len(failed))


def _told(case, row, at):
    role = Role(row.role)
    people = [row.user] if row.user_id else holders([role], case.scope(), at).get(role, [])
    key = f"date_changed:{row.uuid}:{row.due_version}"
    return outbox.write("date_changed", key, people, at, url=row.subject_url, duty=row, **outbox.about(row))
