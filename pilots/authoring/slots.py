"""The schema of a rules document as slots a form can show. Made from the pydantic models, so it cannot drift."""

import types
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from accounts.roles import HOUSE
from pilots.rules.parts import Period, Words
from pilots.rules.schema import Rules


@dataclass(frozen=True)
class Slot:
    """One key of the document: what it is called there, where its words are kept, and what may stand in it.

    `kind` is one of text, words, whole, number, yes_no, choice, day, clock (one value); choices, lines, wholes, map
    (several values in one input); block (a table of its own); rows (an array of tables); period.
    """

    key: str
    # `Model.field`: under this the words of the editor stand (pilots.authoring.words).
    name: str
    kind: str
    model: type[BaseModel] | None
    choices: tuple[str, ...]
    required: bool
    # May be left out altogether: its absence means something.
    nullable: bool
    # As it would stand in the document; None where there is none.
    default: Any
    pattern: str = ""


SINGLE = frozenset({"text", "words", "whole", "number", "yes_no", "choice", "day", "clock"})
SEVERAL = frozenset({"choices", "lines", "wholes", "map"})
_KINDS = ((bool, "yes_no"), (int, "whole"), (Decimal, "number"), (date, "day"), (time, "clock"), (str, "text"))


def _bare(annotation: Any) -> tuple[Any, bool, str]:
    """(annotation without wrapping, may it be None, pattern)."""
    nullable, pattern = False, ""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            pattern = pattern or next((found for item in more if (found := _pattern(item))), "")
        elif origin in (Union, types.UnionType):
            members = [item for item in get_args(annotation) if item is not type(None)]
            nullable = nullable or len(members) < len(get_args(annotation))
            annotation = members[0]
        else:
            return annotation, nullable, pattern


def _pattern(item: Any) -> str:
    direct = getattr(item, "pattern", None)
    if isinstance(direct, str):
        return direct
    return next((found for part in getattr(item, "metadata", ()) if (found := _pattern(part))), "")


def _members(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(str(value) for value in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        # Those who look after accounts own no stage.
        return tuple(str(member.value) for member in annotation if member not in HOUSE)
    return ()


def _kind(annotation: Any) -> tuple[str, type[BaseModel] | None, tuple[str, ...]]:
    if choices := _members(annotation):
        return "choice", None, choices
    origin = get_origin(annotation)
    if origin is dict:
        return "map", None, ()
    if origin is list:
        inner, _nullable, _ = _bare(get_args(annotation)[0])
        if choices := _members(inner):
            return "choices", None, choices
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return "rows", inner, ()
        return ("wholes" if inner is int else "lines"), None, ()
    if annotation is Words:
        return "words", Words, ()
    if annotation is Period:
        return "period", Period, ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "block", annotation, ()
    return next(kind for cls, kind in _KINDS if isinstance(annotation, type) and issubclass(annotation, cls)), None, ()


def plain(value: Any) -> Any:
    """A default of the schema as it would stand in the document; what is empty is left out."""
    if isinstance(value, BaseModel):
        found = {
            (info.alias or name): plain(getattr(value, name))
            for name, info in type(value).model_fields.items()
            if getattr(value, name) is not None
        }
        return {key: item for key, item in found.items() if item not in ("", [], {})}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


@lru_cache(maxsize=128)
def slots_of(model: type[BaseModel]) -> tuple[Slot, ...]:
    """The slots of one model in the order of the schema."""
    found = []
    for name, info in model.model_fields.items():
        annotation, nullable, pattern = _bare(info.annotation)
        pattern = pattern or next((one for item in info.metadata if (one := _pattern(item))), "")
        kind, inner, choices = _kind(annotation)
        default = None
        if not info.is_required():
            given = info.get_default(call_default_factory=True)
            default = None if given is PydanticUndefined else plain(given)
        found.append(
            Slot(
                key=info.alias or name, name=f"{_owner(model, name)}.{name}", kind=kind, model=inner, choices=choices,
                required=info.is_required(), nullable=nullable, default=default, pattern=pattern,
            )
        )  # fmt: skip
    return tuple(found)


def _owner(model: type[BaseModel], field: str) -> str:
    """The class that declares a field: what is inherited is called the same everywhere."""
    return next(cls.__name__ for cls in reversed(model.__mro__) if field in getattr(cls, "__annotations__", {}))


def slot_at(path: tuple[str | int, ...]) -> Slot | None:
    """The slot a path of the document leads to; numbers are elements. None where the schema knows nothing."""
    model: type[BaseModel] | None = Rules
    slot: Slot | None = None
    for part in path:
        if isinstance(part, int):
            continue
        if model is None:
            return None
        slot = next((one for one in slots_of(model) if one.key == part), None)
        if slot is None:
            return None
        model = slot.model
    return slot


def models_of(model: type[BaseModel] = Rules) -> list[type[BaseModel]]:
    """Every model of the schema, each once, outermost first."""
    found: list[type[BaseModel]] = [model]
    for one in found:
        for slot in slots_of(one):
            if slot.model is not None and slot.model not in found:
                found.append(slot.model)
    return found


def is_heavy(slot: Slot) -> bool:
    """True for arrays whose elements fill a page of their own (sections of a form)."""
    return slot.kind == "rows" and any(
        inner.kind == "rows" and any(deep.kind == "rows" for deep in slots_of(inner.model))
        for inner in slots_of(slot.model)
    )
