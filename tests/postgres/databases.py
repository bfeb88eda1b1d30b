"""An empty database of one's own beside the test's, for what a whole installation does to one."""

from contextlib import contextmanager

import psycopg
from django.db import connection

from config.backups import checking


@contextmanager
def empty(name):
    """The URL of a new database `name` on the test's server; it is gone afterwards, also when the server crashed meanwhile."""
    params = {**connection.get_connection_params(), "dbname": "postgres"}
    known = {word: params[word] for word in ("user", "password", "host", "port", "dbname") if params.get(word)}
    with psycopg.connect(**known, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield checking.address(params | {"dbname": name})
    finally:
        with psycopg.connect(**known, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
