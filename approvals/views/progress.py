"""How far the jobs of a batch have come, in the shape of the progress card."""

from django.db.models import Sum
from django.utils.translation import gettext as _

from approvals.bulk import group_of
from notifications.models import Job


def progress_of(batch):
    """[card] for each kind of work the batch has as jobs, in the order of the road; one query."""
    rows = (
        Job.objects.filter(group=group_of(batch), kind__in=["settle_list", "approve"])
        .values_list("kind", "state")
        .annotate(size=Sum("size"))
        .order_by()
    )
    found = {}
    for kind, state, size in rows:
        found.setdefault(kind, {})[state] = size
    return [_card(batch, kind, found[kind]) for kind in ("settle_list", "approve") if kind in found]


def _card(batch, kind, states):
    total, done = sum(states.values()), states.get(Job.State.DONE, 0)
    parked = states.get(Job.State.PARKED, 0)
    finished = done == total
    running, over, left = {
        "settle_list": (
            _("正在逐件办理签发的名单"), _("名单已逐件办理完毕，共 %(n)s 件"), _("%(n)s 件办理失败，不再自动重试；原因见“系统运行”页。"),
        ),
        "approve": (
            _("正在逐项批复"), _("已逐项批复，共 %(n)s 项"), _("%(n)s 项批复失败，不再自动重试；原因见“系统运行”页。"),
        ),
    }[kind]  # fmt: skip
    return {
        "kind": kind,
        "id": f"{kind}-{batch.uuid}",
        "url": f"/batches/{batch.uuid}/progress/?kind={kind}",
        "label": over % {"n": done} if finished else running,
        "done": done,
        "total": total,
        "state": "done" if finished else "failed" if parked and done + parked == total else "running",
        "error": left % {"n": parked} if parked else "",
    }
