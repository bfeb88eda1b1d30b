"""The few nodes our flows need beside viewflow's own.

`Act` opens work for a seat and is completed by the door when one of its acts is done. `Wait` is the same for a
date: the system's act completes it. `Route` chooses without leaving a row. A stage that the rules do not use is
passed without a row, too.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Self

from viewflow import this
from viewflow.workflow import STATUS, Activation, Node
from viewflow.workflow.base import Edge
from viewflow.workflow.nodes import End, Switch
from viewflow.workflow.nodes.end import EndActivation
from viewflow.workflow.nodes.mixins import NextNodeMixin
from viewflow.workflow.nodes.start import StartHandle
from viewflow.workflow.nodes.view import View
from viewflow.workflow.signals import flow_finished, task_finished, task_started

from accounts.roles import Role

Condition = Callable[[Any], bool]


def _now_of(activation: Any) -> datetime:
    """The instant of the act that moves the flow; nodes never ask a clock."""
    return activation.process.moment


class ActActivation(Activation):
    """NEW until the door says who did it and when; then DONE in one save."""

    @classmethod
    def create(cls, flow_task: Any, prev_activation: Any, token: Any, data: Any = None, seed: Any = None) -> Any:
        task = flow_task.flow_class.task_class(
            process=prev_activation.process,
            flow_task=flow_task,
            token=token,
            data=data or {},
            owner_id=(data or {}).get("user"),
            owner_permission=str(flow_task.role_for(prev_activation.process.case)),
            created=_now_of(prev_activation),
        )
        task.save()
        task.previous.add(prev_activation.task)
        return cls(task)

    @Activation.status.super()
    def activate(self) -> None:
        """Open work waits."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.STARTED)
    def start(self, by: Any) -> None:
        self.task.owner = by
        self.task.started = _now_of(self)
        task_started.send(sender=self.flow_class, process=self.process, task=self.task)

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        self.task.finished = _now_of(self)
        self.task.save()
        task_finished.send(sender=self.flow_class, process=self.process, task=self.task)

    @Activation.status.transition(source=STATUS.STARTED)
    def execute(self) -> None:
        self.complete()
        self.activate_next()

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Any]:
        yield from self.flow_task.successors(self)

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.CANCELED)
    def cancel(self) -> None:
        self.task.finished = _now_of(self)
        self.task.save()


class Act(NextNodeMixin, Node):
    """Work for a seat: `Act("accept", "reject", role=Role.FORMALITY_CHECKER, state="formality_check")`.

    The first of the acts done completes it. `state` is what the case is in while this is open; the door holds
    both to it.
    """

    activation_class = ActActivation
    task_type = "HUMAN"
    shape = View.shape
    bpmn_element = "userTask"

    def __init__(self, *acts: str, role: Role, state: str, title: Any = "") -> None:
        super().__init__()
        self.acts = acts
        self.role = role
        self.state = state
        self.task_title = title
        self._used: Condition | None = None
        self._role_of: Callable[[Any], Role] | None = None
        self._each: Any = None
        self._each_of: Callable[[Any], Iterable[int]] | None = None
        self._cancels: list[Any] = []

    @property
    def seat(self) -> str:
        return str(self.role)

    def When(self, used: Condition) -> Self:  # noqa: N802 - viewflow's fluent style
        """Only where the rules use this stage; elsewhere the flow passes on without a row."""
        self._used = used
        return self

    def For(self, role_of: Callable[[Any], Role]) -> Self:  # noqa: N802
        """Where the case itself says whose turn it is (the channel an applicant chose)."""
        self._role_of = role_of
        return self

    def role_for(self, case: Any) -> Role:
        """The seat this waits for on one case."""
        return self._role_of(case) if self._role_of is not None else self.role

    def Opens(self, node: Any, of: Callable[[Any], Iterable[int]]) -> Self:  # noqa: N802
        """Beside this one, opens `node` once for each person `of` names (core has no dynamic split)."""
        self._each, self._each_of = node, of
        return self

    def Cancels(self, *nodes: Any) -> Self:  # noqa: N802
        """Closes what is still open at `nodes` when this is done."""
        self._cancels.extend(nodes)
        return self

    def _resolve(self, instance: Any) -> None:
        super()._resolve(instance)
        self._each = this.resolve(instance, self._each) if self._each is not None else None
        self._cancels = [this.resolve(instance, node) for node in self._cancels]

    def _outgoing(self) -> Iterator[Edge]:
        yield from super()._outgoing()
        if self._each is not None:
            yield Edge(src=self, dst=self._each, edge_class="next")

    def _create(self, prev_activation: Any, token: Any, data: Any = None, seed: Any = None) -> Any:
        if self._used is not None and not self._used(prev_activation.process):
            return self._next._create(prev_activation, token)
        activation = super()._create(prev_activation, token, data=data, seed=seed)
        if self._each is not None and self._each_of is not None:
            self._each.open_for(activation, self._each_of(prev_activation.process))
        return activation

    def open_for(self, activation: Any, people: Iterable[int]) -> None:
        """Opens this node once per person in two statements, however many they are."""
        model = self.flow_class.task_class
        tasks = model._default_manager.bulk_create(
            model(
                process=activation.process, flow_task=self, flow_task_type=self.task_type, token=activation.task.token,
                data={"user": person}, owner_id=person, owner_permission=self.seat, created=_now_of(activation),
            )
            for person in people
        )  # fmt: skip
        model.previous.through._default_manager.bulk_create(
            model.previous.through(from_casetask_id=task.pk, to_casetask_id=activation.task.pk) for task in tasks
        )

    def successors(self, activation: Any) -> Iterator[Any]:
        """The activation that follows, if any; what was open beside is closed first."""
        for node in self._cancels:
            cancel_open(activation.process, node)
        if self._next is not None:
            yield self._next._create(activation, activation.task.token)


class Wait(Act):
    """A date the system waits for; the date itself is a deadline row (`Deadline.then_act`)."""

    task_type = "WAIT"
    bpmn_element = "intermediateCatchEvent"

    def __init__(self, *acts: str, state: str, title: Any = "", role: Role = Role.SYSTEM) -> None:
        super().__init__(*acts, role=role, state=state, title=title)


class Route(Switch):
    """viewflow's Switch that decides while the flow passes, and leaves no row behind."""

    def _create(self, prev_activation: Any, token: Any, data: Any = None, seed: Any = None) -> Any:
        for node, condition in self._branches:
            if condition is None or condition(prev_activation.process):
                return node._create(prev_activation, token)
        raise LookupError(f"{self.name}: no way out for {prev_activation.process.case}")


class FinishActivation(EndActivation):
    """Ends the run at the instant of the act, not of the machine."""

    @Activation.status.super()
    def activate(self) -> None:
        self.task.started = _now_of(self)

    @Activation.status.super()
    def complete(self) -> None:
        self.task.finished = _now_of(self)
        self.task.save()
        self.process.status = STATUS.DONE
        self.process.finished = _now_of(self)
        self.process.save()
        flow_finished.send(sender=self.flow_class, process=self.process, task=self.task)


class Finish(End):
    activation_class = FinishActivation


class Begin(StartHandle):
    """Start of a flow; `run(case=…, at=…)` is called by the door."""

    def run(self, *, case: Any, at: datetime) -> Any:
        activation = self.activation_class.create(self, None, None)
        process = activation.process
        setattr(process, case._meta.model_name, case)
        process.created = process.moment = at
        activation.task.created = activation.task.started = at
        activation.execute()
        return process


def cancel_open(process: Any, node: Node, people: Iterable[int] | None = None) -> None:
    """Cancels the open tasks of one node of a run, or those of some people alone."""
    rows = process.tasks.filter(finished__isnull=True, flow_task=node)
    for task in rows if people is None else rows.filter(owner_id__in=list(people)):
        task.process = process
        ActActivation(task).cancel()
