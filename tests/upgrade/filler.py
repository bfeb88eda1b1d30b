"""A row for each table of a released schema that a dump left empty, made of nothing but the schema as it was."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import models

from config.released import columns

AT = datetime(2018, 3, 5, 1, tzinfo=UTC)
PLAIN = (
    (models.DateTimeField, AT), (models.DateField, date(2018, 3, 5)), (models.BooleanField, True), (models.DecimalField, Decimal(1)),
    (models.IntegerField, 1), (models.JSONField, {"x": 1}), (models.GenericIPAddressField, "127.0.0.1"),
    (models.BinaryField, b"x" * 32),
)  # fmt: skip
# What a constraint of the table demands in the first of its states, by model.
DEMANDED = {
    "approvals.objection": {"concluded_at": None, "concluded_by_id": None},
    "pilots.rulesdraft": {"published_id": None},
}


def fill(tables):
    """Inserts a row into every empty table of `tables`, as far as there is something to refer to; returns the tables filled."""
    filled, waiting = [], [model for model in _with_libraries(tables) if not model._base_manager.exists()]
    while waiting:
        ready = [model for model in waiting if all(_there(one) for one in columns(model) if one.remote_field)]
        if not ready:
            raise ValueError(f"nothing to refer to for {waiting}")
        for model in ready:
            more = DEMANDED.get(model._meta.label_lower, {})
            row = {one.attname: _value(one) for one in columns(model) if not isinstance(one, models.AutoField)} | more
            model._base_manager.bulk_create([model(**row)])
            filled.append(model._meta.db_table)
            waiting.remove(model)
    return filled


def _with_libraries(tables):
    """And what they refer to of others: groups and permissions of accounts."""
    found = list(tables)
    for model in found:
        found += [one.related_model for one in columns(model) if one.remote_field and one.related_model not in found]
    return found


def _there(field):
    itself = field.related_model is field.model
    return itself or field.related_model._base_manager.exists()


def _value(field):
    if field.remote_field:
        return (
            None if field.related_model is field.model else field.related_model._base_manager.order_by("pk").first().pk
        )
    if field.choices:
        return next(value for value, _label in field.flatchoices if value != "")
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    for kind, value in PLAIN:
        if isinstance(field, kind):
            return value
    return "x"
