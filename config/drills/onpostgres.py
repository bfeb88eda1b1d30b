"""A drill on a PostgreSQL server of its own: `python -m config.drills.onpostgres KIND …`; needs the test extra."""

import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

from config import postgres
from config.suite import ROOT, own_environment


def main(*words):
    import psycopg  # noqa: PLC0415 - PostgreSQL's driver is an extra

    with postgres.server() as address:
        parts = urlsplit(address)
        with psycopg.connect(address.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
            server.execute("CREATE DATABASE drill")
        command = [sys.executable, "manage.py", "drill", *words, "--db", urlunsplit(parts._replace(path="/drill"))]
        return subprocess.run(command, cwd=ROOT, env=own_environment(), check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
