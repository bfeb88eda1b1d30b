"""Changing single values of a rules document and leaving everything around them as it stands: comments, order, blanks.

The text is held by tomlkit. What the editor adds is where a value may come from (typed words, which need not fit) and
where comments belong: those in front of a table go with that table, not with the one before it.
"""

import re
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation

import tomlkit
from tomlkit import items
from tomlkit.container import Container

from pilots.authoring.slots import SEVERAL, slot_at, slots_of
from pilots.rules.lines import LineMap

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?")
_BETWEEN = re.compile(r"[\s,，、;；]+")
# Small things are written in one line, as in the catalogue.
_INLINE = frozenset({"words", "period"})


class WrongPlace(LookupError):
    """A path the document or the schema does not know: the page is older than the text."""


class Writing:
    """One document being changed. `text` is what it says now."""

    def __init__(self, text):
        self._doc = tomlkit.parse(text)

    @property
    def text(self):
        return tomlkit.dumps(self._doc)

    # --- single values ---------------------------------------------------------------------------------------------
    def set(self, path, typed):
        """Puts what was typed (a string, or a list of strings) where `path` leads; "" takes the value away.

        What does not fit its kind is kept as text: the reader will say so in words, and nothing typed is lost.
        """
        slot = slot_at(path)
        if slot is None or isinstance(path[-1], int):
            raise WrongPlace(path)
        value = value_of(slot, typed)
        if value is None and slot.name == "Words.zh":
            value = ""
        holder = self._holder(path[:-1], create=value is not None)
        if holder is None:
            return
        with tidy(holder):
            if value is None:
                if path[-1] in holder:
                    holder.remove(path[-1])
            elif isinstance(value, list) and isinstance(holder.get(path[-1]), items.Array):
                _refill(holder[path[-1]], value)
            else:
                holder[path[-1]] = value
        self._drop_empty(path[:-1])

    def _drop_empty(self, path):
        """A text or a period that says nothing any more is taken out where it may be missing."""
        slot = slot_at(path) if path and not isinstance(path[-1], int) else None
        if slot is None or slot.kind not in _INLINE or slot.required:
            return
        here = self._find(path)
        if here is not None and not any(value not in ("", False) for value in here.unwrap().values()):
            holder = self._find(path[:-1])
            with tidy(holder):
                holder.remove(path[-1])

    def _find(self, path):
        here = self._doc
        for part in path:
            try:
                here = here[part]
            except (KeyError, IndexError, TypeError, tomlkit.exceptions.NonExistentKey):
                return None
        return here

    def _holder(self, path, *, create):
        """The table a value stands in; made on the way where the schema has one that the text leaves out."""
        here = self._doc
        for depth, part in enumerate(path, 1):
            inner = self._find(path[:depth])
            if isinstance(inner, str):
                # A text in one language only, written as a plain string.
                inner = _inline({"zh": str(inner)})
                here[part] = inner
                inner = here[part]
            if inner is None:
                slot = slot_at(path[:depth])
                if isinstance(part, int) or slot is None or slot.model is None:
                    raise WrongPlace(path)
                if not create:
                    return None
                self._open(here, slot)
                inner = here[part]
            here = inner
        if not isinstance(here, (dict, Container, items.Table, items.InlineTable)):
            raise WrongPlace(path)
        return here

    def _open(self, holder, slot):
        made = {key: value for key, value in (slot.default or {}).items() if value} if slot.kind == "period" else {}
        if slot.kind == "words":
            made = {"zh": ""}
        with tidy(holder):
            holder[slot.key] = _inline(made) if slot.kind in _INLINE or _is_inline(holder) else tomlkit.table()

    # --- tables and arrays -----------------------------------------------------------------------------------------
    def add_block(self, path):
        """Begins a table the document leaves out, with everything it must have."""
        slot = slot_at(path)
        if slot is None or slot.kind not in ("block", "period"):
            raise WrongPlace(path)
        if self._find(path) is not None:
            return
        holder = self._holder(path[:-1], create=True)
        made = _least(slot, ())
        with tidy(holder):
            holder[slot.key] = _inline(made) if slot.kind == "period" or _is_inline(holder) else _table(made)

    def remove(self, path):
        """Takes out a table or an element. Comments in front of it go with it."""
        if not path:
            raise WrongPlace(path)
        if isinstance(path[-1], int):
            self._reorder(path[:-1], lambda order: order.pop(path[-1]))
            return
        holder = self._find(path[:-1])
        if holder is None or path[-1] not in holder:
            raise WrongPlace(path)
        _take_out(holder, path[-1])

    def move_up(self, path):
        """Puts an element before the one in front of it."""
        index = path[-1] if path else None
        if not isinstance(index, int) or index < 1:
            raise WrongPlace(path)

        def swap(order):
            order[index - 1], order[index] = order[index], order[index - 1]

        self._reorder(path[:-1], swap)

    def append(self, path, given=None, before=None):
        """A new element of an array; `given` are values it begins with. Returns its number."""
        slot = slot_at(path)
        if slot is None or slot.kind != "rows":
            raise WrongPlace(path)
        rows = self._find(path)
        taken = [row.get("code") for row in rows if isinstance(row, dict)] if rows is not None else []
        made = fresh(slot.model, given or {}, taken)
        if rows is None or len(rows) == 0:
            self._first(path, slot, made)
            return 0
        if isinstance(rows, items.AoT):
            leads = _take_leads(rows)
            rows.append(_table(made))
            # What follows the array stays behind it; the new table begins after a blank line.
            leads.insert(len(leads) - 1, _blank())
            _give_leads(rows, leads)
        else:
            _refill(rows, [*rows, _inline(made)])
        last = len(rows) - 1
        if before is not None and before < last:
            self._reorder(path, lambda order: order.insert(before, order.pop()))
            return before
        return last

    def _first(self, path, slot, made):
        holder = self._holder(path[:-1], create=True)
        with tidy(holder):
            if slot.key in holder:
                holder.remove(slot.key)
            if _is_inline(holder) or slot.model.__name__ in ("Words", "ChecklistItem", "Choice", "Column"):
                array = tomlkit.array()
                _fill(array, [_inline(made)], lines=True)
                holder[slot.key] = array
            else:
                array = tomlkit.aot()
                array.append(_table(made))
                holder[slot.key] = array

    def _reorder(self, path, change):
        rows = self._find(path)
        if rows is None:
            raise WrongPlace(path)
        order = list(range(len(rows)))
        try:
            change(order)
        except IndexError:
            raise WrongPlace(path) from None
        if not order:
            _take_out(self._find(path[:-1]), path[-1])
        elif isinstance(rows, items.AoT):
            leads = _take_leads(rows)
            _rearrange(rows, order)
            _give_leads(rows, _led(leads, order))
            if order[0] != 0:
                _keep_comments(rows[0], leads[order[0]])
        else:
            _refill(rows, [rows[index] for index in order])


def _blank():
    return [(None, items.Whitespace("\n"))]


def _led(leads, order):
    """What stands in front of each element in the new order. One that was first has its comments elsewhere."""
    return [[], *((leads[index] if index else []) or _blank() for index in order[1:]), leads[-1]]


def _keep_comments(table, lead):
    """Comments of an element that is first now go below its heading: what is in front of it is not ours."""
    comments = [item for _key, item in lead if isinstance(item, items.Comment)]
    if comments:
        body = list(table.value.body)
        values = Container()
        for comment in comments:
            values.append(None, comment)
        for key, item in body:
            values.append(key, item, validate=False)
        table._value = values  # noqa: SLF001 - the library has no way to put a comment first


def _take_out(holder, key):
    """Removes a key; what stood behind its table stays in the text."""
    item = holder[key]
    tail = _take_tail(_deepest(item[-1] if isinstance(item, items.AoT) else item)) if _is_table(item) else []
    container = _container(holder)
    names = [name.key if name is not None else None for name, _item in container.body]
    before = next((one for _name, one in reversed(container.body[: names.index(key)]) if not _is_trivia(one)), None)
    holder.remove(key)
    if isinstance(before, items.AoT):
        before = before[len(before) - 1]
    if tail and isinstance(before, items.Table):
        _deepest(before).body.extend(tail)


def _is_table(item):
    return isinstance(item, (items.AoT, items.Table))


def _is_trivia(item):
    return isinstance(item, (items.Whitespace, items.Comment, items.Null))


def _container(holder):
    """The tomlkit container of a table. Raises WrongPlace for tables written in several places of a text."""
    container = holder if isinstance(holder, Container) else getattr(holder, "value", None)
    if not isinstance(container, Container):
        raise WrongPlace("out of order")
    return container


def _rearrange(rows, order):
    body = [rows[index] for index in order]
    while len(rows):
        del rows[len(rows) - 1]
    for table in body:
        rows.append(table)


def _deepest(table):
    """The container whose end is the end of `table` in the text."""
    container = _container(table)
    for _key, item in reversed(container.body):
        if isinstance(item, items.Null):
            continue
        if isinstance(item, items.AoT) and len(item):
            return _deepest(item[len(item) - 1])
        if isinstance(item, items.Table):
            return _deepest(item)
        break
    return container


def _take_tail(container):
    """Takes the comments and blanks off the end of a container: they belong to whatever comes next."""
    tail = []
    while container.body and container.body[-1][0] is None and isinstance(
        container.body[-1][1], (items.Whitespace, items.Comment)
    ):  # fmt: skip
        tail.insert(0, container.body.pop())
    return tail


def _take_leads(rows):
    """[in front of the first: unknown, …, in front of each, …, behind the last] of an array of tables."""
    return [[], *(_take_tail(_deepest(rows[index])) for index in range(len(rows)))]


def _give_leads(rows, leads):
    for index in range(len(rows)):
        _deepest(rows[index]).body.extend(leads[index + 1])


@contextmanager
def tidy(holder):
    """New keys and tables go before the comments and blanks at the end of their table."""
    tail = [] if _is_inline(holder) else _take_tail(_deepest(holder))
    yield
    if tail:
        _deepest(holder).body.extend(tail)


def _is_inline(holder):
    return isinstance(holder, items.InlineTable)


def _refill(array, values):
    """Other elements in the same brackets, each on its line where they stood on lines."""
    lines = "\n" in array.as_string()
    kept = [value if isinstance(value, items.Item) else tomlkit.item(value) for value in values]
    array.clear()
    _fill(array, kept, lines=lines)


def _fill(array, values, *, lines):
    for value in values:
        if lines:
            array.add_line(value, indent="  ")
        else:
            array.append(value)
    if lines:
        array.add_line(indent="")


def _inline(values):
    table = tomlkit.inline_table()
    for key, value in values.items():
        table[key] = _inline(value) if isinstance(value, dict) else _string(value)
    # With blanks inside the braces, as the catalogue is written.
    return tomlkit.value(f"{{ {table.as_string()[1:-1]} }}") if values else table


def _table(values):
    table = tomlkit.table()
    # A table's own keys come before the tables inside it.
    for key, value in sorted(values.items(), key=lambda pair: _is_rows(pair[1])):
        if isinstance(value, dict):
            small = set(value) <= {"zh", "en"} or "unit" in value
            table[key] = _inline(value) if small else _table(value)
        elif _is_rows(value):
            array = tomlkit.aot()
            for one in value:
                inner = _table(one)
                inner.trivia.indent = "\n"
                array.append(inner)
            table[key] = array
        else:
            table[key] = _string(value)
    return table


def _is_rows(value):
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _string(value):
    if not isinstance(value, str) or "\n" not in value:
        return value
    # Several lines begin on a line of their own, as in the catalogue.
    quoted = tomlkit.string(value, multiline=True).as_string()
    return tomlkit.value(f"{quoted[:3]}\n{quoted[3:]}")


# --- what was typed ---------------------------------------------------------------------------------------------------
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
            return tomlkit.date(text) if slot.kind == "day" else tomlkit.time(text if text.count(":") > 1 else f"{text}:00")
        except (ValueError, tomlkit.exceptions.ParseError):
            return text
    return _string(text)


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
    table = _inline({pair[0]: int(pair[1]) if len(pair) > 1 and _WHOLE.fullmatch(pair[1]) else "".join(pair[1:])
                     for pair in pairs if pair[0]})  # fmt: skip
    return table if lines else None


def fresh(model, given, taken=()):
    """The least a new table must say, as plain values; what a person has to write is empty."""
    made = {}
    for slot in slots_of(model):
        if slot.key in given:
            made[slot.key] = given[slot.key]
        elif slot.required:
            made[slot.key] = _least(slot, taken)
    return made


def _least(slot, taken):
    if slot.key in ("code", "series") and slot.kind == "text":
        return _free(slot, taken) if "一" not in slot.pattern and "u4e00" not in slot.pattern else ""
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


def line_of(text, path):
    """The line a path stands on, for links into the text."""
    return LineMap(text).find(path)
