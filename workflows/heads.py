"""The heads of all cases, whatever their model, in the order of their public ids."""

import hashlib
import heapq
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps

from pilots.models.case import Case

CHUNK = 2000


class Head(NamedTuple):
    """What a case row says of its own ledger: how many acts, the hash of the last one, and the state it left."""

    uuid: UUID
    version: int
    hash: str
    model: str
    state: str


def case_models() -> list[type[Any]]:
    """Every model that moves through the door."""
    return [model for model in apps.get_models() if issubclass(model, Case)]


def every() -> Iterator[Head]:
    """The heads of all cases on which something was done, by public id; one statement per model, streamed."""
    return heapq.merge(*[_of(model) for model in case_models()])


def _of(model: type[Any]) -> Iterator[Head]:
    rows = model._default_manager.filter(version__gt=0).order_by("uuid").values_list("uuid", "version", "head", "state")
    for uuid, version, head, state in rows.iterator(CHUNK):
        yield Head(uuid, version, head, model._meta.label_lower, state)


class HeadList:
    """The hash of a list of heads, taken line by line in the order of public ids."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()

    def add(self, uuid: UUID, version: int, head: str) -> None:
        """One case: its public id, the sequence number and the hash of its last row."""
        self._sum.update(f"{uuid} {version} {head}\n".encode())

    def hash(self) -> str:
        """SHA-256 over the lines so far, hexadecimal."""
        return self._sum.hexdigest()
