"""`docs/rules-reference.md`: every key of a rules document, from the schema and from the editor's words."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from django.utils.translation import override
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from accounts.models import Organisation, Place
from accounts.roles import HOUSE, Role
from pilots.authoring.words import LABELS, VALUES
from pilots.rules import Rules
from pilots.rules.lint import PLACEHOLDERS
from pilots.rules.parts import Period, Words
from pilots.rules.stages import DEFAULT_LADDER, STAGE_LABELS, THEN_OF

NAME = "rules-reference.md"
_HEAD = """# Reference of rules documents

Made by `./manage.py programmes pages` from the schema (`pilots/rules/schema.py`) and the words of the editor; do not edit.
How a document is put together is told in [rules.md](rules.md).

- **Text** is `"中文"` or `{ zh = "…", en = "…" }`. Both languages are expected; the linter warns of missing English.
- **Period** is `{ n, unit, count_first_day, roll, cut_off, grace, stop_clock, basis }`: see its table.
- **Code** is lower-case letters, digits and `_`, beginning with a letter, 60 characters at most.
- A key without "required" may be left out; its default stands in the table. Unknown keys are refused.

"""


def build() -> str:
    """The page. Blocks come in the order in which the document names them."""
    with override("en"):
        parts = [_HEAD, _stages(), _seats(), _kinds(), _places()]
        seen: set[type] = set()
        queue: list[tuple[str, type[BaseModel]]] = [("(the document)", Rules)]
        while queue:
            path, model = queue.pop(0)
            if model in seen or model is Words:
                continue
            seen.add(model)
            rows = []
            for name, info in model.model_fields.items():
                key = info.alias or name
                inner, kind = _kind(info.annotation, info.metadata, f"{model.__name__}.{name}")
                rows.append((f"`{key}`", *_words(f"{model.__name__}.{name}"), kind, _default(info)))
                # Blocks of their own come after the one that names them.
                queue += [(f"{path}.{key}" if path[0] != "(" else key, found) for found in inner]
            about = (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
            about = "" if about == BaseModel.__doc__ else about
            parts.append(f"## {model.__name__}\n\n`{path}`. {' '.join(about.split())}\n\n" + _table(rows))
        return "".join(parts)


def _table(rows):
    head = "| key | 中文 | English | value | default |\n| --- | --- | --- | --- | --- |\n"
    return (
        head + "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |\n" for row in rows) + "\n"
    )


def _words(name):
    found = LABELS.get(name, ("", ""))
    return (
        f"{found[0]}{'：' + found[2] if len(found) > 2 else ''}",
        f"{found[1]}{'. ' + found[3] if len(found) > 3 else ''}",
    )


def _default(info: Any) -> str:
    if info.is_required():
        return "**required**"
    value = info.default_factory() if info.default_factory else info.default  # type: ignore[call-arg]
    if value is PydanticUndefined or value in (None, [], {}, ""):
        return ""
    if isinstance(value, Period):
        return f'`{{ n = {value.n}, unit = "{value.unit}" }}`'
    if isinstance(value, BaseModel):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(annotation: Any, metadata: Any, name: str) -> tuple[list[type[BaseModel]], str]:
    """(blocks inside, words) of a value's type."""
    limits = _limits(metadata)
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _kind(inner, [*metadata, *more], name)
    if origin in (Union, types.UnionType):
        options = [item for item in get_args(annotation) if item is not type(None)]
        return _kind(options[0], metadata, name)
    if origin is list:
        inner, words = _kind(get_args(annotation)[0], [], name)
        return inner, f"array of {words}{limits}"
    if origin is dict:
        return [], f"table of names and numbers{limits}"
    if origin is Literal:
        told = VALUES.get(name, {})
        return [], "; ".join(f"`{item}`{f' {told[item][1]}' if item in told else ''}" for item in get_args(annotation))
    if annotation is Words:
        return [], "text"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation], f"[{annotation.__name__}](#{_anchor(annotation)})"
    if annotation is Role:
        return [], "one of the [seats](#seats)"
    names = {str: "string", int: "whole number", bool: "true or false"}
    return [], names.get(annotation, getattr(annotation, "__name__", str(annotation)).lower()) + limits


def _anchor(model):
    return model.__name__.lower()


def _limits(metadata: Any) -> str:
    found = []
    for item in metadata:
        for sub in getattr(item, "metadata", None) or [item]:
            for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"), ("min_length", "at least"),
                               ("max_length", "at most")):  # fmt: skip
                if getattr(sub, name, None) is not None:
                    found.append(f"{sign} {getattr(sub, name)}")
            if getattr(sub, "pattern", None):
                found.append(f"like `{sub.pattern}`")
    return f" ({', '.join(dict.fromkeys(found))})" if found else ""


def _stages() -> str:
    rows = [
        (f"`{code}`", zh, en, ", ".join(f"`{then}`" for then, codes in THEN_OF.items() if code in codes) or "")
        for code, (zh, en) in STAGE_LABELS.items()
    ]  # fmt: skip
    return (
        "## Stages\n\nThe codes of `[[stage]]`, in the order in which they must stand. "
        f"Reminders are sent {', '.join(str(day) for day in DEFAULT_LADDER)} days from the due day unless `ladder` says "
        "otherwise.\n\n| code | 中文 | English | `then` may be |\n| --- | --- | --- | --- |\n"
        + "".join("| " + " | ".join(row) + " |\n" for row in rows)
        + "\n"
    )


def _seats() -> str:
    rows = "".join(f"| `{role.value}` | {_chinese(role)} | {role.label} |\n" for role in Role if role not in HOUSE)
    return "## Seats\n\nWho may own a stage.\n\n| code | 中文 | English |\n| --- | --- | --- |\n" + rows + "\n"


def _chinese(choice: Any) -> str:
    with override("zh-hans"):
        return str(choice.label)


def _kinds() -> str:
    found = "## Kinds of bodies and of places\n\nFor `applicants.kinds` and `applicants.place_kinds`.\n\n"
    for title, choices in (("body", Organisation.Kind), ("place", Place.Kind)):
        rows = "".join(f"| `{kind.value}` | {_chinese(kind)} | {kind.label} |\n" for kind in choices)
        found += f"| {title} | 中文 | English |\n| --- | --- | --- |\n{rows}\n"
    return found


def _places() -> str:
    rows = "".join(
        f"| `{path}` | {', '.join('`{' + name + '}`' for name in sorted(names)) or 'none'} |\n"
        for path, names in PLACEHOLDERS.items()
    )
    return (
        "## Placeholders\n\nWhat is filled in where a paper is drawn up; anything else in braces is refused.\n\n| text | placeholders |\n| --- | --- |\n"
        + rows
        + "\n"
    )
