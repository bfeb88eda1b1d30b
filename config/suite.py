"""`make test`: everything, on SQLite and on PostgreSQL, with a real browser. Skips are counted, never hidden."""

import os
import subprocess
import sys
from pathlib import Path

from config import postgres

ROOT = Path(__file__).resolve().parent.parent


def run(name, command, **environment):
    """Runs one part of the suite and returns its exit code."""
    sys.stdout.write(f"\n== {name}\n")
    sys.stdout.flush()
    return subprocess.run(command, cwd=ROOT, env=own_environment() | environment, check=False).returncode  # noqa: S603


def own_environment():
    """The environment without anything an installation on this machine has set."""
    ours = ("PILOTAGE_", "DATABASE_URL", "DJANGO_")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)}


def main():
    python = sys.executable
    pytest = [python, "-m", "pytest", "-q", "-rs", "--no-skips"]
    codes = [
        run("compile messages", [python, "manage.py", "messages", "--compile"]),
        run("SQLite", [*pytest, "-n", "2", "-m", "not browser and not postgres"]),
    ]
    with postgres.server() as address:
        # Everything that touches the database, on the production database, in a role of no special rights and behind the
        # second wall (accounts.wall): what passes here passes without it, as SQLite shows.
        parts = ["-m", "not browser and not postgres", "--with-database"]
        with postgres.plain_role(address) as plain:
            codes.append(run("PostgreSQL", [*pytest, "-n", "2", *parts], DATABASE_URL=plain, PILOTAGE_ROW_WALL="1"))
        # Races start threads of their own and want the machine to themselves.
        codes.append(run("PostgreSQL, races", [*pytest, "-m", "postgres"], DATABASE_URL=address))
    codes.append(run("browser", [*pytest, "-m", "browser"]))
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
