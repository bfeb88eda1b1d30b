"""Keeping the flow in step with the act just done, and waking the worker."""

import logging
from typing import Any

from viewflow.workflow import PROCESS

from workflows.flows import STARTS, CaseFlow
from workflows.models import CaseProcess, CaseTask
from workflows.nodes import ActActivation
from workflows.refusals import Broken

log = logging.getLogger(__name__)


def advance(case: Any, act: Any, deed: Any) -> None:
    """Completes the open task this act belongs to, lets the flow pass on, starts the flow that begins here.

    Raises Broken when afterwards an open task and the state of the case do not agree.
    """
    process = _running(case)
    if process is not None:
        process.moment = deed.at
        _carry(process, act, deed)
    start = STARTS.get((case._meta.label_lower, act.code))
    if start is not None:
        process = start.begin.run(case=case, at=deed.at)
    if process is not None:
        _hold_together(process, case)


def _running(case: Any) -> CaseProcess | None:
    name = case._meta.model_name
    if name not in CaseProcess.CASES:
        return None
    process = CaseProcess.objects.filter(**{name: case}, finished__isnull=True).order_by("-pk").first()
    if process is not None:
        # The flow must see the very object the act has changed, not a second copy.
        setattr(process, name, case)
    return process


def _carry(process: CaseProcess, act: Any, deed: Any) -> None:
    flow: type[CaseFlow] = process.flow_class
    task = _open_task(process, act.code, deed)
    if task is not None:
        # The case row is locked, and a run is reached only through its case: no second lock is needed.
        activation = ActActivation(task)
        activation.start(deed.by)
        activation.execute()
    elif act.code in flow.ends:
        for left in process.tasks.filter(finished__isnull=True):
            left.process = process
            ActActivation(left).cancel()
        process.status, process.finished = PROCESS.CANCELED, deed.at
        process.save()
    elif act.code in flow.beside:
        flow.beside[act.code](process, deed)


def _open_task(process: CaseProcess, code: str, deed: Any) -> CaseTask | None:
    nodes = [node for node in process.flow_class.instance.nodes() if code in getattr(node, "acts", ())]
    if not nodes:
        return None
    tasks = process.tasks.filter(finished__isnull=True, flow_task__in=nodes)
    for task in tasks:
        # A personal task (a review) is completed by its own person only.
        if task.data.get("user") in (None, deed.by.pk if deed.by is not None else None):
            task.process = process
            return task
    return None


def _hold_together(process: CaseProcess, case: Any) -> None:
    open_tasks = list(process.tasks.filter(finished__isnull=True))
    if process.finished is None and not open_tasks:
        raise Broken(f"{case} is in {case.state} and nothing is open in {process.flow_class}")
    for task in open_tasks:
        if task.flow_task.state != case.state:
            raise Broken(f"{case} is in {case.state} while {task.flow_task} is open")


def wake() -> None:
    """Tells a worker to look. If nobody hears, the next sweep finds everything (trust.md §0.1)."""
    from django.conf import settings  # noqa: PLC0415

    if not settings.WAKE_WORKER:
        return
    from workflows.tasks import work  # noqa: PLC0415 - Celery is not needed to do an act

    try:
        work.apply_async(ignore_result=True, retry=False)
    except Exception:
        log.warning("the broker did not take the hint; the next sweep will do the work", exc_info=True)
