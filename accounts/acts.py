"""What an act is. Acts are defined beside what they change; `workflows.perform` is the only thing that runs them.

An act names its seat (`roles`), the states it starts from, the conditions that must hold, the data it takes, and
carries out its change. It never checks permission, locks, saves the ledger or advances a flow: the door does.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.db import models

from accounts.roles import Role


@dataclass(frozen=True)
class Unmet:
    """One reason why not, in words a person can act on. `field` names the input it belongs to, if any."""

    code: str
    text: str
    field: str = ""


@dataclass
class Question:
    """Somebody, at an instant, looking at a case."""

    obj: Any
    by: Any
    role: Role | None
    at: datetime
    # The person whose seat it is, when `by` stands in for them.
    on_behalf_of: Any = None

    @property
    def people(self) -> list[Any]:
        """Whoever acts, and whom they stand in for: separation of duties takes the two as one."""
        return [person for person in (self.by, self.on_behalf_of) if getattr(person, "pk", None) is not None]


@dataclass(frozen=True)
class Hearer:
    """Somebody who hears how it ended: what the case is called before them (read in their language), and where they may
    look."""

    user: Any
    case: Any
    url: str


@dataclass
class Deed(Question):
    """An act in progress, inside the door's transaction."""

    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    # Facts that go into the ledger's canonical text beside actor, states and reason.
    facts: dict[str, Any] = field(default_factory=dict)
    # Same transaction, same moment: a consequence passes the same door, as the system.
    perform: Callable[..., Any] | None = None
    jobs: list[Any] = field(default_factory=list)
    # Acts the system does on the same case right after this one, in the same transaction: names, or (name, reason).
    then: tuple[str | tuple[str, str], ...] = ()
    # Told of the outcome beside those who get new work; whoever did it is not told of it.
    tell: list["Hearer"] = field(default_factory=list)


class ActForm(forms.Form):
    """The input of an act. `obj` and `by` let a form offer only what is possible here."""

    def __init__(self, *args, obj=None, by=None, at=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.obj, self.by, self.at = obj, by, at
        self.arrange()

    def arrange(self):
        """Hook: narrow choices to the case at hand."""


class Act:
    """Base of all acts. Subclass, fill in, decorate with `@act_on("app.Model")`."""

    code: str = ""
    label: Any = ""
    # How the ledger tells it afterwards: 「形式审查通过」.
    done: Any = ""
    tone: str = "neutral"  # neutral | primary | danger
    icon: str = "circle"
    roles: tuple[Role, ...] = ()
    # The django-fsm method this act calls; None for acts that leave the state alone.
    transition: str | None = None
    # Only for acts without a transition: the states in which they make sense.
    states: frozenset[str] = frozenset()
    needs_reason: bool = False
    # Acts of the same case whose doer must not do this one (programmes.md §4, separation of duties).
    separate_from: tuple[str, ...] = ()
    form: type[ActForm] = ActForm
    # Whom `carry_out` names in `deed.tell`, in words for the confirmation: 「提出人和所涉人员」. Empty: nobody.
    hearers: Any = ""
    # Acts offered on a page of their own (scoring, editing) name its URL pattern.
    page: str | None = None
    # False: not offered as a button (timers, consequences).
    offered: bool = True
    # Re-authentication is asked for before acts that bind the office (sign, issue, revoke).
    grave: bool = False
    # One of several who do the same side by side (experts): what the others did in between neither stops it nor shows on
    # its page, not even as a number of acts (trust.md A2).
    side_by_side: bool = False

    def seats(self, obj: Any) -> tuple[Role, ...]:
        """The roles that may do it on this very case; rules may narrow or move them."""
        return self.roles

    def sources(self, model: type[models.Model]) -> frozenset[str]:
        """The states this act may start from."""
        if self.transition is None:
            return self.states
        return frozenset(getattr(model, self.transition)._django_fsm.transitions)

    def prepare(self, obj: Any) -> None:
        """Work that takes seconds and is kept, done by the page before the door locks anything."""

    def lock_first(self, obj: Any) -> None:
        """Rows that must be locked before the case itself (order: batch, case, task, counter; trust.md R8)."""

    def applies(self, question: Question) -> bool:
        """False hides the act where the programme's rules do not use it."""
        return True

    def unmet(self, question: Question) -> Iterable[Unmet]:
        """Every condition that does not hold now, whatever the input will be."""
        return ()

    def foretell(self, question: Question) -> Iterable[str]:
        """What will follow beyond the new state, in sentences for the confirmation page."""
        return ()

    def reading(self, question: Question) -> str:
        """The text that is put before whoever does this, to be read before it is confirmed; empty: none."""
        return ""

    def stranger_to(self, obj: Any) -> Iterable[Any]:
        """Keys (uuid) of other cases in which the doer must not have had a hand (programmes.md §4)."""
        return ()

    def faults(self, deed: Deed) -> Iterable[Unmet]:
        """Every fault of the given input beyond what the form checks."""
        return ()

    def carry_out(self, deed: Deed) -> None:
        """Makes the change on `deed.obj` (not saved here) and writes the rows that belong to it."""
        self.step(deed)

    def step(self, deed: Deed) -> None:
        """Calls the django-fsm transition."""
        if self.transition is not None:
            getattr(deed.obj, self.transition)()


_registry: dict[str, dict[str, Act]] = {}


def act_on(*labels: str) -> Callable[[type[Act]], type[Act]]:
    """Registers an act for the models named ("pilots.Application"). A code is unique per model."""

    def register(cls: type[Act]) -> type[Act]:
        for label in labels:
            acts = _registry.setdefault(label.lower(), {})
            if cls.code in acts and type(acts[cls.code]).__qualname__ != cls.__qualname__:
                raise ValueError(f"two acts named {cls.code} on {label}")
            acts[cls.code] = cls()
        return cls

    return register


def acts_of(model: type[models.Model] | models.Model) -> dict[str, Act]:
    """All acts of a model, by code, in order of definition."""
    return _registry.get(model._meta.label_lower, {})


def every_act() -> Iterator[tuple[str, Act]]:
    """(model label, act) of everything registered."""
    for label, acts in _registry.items():
        for act in acts.values():
            yield label, act
