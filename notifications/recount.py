"""When a year's holidays are published, every provisional date is counted again and the people concerned told once."""

from datetime import datetime

from django.apps import apps
from django.db import transaction

from accounts.holders import holders
from accounts.roles import Role
from notifications import outbox
from notifications.duties import Why, replan
from notifications.models import Deadline


def recount(at: datetime) -> tuple[int, int]:
    """Counts the open provisional deadlines again. Returns (cases looked at, dates moved); a second run moves none."""
    cases = list(
        Deadline.objects.open()
        .filter(provisional=True)
        .values_list("subject_model", "subject_uuid")
        .distinct()
        .order_by()
    )
    moved = 0
    for label, uuid in cases:
        model = apps.get_model(label)
        with transaction.atomic():
            case = model._default_manager.select_for_update(of=("self",)).select_related(*model.related).get(uuid=uuid)
            plan = replan(case, case.duties(at), at, Why("recount"))
            for row in plan.moved:
                moved += 1
                if row.ladder:
                    outbox.put(_told(case, row, at))
    return len(cases), moved


def _told(case, row, at):
    role = Role(row.role)
    people = [row.user] if row.user_id else holders([role], case.scope(), at).get(role, [])
    key = f"date_changed:{row.uuid}:{row.due_version}"
    return outbox.write("date_changed", key, people, at, url=row.subject_url, duty=row, **outbox.about(row))
