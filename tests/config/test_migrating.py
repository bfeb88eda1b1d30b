"""Migrations newer than the last release only add; each way of turning the release before away is planted and found."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState

from config import migrating
from config.backups.making import release

KEPT = {
    "id": models.BigAutoField(primary_key=True), "name": models.CharField(max_length=50),
    "note": models.CharField(max_length=50, null=True),
}  # fmt: skip


def look(*steps, contracts=""):
    state = ProjectState()
    state.add_model(ModelState("pilots", "Thing", list(KEPT.items())))
    migration = migrations.Migration("0099_x", "pilots")
    migration.operations = list(steps)
    if contracts:
        migration.contracts = contracts
    return [str(one) for one in migrating.look(migration, "pilots.0099_x", "0.3.0", state)]


def field(**more):
    return models.CharField(max_length=50, **more)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (migrations.RemoveField("thing", "name"), "still reads it"),
        (migrations.DeleteModel("Thing"), "still reads it"),
        (migrations.RenameField("thing", "name", "title"), "fill both"),
        (migrations.RenameModel("Thing", "Item"), "fill both"),
        (migrations.AddField("thing", "kind", field(default="x")), "cannot add rows"),
        (migrations.AlterField("thing", "note", field()), "becomes NOT NULL"),
        (migrations.AlterField("thing", "name", models.IntegerField()), "another type"),
        (migrations.AlterField("thing", "name", models.CharField(max_length=10)), "shorter"),
        (migrations.RunSQL("ALTER TABLE pilots_thing DROP COLUMN name"), "takes away"),
        (migrations.RunSQL([("ALTER TABLE a RENAME TO b", None)]), "takes away"),
        (migrations.SeparateDatabaseAndState([migrations.RunSQL("drop table x")]), "takes away"),
    ],
)
def test_what_turns_the_release_before_away_is_named(step, words):
    found = look(step)
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    "step",
    [
        migrations.AddField("thing", "kind", field(null=True)),
        migrations.AddField("thing", "kind", field(db_default="x")),
        migrations.AlterField("thing", "name", models.CharField(max_length=90)),
        migrations.AlterField("thing", "note", field(null=True, blank=True)),
        migrations.AlterField("thing", "note", field(db_default="x")),
        migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex("thing", models.Index(fields=["name"], name="thing_name")),
        migrations.RunSQL("CREATE INDEX x ON pilots_thing (name)"),
    ],
)
def test_what_only_adds_is_let_through(step):
    assert look(step) == []


def test_a_table_of_the_same_migration_is_nobodys_yet():
    made = migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])
    assert look(made, migrations.AddField("other", "kind", field())) == []


def test_a_later_release_may_take_away_what_it_names():
    gone = migrations.RemoveField("thing", "name")
    assert look(gone, contracts="0.2.0") == []
    assert "no later release" in look(gone, contracts="0.3.0")[0]


def test_migrations_of_this_tree_only_add():
    assert migrating.findings(release()) == []
    assert set(migrating.baseline()["migrations"]) <= set(migrating.own()), "a released migration is gone"


def test_the_command_looks_at_what_is_not_recorded(monkeypatch, tmp_path):
    """The planted positive: with an empty baseline the old migrations, which did take away, are found."""
    monkeypatch.setattr(migrating, "BASELINE", tmp_path / "released.toml")
    migrating.BASELINE.write_text('release = "0"\nmigrations = []\n', encoding="utf-8")
    with pytest.raises(CommandError, match="turn the release before away"):
        call_command("migrations")
    call_command("migrations", record=True)
    call_command("migrations")
