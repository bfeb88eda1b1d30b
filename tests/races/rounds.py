"""Playing a scene many times: what the database holds is remembered once and put back after every round."""

from collections import Counter

from django.apps import apps
from django.db import connection, transaction

from tests.races.scenes import Taken
from workflows.refusals import NotNow, Stale

ROUNDS = 200
# How one may lose: the case moved on, its state forbids it now, or the job is somebody else's.
LOST = (Stale, NotNow, Taken)


class Snapshot:
    """Every row of our own tables, to go back to."""

    def __init__(self):
        labels = {"accounts", "approvals", "notifications", "pilots", "workflows"}
        self._models = [
            model for model in apps.get_models(include_auto_created=True)
            if model._meta.app_label in labels and not model._meta.proxy
        ]  # fmt: skip
        self._rows = {model: self._read(model) for model in self._models}

    @staticmethod
    def _read(model):
        return {row.pop("__pk"): row for row in model._base_manager.values(*_columns(model), __pk=_key(model))}

    def restore(self):
        """Puts back what was changed and takes away what was added."""
        with transaction.atomic():
            for model in self._models:
                before, now = self._rows[model], self._read(model)
                if before == now:
                    continue
                rows = model._base_manager
                if added := now.keys() - before.keys():
                    rows.filter(pk__in=added)._raw_delete(rows.db)
                for key in now.keys() & before.keys():
                    if now[key] != before[key]:
                        rows.filter(pk=key).update(**before[key])
                gone = before.keys() - now.keys()
                model._base_manager.bulk_create([model(pk=key, **before[key]) for key in gone])


def _columns(model):
    return [field.attname for field in model._meta.concrete_fields if not field.primary_key]


def _key(model):
    from django.db.models import F

    return F(model._meta.pk.attname)


class Count:
    """What came of the rounds: presses that succeeded, lost, broke, and what was wrong in the database."""

    def __init__(self, scene):
        self.scene, self.ends, self.wrong, self.rounds = scene, Counter(), [], 0

    def add(self, ends):
        """One round; `ends` holds for each contestant "done", the name of a refusal, or any other exception."""
        self.rounds += 1
        self.ends.update(ends)
        if ends.count("done") != self.scene.winners:
            self.wrong.append(f"round {self.rounds}: {ends}")
        if strange := [end for end in ends if end not in {"done", *(kind.__name__ for kind in LOST)}]:
            self.wrong.append(f"round {self.rounds}: {strange}")
        self.wrong += [f"round {self.rounds}: {fault}" for fault in self.scene.faults()]

    def line(self):
        """For the report of the test."""
        ends = ", ".join(f"{name} {number}" for name, number in sorted(self.ends.items()))
        return f"{type(self.scene).__name__:<18}{connection.vendor:<12}{self.rounds:>4} rounds   {ends}"


def end_of(scene, number, seen):
    """How a press ended, as one word."""
    try:
        scene.press(number, seen)
    except LOST as lost:
        return type(lost).__name__
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"
