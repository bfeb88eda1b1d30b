"""Migrations by which nobody is turned away: the old release must be able to go on with the new schema (expand, then contract).

During an upgrade old processes serve people on the new schema, and after a rollback they do so for days. So a release
only adds; what it no longer needs is taken away by a later one, whose migration says since which release nobody uses it:

    class Migration(migrations.Migration):
        contracts = "0.2.0"     # the last release that still used what goes
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

# Everything that is in a release, or was when this was last recorded; older than the rules.
BASELINE = Path(settings.BASE_DIR) / "docs" / "deploy" / "released.toml"
OWN = ("accounts", "notifications", "pilots", "approvals", "workflows")
_TAKES_AWAY = re.compile(r"\b(DROP\s+(TABLE|COLUMN)|RENAME|SET\s+NOT\s+NULL|TRUNCATE)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """A step of a migration that the release before cannot live with."""

    migration: str
    what: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.what}"


def baseline() -> dict[str, Any]:
    """{"release", "libraries", "migrations"} as last recorded."""
    return tomllib.loads(BASELINE.read_text(encoding="utf-8"))


def own() -> list[str]:
    """`app.name` of every migration of ours, sorted."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations if app in OWN)


def libraries() -> list[str]:
    """The apps of libraries that have tables of their own, sorted."""
    return sorted({app for app, _name in MigrationLoader(None).disk_migrations} - set(OWN))


def record(release: str) -> None:
    """Writes down that everything there is belongs to `release`."""
    lines = "".join(f'  "{name}",\n' for name in own())
    BASELINE.write_text(
        "# Migrations of what is released: ./manage.py migrations --record. Newer ones must only add (docs/operate.md, Upgrading).\n"
        f'release = "{release}"\nlibraries = {json.dumps(libraries())}\nmigrations = [\n{lines}]\n',
        encoding="utf-8",
    )


def findings(release: str) -> list[Finding]:
    """What is wrong with migrations that are newer than the baseline. `release` is the version being made."""
    known = set(baseline()["migrations"])
    loader, found = MigrationLoader(None), []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in OWN and f"{app}.{name}" not in known:
            state = loader.project_state([key for key in migration.dependencies if key in loader.disk_migrations])
            found += look(migration, f"{app}.{name}", release, state)
    return found


def look(migration: migrations.Migration, name: str, release: str, state: Any) -> list[Finding]:
    """Findings of one migration. `state` is the schema before it."""
    since = getattr(migration, "contracts", "")
    if since:
        if _number(since) >= _number(release):
            return [Finding(name, f"takes away what {since} used, and {release} is no later release")]
        return []
    found, state, made = [], state.clone(), set()
    for step in migration.operations:
        # A table that this very migration makes is nobody's yet.
        if isinstance(step, migrations.CreateModel):
            made.add(step.name.lower())
        elif (getattr(step, "model_name", "") or "").lower() not in made:
            found += [Finding(name, words) for words in _step(step, migration.app_label, state)]
        step.state_forwards(migration.app_label, state)
    return found


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _step(step: Any, app: str, state: Any) -> Iterator[str]:
    match step:
        case migrations.SeparateDatabaseAndState():
            for one in step.database_operations:
                yield from _step(one, app, state)
        case migrations.RemoveField() | migrations.DeleteModel():
            yield f"{step.describe()}: the release before still reads it; say `contracts` in a later release"
        case migrations.RenameField() | migrations.RenameModel() | migrations.AlterModelTable():
            yield f"{step.describe()}: add the new one, fill both, take the old one away in a later release"
        case migrations.AddField():
            if _demands_a_value(step.field):
                yield f"{step.describe()}: NOT NULL without db_default; the release before cannot add rows any more"
        case migrations.AlterField():
            yield from _altered(step, app, state)
        case migrations.RunSQL():
            taking = [one for one in _statements(step.sql) if _TAKES_AWAY.search(one)]
            yield from (f"RunSQL: {statement.strip()[:60]!r} takes away or renames" for statement in taking)


def _demands_a_value(field: Any) -> bool:
    # Django's own default leaves the database again: the release before would insert without the column.
    given = field.null or field.db_default is not NOT_PROVIDED or getattr(field, "generated", False)
    return not given and field.many_to_many is not True


def _altered(step: Any, app: str, state: Any) -> Iterator[str]:
    before = state.models[app, step.model_name.lower()].fields.get(step.name)
    if before is None:
        return
    after = step.field
    if before.null and not after.null and after.db_default is NOT_PROVIDED:
        yield f"{step.describe()}: becomes NOT NULL; the release before still writes rows without it"
    if before.get_internal_type() != after.get_internal_type():
        yield f"{step.describe()}: another type; add a column beside it"
    shorter = (before.max_length or 0) > (after.max_length or 10**9)
    if shorter:
        yield f"{step.describe()}: shorter; the release before still writes longer ones"


def _statements(sql: Any) -> list[str]:
    if isinstance(sql, str):
        return [sql]
    return [one if isinstance(one, str) else one[0] for one in sql or ()]
