"""A document held against all laws, and the answer in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.roles import Role
from pilots.rules import Rules

from .explore import Graph, explore
from .laws import LAWS, Break, Law, unexplained
from .machine import Machine, act_label, state_label
from .world import Step

_PROVINCIAL = frozenset({"province_gov", "province_office"})


@dataclass(frozen=True)
class Broken:
    """A law that does not hold, with the shortest story of how."""

    law: str
    says: str
    wrong: str
    story: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.says}：{self.wrong}", *(f"  {line}" for line in self.story)])


@dataclass(frozen=True)
class Proof:
    """The answer: what holds, what does not, and how much was looked at."""

    code: str
    version: str
    worlds: int
    steps: int
    held: tuple[str, ...]
    broken: tuple[Broken, ...]

    def __bool__(self) -> bool:
        return not self.broken


def prove(rules: Rules) -> Proof:
    """Explores every world of a document and holds the laws against it. Needs no database.

    Raises LookupError when the registry has acts the proof was not told about: a proof of less than everything is none.
    """
    missing = unexplained()
    if missing:
        raise LookupError(f"the proof does not know these acts: {missing}")
    graphs = [explore(Machine(rules))]
    if rules.uses("PROV") and _PROVINCIAL & set(rules.applicants.kinds):
        # A province applies for itself: nobody recommends it.
        graphs.append(explore(Machine(rules, own=True)))
    broken, held = [], []
    for law in LAWS:
        found = next(filter(None, (law.check(graph, rules) for graph in graphs)), None)
        if found is None:
            held.append(_words(law))
        else:
            broken.append(_told(law, found, graphs[0]))
    return Proof(rules.code, rules.version, sum(len(graph.steps) for graph in graphs),
                 sum(graph.edges for graph in graphs), tuple(held), tuple(broken))  # fmt: skip


def _english() -> bool:
    from django.utils.translation import get_language  # noqa: PLC0415

    return (get_language() or "").startswith("en")


def _words(law: Law) -> str:
    return law.says_en if _english() else law.says


def _told(law: Law, found: Break, graph: Graph) -> Broken:
    wrong = found.wrong_en if _english() else found.wrong
    return Broken(law.code, _words(law), wrong, tuple(story(found.path)))


def story(path: tuple[Step, ...]) -> Iterator[str]:
    """The way as lines: on which day, who, does what, and how it stands then."""
    day = 0
    for step in path:
        day += step.days
        who = str(Role(step.seat).label)
        done = act_label(step.case, step.act) if step.act else step.says
        more = f"（{step.says}）" if step.says and step.act else ""
        yield _("第 %(day)s 天 · %(who)s · %(done)s%(more)s → %(now)s") % {
            "day": day, "who": who, "done": done, "more": more, "now": _standing(step),
        }  # fmt: skip


def _standing(step: Step) -> str:
    case = step.case if getattr(step.after, step.case) else "batch"
    state = getattr(step.after, case)
    return state_label(case, state)


__all__ = ["Broken", "Proof", "prove", "story"]
