"""Names for the values of a document: `stage.PLAN.due.n`, `acceptance.band.pass.floor`, `cutoff.min_score`.

Keys are those of the document; an element of an array is named by its code, or by its number from 0.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel

from .lines import Path
from .schema import Rules


@cache
def _names(kind: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """(key in the document, attribute) of every field of a part."""
    return tuple((info.alias or name, name) for name, info in kind.model_fields.items())


def _children(value: Any) -> Iterator[tuple[str | int, str, Any]]:
    """(key in the document, name in a path, value) of everything directly inside `value`."""
    if isinstance(value, BaseModel):
        for key, name in _names(type(value)):
            yield key, key, getattr(value, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key, str(key), item
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield index, str(getattr(item, "code", index)), item


def resolve(rules: Rules, path: str) -> Any:
    """The value at `path`. Raises LookupError when there is none, or when it is not set."""
    value: Any = rules
    for part in path.split("."):
        for key, name, item in _children(value):
            if part in (name, str(key)):
                value = item
                break
        else:
            raise LookupError(f"{path}: {part}")
    if value is None:
        raise LookupError(path)
    return value


def walk(value: Any, location: Path = (), path: str = "") -> Iterator[tuple[Path, str, Any]]:
    """Every value inside `value` with its location (for `LineMap.find`) and its path, outermost first."""
    for key, name, item in _children(value):
        inner = f"{path}.{name}" if path else name
        yield (*location, key), inner, item
        if isinstance(item, BaseModel | dict | list):
            yield from walk(item, (*location, key), inner)
