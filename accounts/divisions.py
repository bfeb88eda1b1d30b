"""Loading tables of divisions: all of a table or nothing; the same table twice changes nothing.

Columns and sources: accounts/data/README.md. `load` takes what `read` gives, or any mappings like it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from accounts.divisions_csv import DivisionsError, Fault, parsed, read
from accounts.models import Place
from accounts.pinyin import initials

__all__ = ["SHIPPED", "DivisionsError", "Fault", "Report", "load", "read"]

SHIPPED = Path(__file__).resolve().parent / "data" / "divisions.csv"
_FIELDS = ["code", "name", "short_name", "name_en", "kind", "valid_from", "valid_to"]
_BATCH = 500


@dataclass(frozen=True)
class Report:
    """How many places a table created, changed, and found as they should be."""

    created: int
    changed: int
    unchanged: int


def load(rows: Iterable[Mapping], *, dry_run: bool = False) -> Report:
    """Stores every row as a place and returns the counts; with `dry_run` only counts.

    Raises DivisionsError, with nothing stored, when any row is wrong. Rows are written by the hundred:
    `Place.save` would take four queries for each.
    """
    with transaction.atomic():
        report = _Table(rows).store()
        transaction.set_rollback(dry_run)
    return report


class _Unit:
    """A place with its relations as objects, so that they can point at places that have no key yet."""

    def __init__(self, place, row=0):
        self.place, self.row = place, row
        self.parent = self.successor = None
        self.before = None
        self.parent_ref = self.successor_ref = ""

    def state(self):
        return [getattr(self.place, name) for name in _FIELDS], self.parent, self.successor

    def is_called(self, ref):
        """Whether a table may name this unit so."""
        return ref in (self.place.code, self.place.name)


class _Table:
    def __init__(self, rows):
        self.units = self._stored()
        self.named = []
        self._take(rows)
        self._link()
        self._check()
        if self.faults:
            raise DivisionsError(self.faults)

    def fault(self, row, text):
        self.faults.append(Fault(row, text))

    # --- reading ---------------------------------------------------------------------------------

    @staticmethod
    def _stored():
        by_pk = {place.pk: _Unit(place) for place in Place.objects.order_by("pk")}
        for unit in by_pk.values():
            unit.parent = by_pk.get(unit.place.parent_id)
            unit.successor = by_pk.get(unit.place.successor_id)
        for unit in by_pk.values():
            unit.before = unit.state()
        return list(by_pk.values())

    def _take(self, rows):
        """Finds or makes the unit of every row and writes the row's values on it."""
        values, self.faults = parsed(rows)
        by_code, by_name = defaultdict(list), defaultdict(list)
        for unit in self.units:
            (by_code[unit.place.code] if unit.place.code else by_name[unit.place.name]).append(unit)
        found = {}
        # First those that are the same under code and name, so that a renaming does not take their place.
        for same_name in (True, False):
            for value in values:
                if value["row"] in found:
                    continue
                unit = self._match(value, by_code, by_name, same_name=same_name)
                if unit is not None:
                    unit.row = found[value["row"]] = value["row"]
                    self.named.append(self._write(unit, value))
        for value in values:
            if value["row"] not in found:
                unit = _Unit(Place(), value["row"])
                self.units.append(unit)
                self.named.append(self._write(unit, value))

    @staticmethod
    def _match(value, by_code, by_name, *, same_name):
        if not value["code"]:
            near = [
                unit for unit in by_name[value["name"]]
                if (unit.parent.is_called(value["parent"]) if unit.parent else not value["parent"])
            ]  # fmt: skip
        elif same_name:
            near = [unit for unit in by_code[value["code"]] if unit.place.name == value["name"]]
        elif value["valid_to"] is None:
            near = [unit for unit in by_code[value["code"]] if unit.place.valid_to is None]
        else:
            near = []
        return next((unit for unit in near if not unit.row), None)

    @staticmethod
    def _write(unit, value):
        for name in _FIELDS:
            setattr(unit.place, name, value[name])
        unit.parent_ref, unit.successor_ref = value["parent"], value["successor"]
        return unit

    # --- relations ---------------------------------------------------------------------------------

    def _link(self):
        called = defaultdict(list)
        for unit in self.units:
            for name in {unit.place.code, unit.place.name} - {None}:
                called[name].append(unit)
        for unit in self.named:
            unit.parent = self._find(called, unit, unit.parent_ref, "上级")
            unit.successor = self._find(called, unit, unit.successor_ref, "承接单位")

    def _find(self, called, unit, ref, what):
        if not ref:
            return None
        near = [other for other in called[ref] if other is not unit]
        near = [other for other in near if other.place.valid_to is None] or near
        if len(near) == 1:
            return near[0]
        if near:
            self.fault(unit.row, f"有 {len(near)} 个地方叫 {ref}，{what}请写区划代码")
        elif called[ref]:
            self.fault(unit.row, f"{unit.place.name} 的{what}不能是自己")
        else:
            self.fault(unit.row, f"找不到{what} {ref}")
        return None

    def _check(self):
        codes, names = {}, {}
        for unit in sorted(self.units, key=lambda unit: unit.row):
            place = unit.place
            if place.code and place.valid_to is None:
                other = codes.setdefault(place.code, unit)
                if other is not unit:
                    self.fault(unit.row, f"区划代码 {place.code} 已由{other.place.name}使用")
            if unit.row and not place.code:
                other = names.setdefault((place.name, unit.parent), unit)
                if other is not unit:
                    self.fault(unit.row, f"{place.name} 与第 {other.row} 行重复")
        for relation, what in (("parent", "上级"), ("successor", "承接关系")):
            self._no_circle(relation, what)

    def _no_circle(self, relation, what):
        safe = set()
        for unit in self.units:
            trail, here = [], unit
            while here is not None and here not in safe and here not in trail:
                trail.append(here)
                here = getattr(here, relation)
            if here is not None and here in trail:
                circle = [*trail[trail.index(here) :], here]
                row = max(member.row for member in circle)
                self.fault(row, f"{what}成环：{' → '.join(member.place.name for member in circle)}")
            safe.update(trail)

    # --- writing ---------------------------------------------------------------------------------

    def store(self):
        new = [unit for unit in self.named if unit.before is None]
        changed = [unit for unit in self.named if unit.before is not None and unit.before != unit.state()]
        for unit in [*new, *changed]:
            unit.place.initials = initials(unit.place.name)
        # Units that retire first: they free the codes that others take over.
        for group in (
            [unit for unit in changed if unit.place.valid_to is not None],
            [unit for unit in changed if unit.place.valid_to is None],
        ):
            Place.objects.bulk_update([unit.place for unit in group], [*_FIELDS, "initials"], batch_size=_BATCH)
        for unit in new:
            # Paths are unique and need the key; until then something nobody else has.
            unit.place.path = f"~{uuid4().hex}"
        Place.objects.bulk_create([unit.place for unit in new], batch_size=_BATCH)
        for unit in [*new, *changed]:
            unit.place.parent = unit.parent.place if unit.parent else None
            unit.place.successor = unit.successor.place if unit.successor else None
        linked = [unit.place for unit in [*new, *changed]]
        Place.objects.bulk_update(linked, ["parent", "successor"], batch_size=_BATCH)
        Place.objects.bulk_update(self._moved(), ["path"], batch_size=_BATCH)
        return Report(len(new), len(changed), len(self.named) - len(new) - len(changed))

    def _moved(self):
        """The places whose path has to change, with the new one: subtrees follow their roots."""
        paths, moved = {}, []
        for unit in self.units:
            chain, here = [], unit
            while here is not None and here not in paths:
                chain.append(here)
                here = here.parent
            for link in reversed(chain):
                paths[link] = f"{paths[link.parent] if link.parent else ''}{link.place.pk}."
                if link.place.path != paths[link]:
                    link.place.path = paths[link]
                    moved.append(link.place)
        return moved
