"""Backups: made, checked, put back, thrown away; whatever is missing or flipped in one is named."""

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps

from config.backups import Faulty, checking, databases, looking, making, pool
from config.drills.house import House
from config.drills.restore import restore

AT = datetime(2026, 3, 10, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A house with an issued certificate, its files, and two backups of it."""
    folder = tmp_path_factory.mktemp("house")
    house = House(folder, f"sqlite:///{folder / 'drill.sqlite3'}")
    house.run("config.drills.restoring", "begin", 5)
    house.manage("backup", "--to", folder / "backups")
    return house


@pytest.fixture
def copy(house, tmp_path):
    """A copy of the house's backups, to be damaged."""
    shutil.copytree(house.folder / "backups", tmp_path / "backups")
    return making.one(tmp_path / "backups")


def words_of(house, *command):
    """What a command that must fail says."""
    with pytest.raises(subprocess.CalledProcessError) as failed:
        house.manage(*command)
    return failed.value.stdout


def flip(file, place=-100):
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


def test_a_whole_backup_can_be_restored(house):
    said = house.manage("backup", "--verify", house.folder / "backups", "--all")
    assert "can be restored" in said
    backup = making.one(house.folder / "backups")
    assert backup.manifest["files"]["count"] > 0
    assert backup.manifest["ledger"]["rows"] > 10
    assert f"{backup.manifest['files']['count']} hashed again" in said


def test_nothing_secret_and_nothing_that_must_not_go_back_is_in_it(house):
    inside = {one.name for one in (house.folder / "backups").rglob("*") if one.is_file()}
    assert not inside & {"secret_key", "sent.sqlite3", "anchors.jsonl"}
    secret = house.environment["SECRET_KEY"].encode()
    everything = [one.read_bytes() for one in (house.folder / "backups").rglob("*") if one.is_file()]
    assert not any(secret in data for data in everything)


@pytest.mark.parametrize("file", ["database", "list", "pool"])
def test_one_flipped_byte_is_refused(house, copy, file):
    """The planted positive: a byte of the database, of the list, of a file."""
    target = {
        "database": copy.database,
        "list": copy.folder / making.LIST,
        "pool": pool.path(copy.pool, next(iter(copy.files()))),
    }[file]
    flip(target, -10)
    assert "not what" in words_of(house, "backup", "--verify", copy.folder, "--all")


def test_a_missing_file_is_refused(house, copy):
    pool.path(copy.pool, next(iter(copy.files()))).unlink()
    assert "is missing" in words_of(house, "backup", "--verify", copy.folder)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "DELETE FROM notifications_message WHERE id IN (SELECT max(id) FROM notifications_message)",
            "notifications_message",
        ),
        (
            "DELETE FROM workflows_ledgerentry WHERE id IN (SELECT max(id) FROM workflows_ledgerentry)",
            "the ledger is another",
        ),
        ("UPDATE workflows_ledgerentry SET reason = 'x' WHERE id = 1", "chain:"),
    ],
)
def test_a_database_that_was_changed_is_refused_though_its_hash_fits(house, copy, statement, words):
    """Whoever changes the copy can write its hash into the manifest; counts, heads and chains are looked at as well."""
    with closing(sqlite3.connect(copy.database)) as there:
        there.execute(statement)
        there.commit()
    said = copy.manifest | {
        "database": copy.manifest["database"]
        | {"size": copy.database.stat().st_size, "sha256": pool.sha256(copy.database)}
    }
    (copy.folder / making.MANIFEST).write_text(json.dumps(said), encoding="utf-8")
    assert words in words_of(house, "backup", "--verify", copy.folder)


def test_a_file_that_a_row_names_and_nobody_has_is_told(house, copy):
    with closing(sqlite3.connect(copy.database)) as there:
        there.execute("UPDATE pilots_upload SET sha256 = ?", ["0" * 64])
        there.commit()
    said = copy.manifest | {
        "database": copy.manifest["database"]
        | {"size": copy.database.stat().st_size, "sha256": pool.sha256(copy.database)}
    }
    (copy.folder / making.MANIFEST).write_text(json.dumps(said), encoding="utf-8")
    assert "which is not in the backup" in words_of(house, "backup", "--verify", copy.folder)


def test_a_torn_file_of_the_installation_is_told_and_left_out(house, tmp_path):
    stored = next(pool.stored(house.folder / "files"))
    kept = stored.read_bytes()
    try:
        flip(stored, -1)
        assert "not in it" in words_of(house, "backup", "--to", tmp_path / "backups")
        backup = making.one(tmp_path / "backups")
        assert backup.manifest["files"]["damaged"] == [stored.name]
        assert stored.name in words_of(house, "backup", "--verify", tmp_path / "backups")
    finally:
        stored.write_bytes(kept)


def test_a_database_with_tables_is_not_restored_over(house):
    before = (house.folder / "drill.sqlite3").read_bytes()
    done = subprocess.run(
        [*_manage(), "restore", str(house.folder / "backups")], env=house.environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert (house.folder / "drill.sqlite3").read_bytes() == before


def _manage():
    import sys

    return [sys.executable, "-m", "django"]


def test_a_damaged_backup_is_not_restored(copy, tmp_path):
    flip(copy.database)
    other = House(tmp_path / "other", f"sqlite:///{tmp_path}/other.sqlite3")
    done = subprocess.run([*_manage(), "restore", str(copy.folder)], env=other.environment, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1
    assert "not what was written" in done.stderr


# --- the copy is of one moment --------------------------------------------------------------------------------------
def test_who_writes_meanwhile_is_either_in_or_out(tmp_path, monkeypatch, settings):
    """A writer commits between counting and copying: counts and copy still agree, because both are of one read transaction."""
    live = tmp_path / "live.sqlite3"
    with closing(sqlite3.connect(live)) as there:
        there.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1);"
            "CREATE TABLE workflows_ledgerentry (case_uuid, seq, hash); CREATE TABLE workflows_anchor (number, root);"
        )
    counted = databases.facts.everything

    def and_somebody_writes(cursor, vendor):
        found = counted(cursor, vendor)
        with closing(sqlite3.connect(live)) as other:
            other.execute("INSERT INTO t VALUES (2)")
            other.commit()
        return found

    monkeypatch.setattr(databases.facts, "everything", and_somebody_writes)
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(live))
    found = databases._copy_sqlite(tmp_path / "copy.sqlite3")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as there:
        assert there.execute("SELECT count(*) FROM t").fetchone()[0] == found["counts"]["t"] == 1
    with closing(sqlite3.connect(live)) as there:
        assert there.execute("SELECT count(*) FROM t").fetchone()[0] == 2, "the writer was not kept waiting"


# --- keeping --------------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path, monkeypatch, settings):
    """Five backups of an installation whose files change; its database is left out of the play."""
    settings.FILES_DIR = tmp_path / "files"
    from pilots import storage

    monkeypatch.setattr(databases, "copy", lambda part: (part / "database.sqlite3").write_bytes(b"x") and {})
    digests = []
    for number in range(5):
        digests.append(storage.store(f"file {number}".encode()))
        if number >= 2:
            storage.path_of(digests[number - 2]).unlink()
        making.make(tmp_path / "backups", AT + timedelta(days=number))
    return tmp_path / "backups", digests


def test_files_that_a_kept_backup_names_are_never_thrown_away(folder):
    there, digests = folder
    assert making.prune(there, 2) == (3, 2)
    assert [one.folder.name for one in making.backups(there)] == ["20260313T030000Z", "20260314T030000Z"]
    assert {one.name for one in pool.stored(there / making.POOL)} == set(digests[2:])
    for backup in making.backups(there):
        assert all(pool.whole(pool.path(backup.pool, name), name) for name in backup.files())


def test_fewer_than_two_are_refused_and_a_broken_list_costs_no_file(folder):
    there, digests = folder
    with pytest.raises(Faulty, match="at least 2"):
        making.prune(there, 1)
    (making.backups(there)[-1].folder / making.LIST).write_text("rubbish\n", encoding="ascii")
    with pytest.raises(Faulty, match="not a list"):
        making.prune(there, 2)
    assert {one.name for one in pool.stored(there / making.POOL)} == set(digests)
    assert len(making.backups(there)) == 5


def test_files_are_copied_once(folder):
    there, _digests = folder
    assert [one.manifest["files"]["copied"] for one in making.backups(there)] == [1, 1, 1, 1, 1]
    assert making.make(there, AT + timedelta(days=9))[0].manifest["files"]["copied"] == 0


def test_what_a_killed_backup_left_is_no_backup(folder):
    there, _digests = folder
    (there / ".making-20260301T000000Z").mkdir()
    shelf = next((there / making.POOL).iterdir())
    (shelf / ".part-x").write_bytes(b"half")
    making.make(there, AT + timedelta(days=9))
    making.prune(there, 6)
    assert list(there.glob(".making-*")) == []
    assert not (shelf / ".part-x").exists()


def test_two_at_once_are_refused(folder):
    there, _digests = folder
    with making._alone(there), pytest.raises(Faulty, match="another backup"):
        making.make(there, AT + timedelta(days=9))


def test_every_column_that_names_a_file_is_known():
    """A model that learns to keep a file must be told to whoever checks backups."""
    # Hashes over words, not names of files.
    words = {"approvals.Draw", "approvals.CertificateTemplate", "pilots.RulesVersion", "pilots.Revision",
             "pilots.AgreementSignature", "approvals.GrantRequest"}  # fmt: skip
    found = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name.endswith("sha256") and model._meta.label not in words
    }
    known = {(label, column) for label, columns in looking.FILES.items() for column in columns}
    assert found - known == {("approvals.SealUse", "sha256")}
    assert known <= found


def test_a_password_is_never_on_a_command_line(monkeypatch):
    seen = {}

    def run(command, **more):
        seen.update(command=command, env=more.get("env", {}))
        return subprocess.CompletedProcess(command, 0, "pg_dump (PostgreSQL) 16.1", "")

    monkeypatch.setattr(databases.subprocess, "run", run)
    monkeypatch.setattr(databases.shutil, "which", lambda name, path=None: f"/usr/bin/{name}")
    databases._run("pg_dump", ["--format=custom"], {"user": "u", "password": "canary", "host": "db"}, 16)
    assert "canary" not in " ".join(seen["command"])
    assert seen["env"]["PGPASSWORD"] == "canary"
    with pytest.raises(Faulty, match="PILOTAGE_PG_BIN"):
        databases.tool("pg_dump", 17)


@pytest.mark.parametrize(
    ("params", "url"),
    [
        ({"dbname": "x", "user": "u", "password": "p@/", "host": "db", "port": 5433}, "postgres://u:p%40%2F@db:5433/x"),
        ({"dbname": "x", "user": "u", "host": "/run/pg"}, "postgres://u:@/x?host=%2Frun%2Fpg"),
        (
            {"dbname": "x", "user": "u", "host": "db", "sslmode": "verify-full"},
            "postgres://u:@db/x?sslmode=verify-full",
        ),
    ],
)
def test_a_scratch_database_is_addressed_as_the_settings_read_it(params, url):
    assert checking.address(params) == url
    import environ

    read = environ.Env.db_url_config(url)
    assert (read["NAME"], read["USER"], read["PASSWORD"]) == ("x", "u", params.get("password", ""))
    assert (read["HOST"] or read["OPTIONS"]["host"]) == params["host"]


# --- the drill ------------------------------------------------------------------------------------------------------
@pytest.mark.timeout(300)
def test_a_restore_sends_nothing_twice_and_swallows_nothing(tmp_path, figures):
    found = restore(House(tmp_path, f"sqlite:///{tmp_path / 'drill.sqlite3'}"), mails=500)
    figures(
        mails=found["already_went"],
        resent=found["resent"],
        swallowed=found["swallowed"],
        restored_in=found["restored_in"],
    )
    assert found["faults"] == []
    assert (found["resent"], found["swallowed"]) == (0, 0)
    assert (found["already_went"], found["arrived"]) == (500, 520)


@pytest.mark.timeout(300)
def test_the_drill_sees_what_is_sent_again(tmp_path):
    """The planted positive: without the sent-log everything goes twice, and the drill says so."""
    found = restore(House(tmp_path, f"sqlite:///{tmp_path / 'drill.sqlite3'}"), mails=30, forget=True)
    assert found["resent"] == 30
    assert any("sent again" in fault for fault in found["faults"])


def test_postgres_programs_are_looked_for_where_the_setting_says(settings, tmp_path):
    settings.PG_BIN = str(tmp_path)
    with pytest.raises(Faulty, match=str(tmp_path)):
        databases.tool("pg_dump", 16)
    assert Path(tmp_path).exists()
