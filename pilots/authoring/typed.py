"""From what was typed, or must at least be there, to values of TOML. What does not fit stays the text it was typed as."""

import re
from decimal import Decimal, InvalidOperation

import tomlkit

from pilots.authoring.slots import SEVERAL, slots_of
from pilots.authoring.tables import inline, string

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?")
_BETWEEN = re.compile(r"[\s,，、;；]+")


def value_of(slot, typed):
    """The TOML value of what was typed into a slot, or None for nothing."""
    if slot.kind in SEVERAL:
        return _several(slot, typed)
    text = (typed[0] if typed else "") if isinstance(typed, list) else typed
    text = text.replace("\r\n", "\n")
    if slot.kind == "yes_no":
        return text == "true" if text in ("true", "false", "") else text
    if slot.kind not in ("text", "words"):
        text = text.strip()
    if text.strip() == "":
        # Where the list has an empty member, choosing it takes the key out.
        return None
    return _one(slot, text)


def _one(slot, text):
    if slot.kind == "whole" or (slot.kind == "choice" and all(choice.isdecimal() for choice in slot.choices)):
        return int(text) if _WHOLE.fullmatch(text) else text
    if slot.kind == "number":
        return _number(text)
    if slot.kind in ("day", "clock"):
        try:
            return (
                tomlkit.date(text)
                if slot.kind == "day"
                else tomlkit.time(text if text.count(":") > 1 else f"{text}:00")
            )
        except (ValueError, tomlkit.exceptions.ParseError):
            return text
    return string(text)


def _number(text):
    try:
        value = Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        value = None
    if value is None:
        return text
    return int(value) if value == value.to_integral_value() else tomlkit.float_(f"{value}")


def _several(slot, typed):
    if slot.kind == "choices" or (isinstance(typed, list) and len(typed) > 1):
        return [item for item in typed if item] or ([] if slot.default else None)
    text = (typed[0] if typed else "") if isinstance(typed, list) else typed
    text = text.replace("\r\n", "\n")
    if slot.kind == "wholes":
        return [int(one) if _WHOLE.fullmatch(one) else one for one in _BETWEEN.split(text.strip()) if one] or None
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if slot.kind == "lines":
        return lines or None
    pairs = [[side.strip() for side in re.split(r"[=＝:：]", line, maxsplit=1)] for line in lines]
    table = inline({pair[0]: int(pair[1]) if len(pair) > 1 and _WHOLE.fullmatch(pair[1]) else "".join(pair[1:])
                     for pair in pairs if pair[0]})  # fmt: skip
    return table if lines else None


def fresh(model, given, taken=()):
    """The least a new table must say, as plain values; what a person has to write is empty."""
    made = {}
    for slot in slots_of(model):
        if slot.key in given:
            made[slot.key] = given[slot.key]
        elif slot.required:
            made[slot.key] = least(slot, taken)
    return made


def least(slot, taken):
    """The least a required key must say."""
    if (slot.key == "code" and slot.kind == "text") or slot.name == "Certificate.series":
        return _free(slot, taken)
    if slot.kind == "words":
        return {"zh": ""}
    if slot.kind == "period":
        return {"n": 10, "unit": "working"}
    if slot.kind == "choice":
        first = slot.choices[0]
        return int(first) if first.isdecimal() else first
    if slot.kind in ("choices", "lines"):
        return list(slot.choices[:1])
    if slot.kind == "rows":
        return [fresh(slot.model, {})]
    if slot.kind == "block":
        return fresh(slot.model, {})
    if slot.kind in ("whole", "number"):
        return _FIRST.get(slot.name, 1)
    return ""


# The sums and scales the schema asks for hold from the start.
_FIRST = {"Criterion.weight": 100, "Band.floor": 0, "MidBand.floor": 0, "RenewalBand.floor": 0, "Tranche.percent": 100,
          "Renewal.months": 36, "Scoring.experts": 5, "Scoring.quorum": 3, "Round.go_on": 30}  # fmt: skip


def _free(slot, taken):
    stem = slot.name.partition(".")[0].lower().removesuffix("spec")
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"
