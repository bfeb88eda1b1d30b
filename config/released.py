"""Dumps of a released schema: the rows an installation of that release would have, for tests that upgrade it (trust.md F20).

A dump is made from a demonstration (its people are invented) when a release is recorded, and never again: the next releases are
tested against it. It holds the tables and columns that the recorded migrations know, read through the models as they were then; what
the release could not have written (rows of later kinds) is left out, with whatever hangs on it. Loading inserts as that release would.
"""

import json
import lzma
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.color import no_style
from django.db import models, transaction
from django.db.migrations.executor import MigrationExecutor
from viewflow.workflow.fields import FlowReferenceField, TaskReferenceField

from config.migrating import OWN, baseline

# Which model a row is about, where a text names it instead of a key.
_NAMES = ("case_model", "subject_model")
# What opens something, anywhere: nothing of it is kept. No password of this kind is ever right.
_SECRET = {"password": "!", "key": "", "config": {}}
_OWNERS = {"accounts.user": ("password",), "notifications.feed": ("key",), "notifications.endpoint": ("config",)}
BATCH = 500


def targets(executor: MigrationExecutor) -> list[tuple[str, str]]:
    """Where to migrate to for the released schema: our recorded migrations, and the libraries the release came with."""
    said = baseline()
    graph = executor.loader.graph
    own = {tuple(name.split(".")) for name in said["migrations"]}
    ends = [node for node in own if not any(child in own for child in graph.node_map[node].children)]
    return sorted(ends) + [node for node in graph.leaf_nodes() if node[0] in said["libraries"]]


def schema(executor: MigrationExecutor) -> list[type[models.Model]]:
    """Our models of the released schema as they were, with the tables between them, in the order of their names."""
    state = executor.loader.project_state(targets(executor))
    found = [one for one in state.apps.get_models(include_auto_created=True) if one._meta.app_label in OWN]
    return sorted(found, key=lambda one: one._meta.label_lower)


def columns(model: type[models.Model]) -> list[models.Field]:
    """The columns of a table as the release knew them."""
    return list(model._meta.concrete_fields)


# --- writing ----------------------------------------------------------------------------------------------------------
def dump(executor: MigrationExecutor, file: Path) -> dict[str, int]:
    """Writes the rows of the released schema out of the present database; returns {table: number of rows}."""
    tables = schema(executor)
    rows = {model: _possible(model, {one._meta.label_lower for one in tables}) for model in tables}
    while _orphans(rows):
        pass
    with lzma.open(file, "wt", encoding="utf-8", preset=9 | lzma.PRESET_EXTREME) as out:
        for model in tables:
            fields = columns(model)
            head = {
                "model": model._meta.label_lower,
                "columns": [one.attname for one in fields],
                "rows": len(rows[model]),
            }
            out.write(json.dumps(head) + "\n")
            for row in rows[model]:
                out.write(
                    json.dumps([_said(model, one, row) for one in fields], ensure_ascii=False, default=_word) + "\n"
                )
    return {model._meta.db_table: len(rows[model]) for model in tables}


def _possible(model: type[models.Model], known: set[str]) -> list[Any]:
    """The rows that the release could have written: of kinds it knew, about models it had."""
    choices = {
        one.attname: {value for value, _label in one.flatchoices} | {""} for one in columns(model) if one.choices
    }
    return [
        row for row in model._base_manager.order_by("pk")
        if all(getattr(row, name) in values or getattr(row, name) is None for name, values in choices.items())
        and all(getattr(row, name, next(iter(known))) in known for name in _NAMES)
    ]  # fmt: skip


def _orphans(rows: dict[type[models.Model], list[Any]]) -> int:
    """Takes away rows that refer to one that is not there; returns how many."""
    there = {model._meta.label_lower: {row.pk for row in kept} for model, kept in rows.items()}
    gone = 0
    for model, kept in rows.items():
        keys = [one for one in columns(model) if one.remote_field and one.related_model._meta.label_lower in there]
        rows[model] = [
            row for row in kept
            if all(getattr(row, one.attname) in there[one.related_model._meta.label_lower] | {None} for one in keys)
        ]  # fmt: skip
        gone += len(kept) - len(rows[model])
    return gone


def _said(model: type[models.Model], field: models.Field, row: Any) -> Any:
    if field.attname in _OWNERS.get(model._meta.label_lower, ()):
        return _SECRET[field.attname] if field.attname != "key" else f"{row.pk:064}"
    value = getattr(row, field.attname)
    # References to flows and their nodes are texts in the database, and objects here.
    return value if isinstance(field, models.JSONField) else field.get_prep_value(value)


def _word(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value)} cannot be kept in a dump")


# --- reading ----------------------------------------------------------------------------------------------------------
def read(file: Path) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
    """(model, columns, rows) of every table of a dump."""
    with lzma.open(file, "rt", encoding="utf-8") as source:
        for line in source:
            head = json.loads(line)
            yield head["model"], head["columns"], [json.loads(next(source)) for _row in range(head["rows"])]


def load(executor: MigrationExecutor, file: Path) -> dict[str, int]:
    """Inserts a dump into a database that stands at the released schema and has no rows of ours; {table: rows}.

    All in one transaction, whose end asks every foreign key.
    """
    connection, known = executor.connection, {one._meta.label_lower: one for one in schema(executor)}
    counts: dict[str, int] = defaultdict(int)
    with transaction.atomic():
        for label, names, rows in read(file):
            model = known[label]
            fields = {one.attname: one for one in columns(model)}
            if set(names) != set(fields):
                raise ValueError(f"{label}: the dump has other columns than the released schema")
            made = [
                model(**{name: _value(fields[name], value) for name, value in zip(names, row, strict=True)}) for row in rows
            ]  # fmt: skip
            model._base_manager.bulk_create(made, batch_size=BATCH)
            counts[model._meta.db_table] += len(rows)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(known.values())):
            cursor.execute(statement)
    return dict(counts)


def _value(field: models.Field, said: Any) -> Any:
    # What names a flow or a node stays a text: the code of then may be gone.
    return said if isinstance(field, FlowReferenceField | TaskReferenceField) else field.to_python(said)
