"""A database of a released version is upgraded: `python -m tests.upgrade.upgrading DUMP [planted]` prints JSON.

In an empty database of its own: the released schema, the dump, all newer migrations, and then whether anything is lost and
people can go on. Every step is a real one; what was found is told, and judged by the test.
"""

import hashlib
import json
import sys
from pathlib import Path


def main(file, *words):
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from config import released
    from tests.upgrade import filler, oldway, using

    executor = MigrationExecutor(connection)
    executor.migrate(released.targets(executor))
    executor = MigrationExecutor(connection)
    said = {"loaded": released.load(executor, Path(file))}
    tables = released.schema(executor)
    said["filled"] = filler.fill(tables)
    before = {model._meta.db_table: content(model) for model in tables}
    call_command("migrate", verbosity=0)
    after = {model._meta.db_table: content(model) for model in tables}
    said["tables"] = {table: number for table, (number, _hash) in before.items()}
    said["changed"] = sorted(table for table in before if before[table] != after[table])
    said["newer"] = newer(executor)
    said["refused"] = oldway.refused(tables)
    said |= using.everything()
    if "planted" in words:
        oldway.plant()
        said["planted"] = oldway.refused(tables)
    sys.stdout.write(json.dumps(said, ensure_ascii=False, default=str))


def content(model):
    """(number of rows, hash of them) of a table in the columns the release knew, whatever was added since."""
    from django.db import connection

    from config.released import columns

    quote = connection.ops.quote_name
    names = ", ".join(quote(one.column) for one in columns(model))
    digest, number = hashlib.sha256(), 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {quote(model._meta.db_table)} ORDER BY {quote(model._meta.pk.column)}")
        for row in cursor:
            digest.update(repr(row).encode())
            number += 1
    return number, digest.hexdigest()


def newer(executor):
    """What the release had not: migrations that the upgrade brought."""
    from config.migrating import baseline, own

    return sorted(set(own()) - set(baseline()["migrations"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
