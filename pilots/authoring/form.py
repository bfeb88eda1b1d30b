"""One page of the editor as a tree of nodes: what stands in the text, as typed, with its words and its faults.

Nodes are plain dictionaries for the template (`templates/rules/_node.html`); `inputs` lists the single values a page
takes, in the order of the page.
"""

from dataclasses import dataclass, field
from datetime import date, time

from django.utils.translation import gettext as _

from pilots.authoring import words
from pilots.authoring.choosing import options, tables, titled
from pilots.authoring.layout import FIXED, LONG, ONLY_IF, SMALL
from pilots.authoring.parts import HIDDEN, joined
from pilots.authoring.slots import SEVERAL, is_heavy, slots_of
from pilots.rules.schema import Rules
from pilots.rules.stages import STAGE_ORDER


@dataclass
class Page:
    """What a page shows and takes."""

    nodes: list = field(default_factory=list)
    inputs: dict = field(default_factory=dict)
    # Faults of this page that belong to no input of it.
    loose: list = field(default_factory=list)


@dataclass
class Source:
    """What a page is made from: the whole document as data, its findings by path, and what may be chosen."""

    data: dict
    faults: dict
    programmes: tuple = ()
    readonly: bool = False
    confirm: dict = field(default_factory=dict)


def page(source, keys=(), at=()):
    """The page of some keys of the document, or of the one element at `at`."""
    made = Page()
    if at:
        here = source.data
        for part in at:
            here = here[part]
        made.nodes = _children(source, made, _model_of(at), here, at)
    else:
        slots = {slot.key: slot for slot in slots_of(Rules)}
        for key in keys:
            if key not in HIDDEN:
                _add(source, made, made.nodes, slots[key], source.data, ())
    mine = [path for path in source.faults if _under(path, keys, at)]
    made.loose = [item for path in mine if path not in _shown(made) for item in source.faults[path]]
    return made


def _under(path, keys, at):
    return path[: len(at)] == at if at else bool(path) and path[0] in keys


def _shown(made):
    return made.__dict__.setdefault("_at", set())


def _model_of(at):
    from pilots.authoring.slots import slot_at  # noqa: PLC0415 - read beside its caller

    return slot_at(at).model


def _children(source, made, model, here, path):
    nodes = []
    if not isinstance(here, dict):
        # A text in one language only, or something that is no table at all.
        here = {"zh": here} if isinstance(here, str) else {}
    for slot in slots_of(model):
        rule = ONLY_IF.get(slot.name)
        if rule and slot.key not in here and str(here.get(rule[0], "")) not in rule[1]:
            continue
        _add(source, made, nodes, slot, here, path)
    # Single values together, what needs room of its own below them.
    return sorted(nodes, key=lambda node: _ORDER.get(node["node"], 0))


_ORDER = {"period": 1, "block": 2, "rows": 2}


def _add(source, made, nodes, slot, holder, path):
    nodes.append(_MAKERS.get(slot.kind, _input)(source, made, slot, holder, (*path, slot.key)))


def _faults(source, made, *paths):
    found = []
    for path in paths:
        if path in source.faults:
            _shown(made).add(path)
            found += source.faults[path]
    return found


def _common(source, made, slot, path, *more):
    name = joined(path)
    return {
        "path": name, "id": f"id_{name.replace('.', '_')}", "label": words.label(slot.name), "help": words.help_of(slot.name),
        "faults": _faults(source, made, path, *more), "optional": not slot.required and slot.default in (None, "", [], {}), "readonly": source.readonly,
        "confirm": source.confirm.get(path, ""),
    }  # fmt: skip


# --- single values ----------------------------------------------------------------------------------------------------
def _input(source, made, slot, holder, path):
    given = holder.get(slot.key)
    value = shown(slot, given)
    choices, widget = options(source, slot, value, holder), _widget(slot, given, value)
    if choices is not None:
        widget = "checks" if slot.kind in ("choices", "lines") else "select"
    node = _common(source, made, slot, path) | {
        "node": "input", "kind": slot.kind, "widget": widget, "value": value, "options": choices or [],
        "text": "\n".join(value) if isinstance(value, list) else value,
        "fixed": slot.name in FIXED, "present": slot.key in holder,
        # Small enough to stand beside another one.
        "cell": widget in ("number", "date", "check", "select", "text"),
    }  # fmt: skip
    if slot.kind in SEVERAL or slot.kind == "choices":
        node["faults"] += _below(source, made, path)
    node["readonly"] = node["readonly"] or node["fixed"]
    made.inputs[node["path"]] = {"slot": slot, "path": path, "value": value, "node": node}
    return node


def _below(source, made, path):
    return [
        one for at in list(source.faults) if at[: len(path)] == path and at != path for one in _faults(source, made, at)
    ]


def shown(slot, given):
    """A value of the document as its input shows it: text, or a list of texts."""
    if given is None:
        given = slot.default if slot.default is not None else [] if slot.kind in ("choices", "lines") else ""
    if slot.kind == "yes_no" and isinstance(given, bool):
        return "true" if given else "false"
    if slot.kind in ("choices", "lines") and isinstance(given, list):
        return [str(item) for item in given]
    if slot.kind == "wholes" and isinstance(given, list):
        return ", ".join(str(item) for item in given)
    if slot.kind == "map" and isinstance(given, dict):
        return "\n".join(f"{key} = {item}" for key, item in given.items())
    if isinstance(given, time):
        return given.isoformat("minutes")
    return given.isoformat() if isinstance(given, date) else str(given)


def same(one, typed):
    """True when what was posted for an input is what the page had shown."""
    value = one["value"]
    if isinstance(value, list):
        listed = [line.strip() for item in typed for line in item.replace("\r\n", "\n").split("\n") if line.strip()]
        # Boxes come in the order of the page, not of the document.
        return sorted(listed) == sorted(value) if one["node"]["widget"] == "checks" else listed == value
    text = typed[0] if typed else "false" if one["slot"].kind == "yes_no" else ""
    return text.replace("\r\n", "\n") == value


def _widget(slot, given, value):
    if slot.kind == "yes_no":
        return "check" if value in ("true", "false") else "text"
    if slot.kind == "day":
        return "date" if given is None or isinstance(given, date) else "text"
    if slot.kind in ("lines", "map"):
        return "lines"
    long = slot.name in LONG or "\n" in str(value)
    return "area" if long else "number" if slot.kind in ("whole", "number") else "text"


# --- several inputs that are one value --------------------------------------------------------------------------------
def _words(source, made, slot, holder, path):
    given = holder.get(slot.key)
    inner = given if isinstance(given, dict) else {"zh": given} if isinstance(given, str) else {}
    zh, en = slots_of(slot.model)
    node = _common(source, made, slot, path) | {"node": "words"}
    node["zh"] = _input(source, made, zh, inner, (*path, "zh"))
    node["en"] = _input(source, made, en, inner, (*path, "en"))
    long = slot.name in LONG or any(
        "\n" in node[side]["value"] or len(node[side]["value"]) > 60 for side in ("zh", "en")
    )
    for side in ("zh", "en"):
        node[side]["widget"] = "area" if long else "text"
        node["faults"] += node[side].pop("faults")
    return node


def _period(source, made, slot, holder, path):
    given = holder.get(slot.key, slot.default)
    present = isinstance(given, dict)
    node = _common(source, made, slot, path) | {
        "node": "period",
        "present": present or slot.required,
        "drop": slot.nullable,
    }
    if node["present"]:
        inner = given if present else {}
        node["parts"] = {one.key: _input(source, made, one, inner, (*path, one.key)) for one in slots_of(slot.model)}
        node["faults"] += [fault for part in node["parts"].values() for fault in part.pop("faults")]
        rest = ("count_first_day", "roll", "cut_off", "grace", "stop_clock")
        node["open"] = any(node["parts"][key]["value"] not in ("", "false", "0", []) for key in rest)
    return node


def _block(source, made, slot, holder, path):
    given = holder.get(slot.key)
    present = isinstance(given, dict) or not slot.nullable
    heading, sentence = words.block(slot.name)
    return _common(source, made, slot, path) | {
        "node": "block", "label": heading, "help": sentence, "present": present, "drop": slot.nullable and present,
        "nodes": _children(source, made, slot.model, given or {}, path) if present else [],
    }  # fmt: skip


def _rows(source, made, slot, holder, path):
    rows = holder.get(slot.key)
    rows = rows if isinstance(rows, list) else []
    heavy, items = is_heavy(slot), []
    for index, row in enumerate(rows):
        at = (*path, index)
        item = {
            "path": joined(at), "id": f"row_{joined(at).replace('.', '_')}", "title": _row_title(slot, row), "note": _row_note(slot, row),
            "first": index == 0, "number": index + 1, "heavy": heavy, "readonly": source.readonly,
            "faults": _faults(source, made, at),
        }  # fmt: skip
        if heavy:
            below = _below(source, made, at)
            item["wrong"] = len(below) + len(item["faults"])
        else:
            item["nodes"] = _children(source, made, slot.model, row, at)
            item["wrong"] = _wrong(item)
        items.append(item)
    return _common(source, made, slot, path) | {
        "node": "rows", "rows": items, "heavy": heavy, "small": slot.model.__name__ in SMALL, "adder": _adder(slot, rows),
    }  # fmt: skip


def _wrong(item):
    found = len(item["faults"])
    for node in item.get("nodes", ()):
        found += len(node.get("faults", ())) + _wrong(node)
    for row in item.get("rows", ()):
        found += row["wrong"]
    return found


def _row_title(slot, row):
    if slot.name == "Rules.stages" and isinstance(row, dict):
        return words.value("Stage.code", row.get("code", ""))
    return titled(row) or _("（未命名）")


def _row_note(slot, row):
    if not isinstance(row, dict):
        return ""
    if slot.name == "Rules.stages":
        due = row.get("due") if isinstance(row.get("due"), dict) else {}
        time_ = f"{due.get('n', '')} {words.value('Period.unit', due.get('unit', ''))}"
        return f"{words.value('Stage.owner', row.get('owner', ''))} · {time_}"
    if slot.name in ("Rules.sections", "Plan.sections", "Report.sections", "MidTerm.sections", "Acceptance.sections"):
        return _("%(n)s 题") % {"n": len(tables(row.get("field")))}
    if slot.name == "Section.fields":
        return words.value("FieldSpec.type", row.get("type", ""))
    if "weight" in row:
        return _("权重 %(n)s") % {"n": row["weight"]}
    return str(row.get("unit", {}).get("zh", "")) if isinstance(row.get("unit"), dict) else ""


def _adder(slot, rows):
    """Stages are added by name, since each may be used once and has its place."""
    if slot.name != "Rules.stages":
        return None
    used = {row.get("code") for row in tables(rows)}
    return [(code, words.value("Stage.code", code)) for code in STAGE_ORDER if code not in used]


_MAKERS = {"words": _words, "period": _period, "block": _block, "rows": _rows}
