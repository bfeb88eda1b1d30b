"""What is installed: hashed in the lock, listed in the bill of materials, and not below a floor."""

import json
from datetime import UTC, date, datetime
from importlib import metadata
from io import StringIO
from pathlib import Path

import pytest
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from config import floors, sbom

ROOT = Path(settings.BASE_DIR)
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]
AT = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_entry_of_a_lock_has_hashes(lock):
    rows = sbom.locked(lock)
    assert len(rows) > 60
    assert [row.name for row in rows if not row.hashes] == []
    assert len({row.name for row in rows}) == len(rows)
    pinned = [line for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum()]
    assert len(pinned) == len(rows), "every line that names a package was read"


def test_tests_run_with_what_production_runs_with():
    ours, theirs = ({row.name: row.version for row in sbom.locked(lock)} for lock in LOCKS)
    assert {name: version for name, version in ours.items() if theirs.get(name) != version} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_entry_is_the_unrelated_viewflow(lock):
    assert "viewflow" not in {row.name for row in sbom.locked(lock)}
    assert "django-viewflow" in {row.name for row in sbom.locked(lock)}


def test_an_entry_without_a_hash_is_seen(tmp_path):
    """The planted positive."""
    lock = tmp_path / "lock"
    lock.write_text("a==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\nB_c[x]==2.0\n    # via a\n", encoding="utf-8")
    first, second = sbom.locked(lock)
    assert (first.hashes, second.hashes, second.name, second.via) == (["0" * 64], [], "b-c", ["a"])


def schema_faults(bill):
    found = make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6).validate_str(json.dumps(bill))
    return [] if found is None else [str(found)]


def test_the_bill_of_materials_is_valid_and_complete():
    bill = sbom.bill(AT)
    assert schema_faults(bill) == []
    assert schema_faults(bill | {"components": [{"name": "no type"}]}) != [], "the planted positive"
    assert {one["name"] for one in bill["components"]} == {row.name for row in sbom.locked()}
    assert all(one["externalReferences"][0]["hashes"] for one in bill["components"])
    licensed = [one for one in bill["components"] if one.get("licenses")]
    assert len(licensed) > 0.8 * len(bill["components"])
    refs = {one["bom-ref"] for one in bill["components"]}
    named = {ref for row in bill["dependencies"] for ref in row["dependsOn"]}
    assert named == refs, "everything in it is there because something asks for it"


def test_the_bill_says_what_is_installed_here():
    here = {sbom.normal(one.metadata["Name"]): one.version for one in metadata.distributions()}
    wrong = [
        (row.name, row.version, here[row.name])
        for row in sbom.locked()
        if here.get(row.name, row.version) != row.version
    ]
    assert wrong == []


def test_the_same_lock_is_the_same_bill():
    assert sbom.bill(AT) == sbom.bill(AT)


# --- floors ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_nothing_is_below_its_floor(lock):
    assert floors.below(lock) == []


def test_a_package_below_its_floor_is_named(tmp_path):
    """The planted positive: a Django from before an advisory."""
    lock = tmp_path / "lock"
    lock.write_text("django==5.2.7 \\\n    --hash=sha256:" + "0" * 64 + "\npillow==13.0.0\n", encoding="utf-8")
    found = floors.below(lock)
    rows = [row for row in floors.table() if row.package == "django"]
    assert len(found) == len(rows) >= 3, "each of its rows is named"
    assert "CVE-2025-64459" in found[-1]
    assert not any("pillow" in one for one in found)


def test_floors_name_packages_we_have():
    rows = floors.table()
    everything = {row.name for row in sbom.locked(LOCKS[1])}
    assert {row.package for row in rows} <= everything
    assert all(row.advisory.startswith(("CVE-", "GHSA-", "PYSEC-")) for row in rows)
    direct = {"django", "celery", "weasyprint", "gunicorn", "cryptography", "django-allauth", "openpyxl", "urllib3"}
    assert direct <= {row.package for row in rows}


@pytest.mark.parametrize(
    ("version", "said"),
    [("5.2.19", (5, 2, 19)), ("2024.7.4", (2024, 7, 4)), ("0.22.0rc1", (0, 22, 0)), ("65.21.1", (65, 21, 1))],
)
def test_versions_are_compared_as_numbers(version, said):
    assert floors.number(version) == said
    assert floors.number("10.0") > floors.number("9.9.9")


def test_a_table_nobody_looked_at_for_a_month_is_no_table_to_release_by(monkeypatch, tmp_path):
    text = floors.TABLE.read_text(encoding="utf-8")
    monkeypatch.setattr(floors, "TABLE", tmp_path / "floors.toml")
    floors.TABLE.write_text(
        "reviewed = 2026-03-01\n" + "".join(line for line in text.splitlines(True) if not line.startswith("reviewed")),
        encoding="utf-8",
    )
    assert floors.stale(date(2026, 3, 31)) == ""
    assert "2026-03-01" in floors.stale(date(2026, 4, 1))
    floors.TABLE.write_text("floor = []\n", encoding="utf-8")
    assert "nobody" in floors.stale(date(2026, 3, 2))
    with pytest.raises(CommandError, match="nobody has gone through"):
        call_command("sbom", release=True, stdout=StringIO())


def test_the_command_writes_it(tmp_path):
    out = tmp_path / "bom.json"
    call_command("sbom", out=out)
    assert json.loads(out.read_text(encoding="utf-8"))["bomFormat"] == "CycloneDX"
