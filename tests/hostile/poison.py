"""Hostile text in every text column of the database, whatever a form would have said to it."""

from django.apps import apps
from django.db import connection
from django.db.models import CharField, F, JSONField, TextField, Value
from django.db.models.functions import Cast, Concat

OURS = {"accounts", "notifications", "pilots", "approvals", "workflows"}
# Codes, keys and hashes: nobody types them, and the product would not run with others.
TECHNICAL = {
    "head", "case_model", "role", "act", "from_state", "to_state", "previous", "hash", "root", "heads", "flow_class",
    "flow_task", "flow_task_type", "token", "external_task_id", "owner_permission", "owner_permission_obj_pk", "serial",
    "code", "sha256", "archive_sha256", "print_sha256", "kind", "list_hash", "receipt", "format", "base", "model", "section",
    "channel", "intake", "shape", "version", "undo", "material", "subject_model", "subject_url", "place_path", "programme",
    "calendar_version", "then_act", "rung", "key", "group", "message_id", "essence", "url", "path", "password", "username",
    "feed_key", "period", "series", "language", "state", "band",
}  # fmt: skip
# Texts with a grammar of their own: rules documents, the canonical text of the ledger, signed roots.
GRAMMAR = {("RulesVersion", "text"), ("RulesDraft", "text"), ("LedgerEntry", "text"), ("Anchor", "body")}
# JSON that holds what people typed.
TYPED = {("Application", "answers"), ("Revision", "answers"), ("Filing", "answers"), ("Certificate", "words"),
         ("Change", "wanted"), ("Document", "annex")}  # fmt: skip


def columns():
    """Every (model, field) somebody's words may stand in; a new column is among them until it is named as technical."""
    for model in apps.get_models():
        if model._meta.app_label not in OURS:
            continue
        for field in model._meta.concrete_fields:
            named = field.name in TECHNICAL or (model.__name__, field.name) in GRAMMAR
            if isinstance(field, CharField | TextField) and not field.choices and not named:
                yield model, field


def fill(text):
    """Writes `text` into every column, with the row's number behind it so that what must be unique is; how many columns."""
    count = 0
    for model, field in columns():
        short = connection.vendor != "sqlite" and field.max_length
        value = text[: field.max_length - 8] if short else text
        count += bool(
            model.objects.update(
                **{field.name: Concat(Value(value), Cast(F("pk"), CharField()), output_field=TextField())}
            )
        )
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, JSONField) and (model.__name__, field.name) in TYPED:
                for row in model.objects.all():
                    model.objects.filter(pk=row.pk).update(**{field.name: _leaves(getattr(row, field.name), text)})
                    count += 1
    return count


def _leaves(value, text):
    """The same JSON with hostile text in place of every longer text: short ones are codes and dates."""
    if isinstance(value, dict):
        return {key: _leaves(one, text) for key, one in value.items()}
    if isinstance(value, list):
        return [_leaves(one, text) for one in value]
    is_words = isinstance(value, str) and any("\u4e00" <= char <= "\u9fff" for char in value)
    return text if is_words else value
