"""Changing single values of a rules document and leaving everything around them as it stands: comments, order, blanks."""

import tomlkit
from tomlkit import items
from tomlkit.container import Container

from pilots.authoring.slots import slot_at
from pilots.authoring.tables import (
    WrongPlace,
    blank,
    fill,
    give_leads,
    inline,
    is_inline,
    keep_comments,
    led,
    rearrange,
    refill,
    table,
    take_leads,
    take_out,
    tidy,
)
from pilots.authoring.typed import fresh, least, value_of

# Small things are written in one line, as in the catalogue.
_INLINE = frozenset({"words", "period"})


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
                refill(holder[path[-1]], value)
            else:
                holder[path[-1]] = value
        self._drop_empty(path[:-1])

    def _drop_empty(self, path):
        """A text or a period that says nothing any more is taken out where it may be missing."""
        slot = slot_at(path) if path and not isinstance(path[-1], int) else None
        if slot is None or slot.kind not in _INLINE or slot.required:
            return
        here = self.find(path)
        if here is not None and not any(value not in ("", False) for value in here.unwrap().values()):
            holder = self.find(path[:-1])
            with tidy(holder):
                holder.remove(path[-1])

    def find(self, path):
        """What stands at a path, as the library holds it, or None."""
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
            inner = self.find(path[:depth])
            if isinstance(inner, str):
                # A text in one language only, written as a plain string.
                inner = inline({"zh": str(inner)})
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
            holder[slot.key] = inline(made) if slot.kind in _INLINE or is_inline(holder) else tomlkit.table()

    # --- tables and arrays -----------------------------------------------------------------------------------------
    def add_block(self, path):
        """Begins a table the document leaves out, with everything it must have."""
        slot = slot_at(path)
        if slot is None or slot.kind not in ("block", "period"):
            raise WrongPlace(path)
        if self.find(path) is not None:
            return
        holder = self._holder(path[:-1], create=True)
        made = least(slot, ())
        with tidy(holder):
            holder[slot.key] = inline(made) if slot.kind == "period" or is_inline(holder) else table(made)

    def remove(self, path):
        """Takes out a table or an element. Comments in front of it go with it."""
        if not path:
            raise WrongPlace(path)
        if isinstance(path[-1], int):
            self._reorder(path[:-1], lambda order: order.pop(path[-1]))
            return
        holder = self.find(path[:-1])
        if holder is None or path[-1] not in holder:
            raise WrongPlace(path)
        take_out(holder, path[-1])

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
        rows = self.find(path)
        taken = [row.get("code") for row in rows if isinstance(row, dict)] if rows is not None else []
        made = fresh(slot.model, given or {}, taken)
        if rows is None or len(rows) == 0:
            self._first(path, slot, made)
            return 0
        if isinstance(rows, items.AoT):
            leads = take_leads(rows)
            rows.append(table(made))
            # What follows the array stays behind it; the new table begins after a blank line.
            leads.insert(len(leads) - 1, blank())
            give_leads(rows, leads)
        else:
            refill(rows, [*rows, inline(made)])
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
            if is_inline(holder) or slot.model.__name__ in ("Words", "ChecklistItem", "Choice", "Column"):
                array = tomlkit.array()
                fill(array, [inline(made)], lines=True)
                holder[slot.key] = array
            else:
                array = tomlkit.aot()
                array.append(table(made))
                holder[slot.key] = array

    def _reorder(self, path, change):
        rows = self.find(path)
        if rows is None:
            raise WrongPlace(path)
        order = list(range(len(rows)))
        try:
            change(order)
        except IndexError:
            raise WrongPlace(path) from None
        if not order:
            take_out(self.find(path[:-1]), path[-1])
        elif isinstance(rows, items.AoT):
            leads = take_leads(rows)
            rearrange(rows, order)
            give_leads(rows, led(leads, order))
            if order[0] != 0:
                keep_comments(rows[0], leads[order[0]])
        else:
            refill(rows, [rows[index] for index in order])
