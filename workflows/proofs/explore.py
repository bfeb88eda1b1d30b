"""Every world that can be reached, and how one came there first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .machine import Machine
from .moves import steps
from .world import Step, World


@dataclass
class Graph:
    """The worlds of one document: what can happen in each, and the step that led there first (breadth first)."""

    machine: Machine
    start: World
    steps: dict[World, tuple[Step, ...]] = field(default_factory=dict)
    came: dict[World, tuple[World, Step]] = field(default_factory=dict)

    @property
    def edges(self) -> int:
        return sum(len(found) for found in self.steps.values())

    def path(self, world: World, before: dict[World, tuple[World, Step]] | None = None) -> list[Step]:
        """The shortest way to a world."""
        came, found = self.came if before is None else before, []
        while world in came:
            world, step = came[world]
            found.append(step)
        return found[::-1]

    def backwards(self, good: Callable[[World], bool]) -> set[World]:
        """Every world from which a good one can be reached."""
        into: dict[World, list[World]] = {}
        for world, found in self.steps.items():
            for step in found:
                into.setdefault(step.after, []).append(world)
        reached = {world for world in self.steps if good(world)}
        queue = deque(reached)
        while queue:
            for world in into.get(queue.popleft(), ()):
                if world not in reached:
                    reached.add(world)
                    queue.append(world)
        return reached

    def from_many(self, roots: Iterable[World]) -> dict[World, tuple[World, Step]]:
        """How every world is reached first from any of `roots`; the roots themselves have no entry."""
        seen = dict.fromkeys(roots)
        came: dict[World, tuple[World, Step]] = {}
        queue = deque(seen)
        while queue:
            world = queue.popleft()
            for step in self.steps[world]:
                if step.after not in seen:
                    seen[step.after] = None
                    came[step.after] = (world, step)
                    queue.append(step.after)
        return came


def explore(machine: Machine, start: World | None = None) -> Graph:
    """All of it, breadth first, so that the first way to a world is a shortest one."""
    start = start or World()
    graph = Graph(machine, start)
    queue = deque([start])
    graph.steps[start] = ()
    while queue:
        world = queue.popleft()
        found = tuple(steps(world, machine))
        graph.steps[world] = found
        for step in found:
            if step.after not in graph.steps:
                graph.steps[step.after] = ()
                graph.came[step.after] = (world, step)
                queue.append(step.after)
    return graph
