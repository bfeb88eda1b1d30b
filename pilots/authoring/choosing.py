"""What may be chosen for a value: fixed lists of the schema, kinds of the register, other parts of the same document."""

from accounts.models import Organisation, Place
from pilots.authoring import words


def options(source, slot, value, holder):
    """[{"value", "label", "chosen"}] where there is a list to choose from, else None."""
    chosen = value if isinstance(value, list) else [value]
    pairs = _pairs(source, slot)
    if pairs is None:
        return None
    known = [code for code, _label in pairs]
    # What is written and not in the list stays on the page, for its author to see.
    pairs = [*pairs, *((code, code) for code in chosen if code and code not in known)]
    # Nothing chosen yet must not look like the first of the list.
    unset = slot.kind != "choices" and slot.key not in holder and slot.default is None
    if slot.kind in ("choice", "text") and (slot.nullable or unset) and "" not in known:
        pairs = [("", "—"), *pairs]
    return [{"value": code, "label": label, "chosen": code in chosen} for code, label in pairs]


def _pairs(source, slot):
    data = source.data
    if slot.kind in ("choice", "choices"):
        return [(code, words.value(slot.name, code)) for code in slot.choices]
    if slot.name == "Applicants.kinds":
        return [(code, str(label)) for code, label in Organisation.Kind.choices]
    if slot.name == "Applicants.place_kinds":
        return [(code, str(label)) for code, label in Place.Kind.choices]
    if slot.name in ("Rules.takes_over", "Rules.absorbs", "Upgrade.target"):
        return [pair for pair in source.programmes if pair[0] != data.get("code")]
    if slot.name == "FieldSpec.indicators":
        return [(row.get("code", ""), titled(row)) for row in tables(data.get("indicator"))]
    if slot.name == "Cutoff.tie_criterion":
        scoring = data.get("scoring")
        return [
            (row.get("code", ""), titled(row))
            for row in tables(scoring.get("criterion") if isinstance(scoring, dict) else None)
        ]
    return None


def tables(value):
    """The tables of an array; whatever else stands there is passed over."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def titled(row):
    """What an element is called in a list: its name, else its code."""
    if not isinstance(row, dict):
        return str(row)
    name = row.get("name") or row.get("zh") or row.get("reason") or row.get("code") or ""
    if isinstance(name, dict):
        name = (name.get("en") if words.in_english() else "") or name.get("zh") or row.get("code", "")
    return str(name)
