"""Eleven ways in which somebody with all rights on the database may falsify what was decided, each done and undone.

Ten are attacks on the ledger (trust.md §3.4); the eleventh leaves it alone and moves the case.

The guards of the tables are taken away first: whoever owns the database can do that. From the seventh attack on, the
attacker also makes the case's head fit, and the log and the anchors in the database with it: all that is left to
disagree is the file outside.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count

from workflows import append_only, merkle, verifying
from workflows.anchoring import heads_leaf, row_leaf
from workflows.heads import HeadList, case_models, every
from workflows.ledger import canonical, digest
from workflows.models import Anchor, LedgerEntry, LogNode
from workflows.verifying import Fault

FEWEST = 4


class NoVictim(Exception):
    """There is no anchored case with enough rows, or no second one beside it."""


@dataclass(frozen=True)
class Tried:
    """One attack, and what was seen of it."""

    name: str
    faults: list[Fault]

    @property
    def walls(self) -> list[str]:
        """The walls that saw it, in the order of `verifying`."""
        return [wall for wall in ("chain", "head", "log", "outside") if any(one.wall == wall for one in self.faults)]


class Scene:
    """The case that is falsified, another one, and an attacker's tools."""

    def __init__(self) -> None:
        counted = (
            LedgerEntry.objects.values("case_model", "case_uuid").annotate(n=Count("pk")).order_by("-n", "case_uuid")
        )
        found = list(counted[:2])
        if len(found) < 2 or found[0]["n"] < FEWEST or not Anchor.objects.exists():
            raise NoVictim("the self-test needs anchors, and two cases, one of them with four rows")
        self.model, self.uuid, self.other = found[0]["case_model"], found[0]["case_uuid"], found[1]
        self.rows = list(LedgerEntry.objects.filter(case_uuid=self.uuid).order_by("seq"))
        self.middle = self.rows[len(self.rows) // 2]

    @property
    def case(self) -> Any:
        """The case row, as a query."""
        model = next(one for one in case_models() if one._meta.label_lower == self.model)
        return model._default_manager.filter(uuid=self.uuid)

    def put(self, row: LedgerEntry, **columns: Any) -> None:
        """Changes columns of a row, whatever the guards say."""
        LedgerEntry.objects.filter(pk=row.pk).update(**columns)

    def drop(self, *rows: LedgerEntry) -> None:
        """Deletes rows, and their places in the log."""
        keys = [row.pk for row in rows]
        LogNode.objects.filter(entry__in=keys).update(entry=None)
        raw_delete("workflows_ledgerentry", keys)

    def forged(self, row: LedgerEntry) -> str:
        """The text of a row with another reason."""
        return canonical(json.loads(row.text) | {"reason": "伪造"})

    def rehash(self) -> None:
        """Makes the rows that are left a chain that holds, state by state, and the case its end."""
        previous, number, state = "", 0, ""
        for number, row in enumerate(LedgerEntry.objects.filter(case_uuid=self.uuid).order_by("seq"), start=1):
            text = canonical(json.loads(row.text) | {"seq": number, "from": state})
            self.put(row, seq=number, text=text, from_state=state, previous=previous, hash=digest(previous, text))
            previous, state = digest(previous, text), row.to_state
        self.case.update(version=number, head=previous, state=state)

    def rebuild(self) -> None:
        """Makes the log and the anchors in the database fit what the ledger says now."""
        kept = list(LogNode.objects.filter(level=0).order_by("place").values_list("place", "entry_id"))
        anchors = list(Anchor.objects.order_by("number"))
        facts = {
            row[0]: row[1:] for row in LedgerEntry.objects.values_list("pk", "case_model", "case_uuid", "seq", "hash")
        }
        LogNode.objects.all()._raw_delete(LogNode.objects.db)
        listed = HeadList()
        for head in every():
            listed.add(head.uuid, head.version, head.hash)
        edge, previous, rows = merkle.Frontier(), "", 0
        nodes: list[LogNode] = []
        ends = {anchor.size: anchor for anchor in anchors}
        for place, key in kept:
            anchor = ends.get(place + 1)
            if key in facts or (anchor is not None and anchor.heads):
                data = row_leaf(*facts[key]) if key in facts else heads_leaf(listed.hash())
                rows += key in facts
                for level, at, top in edge.append(merkle.leaf_hash(data)):
                    nodes.append(LogNode(level=level, place=at, hash=top, entry_id=key if level == 0 else None))
            if anchor is not None:
                said = {"size": edge.size, "rows": rows, "root": edge.root().hex(), "previous": previous,
                        "heads": listed.hash() if anchor.heads else ""}  # fmt: skip
                body = canonical(json.loads(anchor.body) | said)
                Anchor.objects.filter(pk=anchor.pk).update(**said, body=body)
                previous = edge.root().hex()
        LogNode.objects.bulk_create(nodes)


def raw_delete(table: str, keys: list[int]) -> None:
    """Deletes by key, past everything the application would do about it."""
    marks = ",".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id IN ({marks})", keys)  # noqa: S608 - only marks and our own names


def edit(scene: Scene) -> None:
    scene.put(scene.middle, text=scene.forged(scene.middle), reason="伪造")


def edit_with_hash(scene: Scene) -> None:
    text = scene.forged(scene.middle)
    scene.put(scene.middle, text=text, reason="伪造", hash=digest(scene.middle.previous, text))


def delete(scene: Scene) -> None:
    scene.drop(scene.middle)


def swap(scene: Scene) -> None:
    first, second = scene.rows[1], scene.rows[2]
    scene.put(first, seq=len(scene.rows) + 1)
    scene.put(second, seq=first.seq)
    scene.put(first, seq=second.seq)


def insert(scene: Scene) -> None:
    for row in reversed(scene.rows[2:]):
        scene.put(row, seq=row.seq + 1)
    before = scene.rows[1]
    text = canonical(json.loads(before.text) | {"seq": 3, "reason": "插入"})
    values = {
        field.attname: getattr(before, field.attname)
        for field in LedgerEntry._meta.concrete_fields
        if not field.primary_key
    }
    LedgerEntry.objects.create(**values | {"seq": 3, "reason": "插入", "text": text, "previous": before.hash, "hash": digest(before.hash, text)})  # fmt: skip


def move(scene: Scene) -> None:
    scene.put(
        scene.rows[-1],
        case_uuid=scene.other["case_uuid"],
        case_model=scene.other["case_model"],
        seq=scene.other["n"] + 1,
    )


def cut_tail(scene: Scene) -> None:
    scene.drop(*scene.rows[-2:])
    scene.rehash()
    scene.rebuild()


def edit_and_rehash(scene: Scene) -> None:
    edit(scene)
    scene.rehash()
    scene.rebuild()


def delete_and_rehash(scene: Scene) -> None:
    scene.drop(scene.middle)
    scene.rehash()
    scene.rebuild()


def delete_case(scene: Scene) -> None:
    scene.drop(*scene.rows)
    raw_delete(scene.case.model._meta.db_table, list(scene.case.values_list("pk", flat=True)))
    scene.rebuild()


def move_state(scene: Scene) -> None:
    model = scene.case.model
    other = next(code for code, _label in model._meta.get_field("state").choices if code != scene.rows[-1].to_state)
    scene.case.update(state=other)


ATTACKS: dict[str, Callable[[Scene], None]] = {
    "edit a text": edit,
    "edit a text and its hash": edit_with_hash,
    "delete a row": delete,
    "swap two rows": swap,
    "insert a row": insert,
    "move a row to another case": move,
    "delete a case's tail, head rewritten": cut_tail,
    "edit and rehash the whole case, head rewritten": edit_and_rehash,
    "delete and rehash the whole case, head rewritten": delete_and_rehash,
    "delete the whole case": delete_case,
    "put a case into another state": move_state,
}


def play() -> Iterator[Tried]:
    """Every attack in a transaction that is rolled back, with what was seen of it. Raises NoVictim.

    For a database in which nothing counts: the guards are taken away for it and put back.
    """
    scene = Scene()
    for name, attack in ATTACKS.items():
        with transaction.atomic():
            append_only.remove(connection)
            attack(scene)
            faults = list(verifying.everything())
            transaction.set_rollback(True)
        yield Tried(name, faults)
