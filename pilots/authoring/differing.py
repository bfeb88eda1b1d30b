"""What differs between two texts: by path and in words for readers, by line for those who read TOML."""

import difflib
from dataclasses import dataclass

from django.utils.translation import gettext as _

from pilots.authoring import words
from pilots.authoring.choosing import titled
from pilots.authoring.form import shown
from pilots.authoring.parts import part_of
from pilots.authoring.reading import data_of
from pilots.authoring.slots import slot_at, slots_of

CONTEXT = 2


@dataclass(frozen=True)
class Difference:
    """One value that was changed, added or taken away."""

    path: tuple
    part: object
    # Where it is, in words: 「环节 › 省级推荐 › 办理时限」.
    where: str
    before: str
    after: str

    @property
    def kind(self):
        return "added" if not self.before else "removed" if not self.after else "changed"


def differences(old, new):
    """Everything that differs in meaning, in the order of the new text; None where one of the texts is no TOML."""
    before, after = data_of(old), data_of(new)
    if before is None or after is None:
        return None
    return list(_tables(before, after, (), ()))


def _tables(before, after, path, trail):
    for key in [*after, *(key for key in before if key not in after)]:
        yield from _values(before.get(key), after.get(key), (*path, key), (*trail, _label((*path, key))))


def _values(before, after, path, trail):
    if before == after:
        return
    slot = slot_at(path) if not isinstance(path[-1], int) else None
    small = slot is not None and slot.kind in ("words", "period")
    if isinstance(before, dict) and isinstance(after, dict) and not small:
        yield from _tables(before, after, path, trail)
    elif _rows(before) or _rows(after):
        yield from _arrays(before or [], after or [], path, trail)
    else:
        yield Difference(path, part_of(path).label, " › ".join(trail), text_of(path, before), text_of(path, after))


def _rows(value):
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _arrays(before, after, path, trail):
    """Elements are the same when their code is; without codes, when they are alike or stand in the same place."""
    pairs = _paired(before, after)
    for index, (old, new) in enumerate(pairs):
        row = new if new is not None else old
        name = _name(path, row)
        if isinstance(old, dict) and isinstance(new, dict):
            at = (*path, after.index(new))
            if set(new) | set(old) <= {"zh", "en"}:
                if old != new:
                    yield Difference(at, part_of(path).label, " › ".join(trail), _plain(old), _plain(new))
            else:
                yield from _tables(old, new, at, (*trail, name))
        elif old != new:
            at = (*path, after.index(new)) if new is not None else (*path, index)
            yield Difference(at, part_of(path).label, " › ".join(trail), name if old is not None else "",
                             name if new is not None else "")  # fmt: skip
    order = [_key(row) for row in after]
    earlier = [_key(row) for row in before if _key(row) in order]
    if earlier != [key for key in order if key in earlier]:
        yield Difference(path, part_of(path).label, " › ".join(trail), "、".join(_name(path, row) for row in before),
                         "、".join(_name(path, row) for row in after))  # fmt: skip


def _key(row):
    return row.get("code") or row.get("path") or row.get("zh") if isinstance(row, dict) else row


def _paired(before, after):
    known = {_key(row): row for row in before}
    keys = {_key(row) for row in after}
    pairs, met = [], []
    for index, row in enumerate(after):
        old = known.get(_key(row))
        if old is None and index < len(before) and _key(before[index]) not in keys:
            # Neither has a counterpart: what stands in the same place was reworded.
            old = before[index]
        if old is not None:
            met.append(_key(old))
        pairs.append((old, row))
    return [*pairs, *((row, None) for row in before if _key(row) not in met)]


def _name(path, row):
    if path[-1] in ("stage", "omitted") and isinstance(row, dict):
        return words.value("Stage.code", row.get("code", row.get("stage", "")))
    return titled(row)


def where(data, path):
    """A path in words: 「环节 › 省级推荐（PROV） › 办理时限」."""
    trail, here = [], data
    for depth, part in enumerate(path, 1):
        here = here.get(part) if isinstance(here, dict) else here[part]
        trail.append(_name(path[: depth - 1], here) if isinstance(part, int) else _label(path[:depth]))
    return " › ".join(str(one) for one in trail)


def _label(path):
    slot = slot_at(path)
    if slot is None:
        return str(path[-1])
    return words.block(slot.name)[0] if slot.kind == "block" else words.label(slot.name)


def _plain(value):
    if isinstance(value, dict):
        first = value.get("zh", "")
        return f"{first} / {value['en']}" if value.get("en") else str(first)
    return "" if value is None else str(value)


def text_of(path, value):
    """A value as people read it."""
    slot = slot_at(path)
    if value is None:
        return ""
    if slot is None:
        return _plain(value)
    if slot.kind == "words":
        return _plain(value)
    if slot.kind == "period" and isinstance(value, dict):
        return _period(slot, value)
    if slot.kind == "yes_no" and isinstance(value, bool):
        return _("是") if value else _("否")
    if slot.kind == "choice":
        return words.value(slot.name, value)
    if slot.kind in ("choices", "lines") and isinstance(value, list):
        return "、".join(words.value(slot.name, item) for item in value)
    if slot.kind == "block":
        return words.block(slot.name)[0]
    return shown(slot, value)


def _period(slot, value):
    inner = {one.key: one for one in slots_of(slot.model)}
    told = f"{value.get('n', '')} {words.value(inner['unit'].name, value.get('unit', ''))}"
    more = [words.label(inner[key].name) for key in ("count_first_day", "roll") if value.get(key)]
    if value.get("cut_off"):
        more.append(str(value["cut_off"]))
    if value.get("grace"):
        more.append(f"{words.label(inner['grace'].name)} {value['grace']}")
    if value.get("stop_clock"):
        stages = "、".join(words.value(inner["stop_clock"].name, stage) for stage in value["stop_clock"])
        more.append(f"{words.label(inner['stop_clock'].name)} {stages}")
    if value.get("basis"):
        more.append(str(value["basis"]))
    return f"{told}（{'，'.join(more)}）" if more else told


def lines(old, new):
    """[(kind, text)] of a unified diff: head, gone, new, same."""
    kinds = {"-": "gone", "+": "new", "@": "head"}
    rows = difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=CONTEXT)
    return [(kinds.get(row[:1], "same"), row) for row in rows if not row.startswith(("---", "+++"))]
