"""Rows are written as the release before writes them, into the schema of today: with its columns only (expand, then contract)."""

from django.db import DatabaseError, connection, models, transaction

from config.released import columns
from workflows import append_only


def refused(tables):
    """{table: why} of released tables into which the release before can write no rows any more.

    The newest row of each is taken out and written again by an INSERT that names the released columns and no others: content that
    is right for sure, keys included. Whatever refers to it is asked at the end of the transaction.
    """
    found = {}
    append_only.remove(connection)
    for model in tables:
        try:
            with transaction.atomic():
                _again(model)
        except DatabaseError as error:
            found[model._meta.db_table] = str(error).strip()
    append_only.install(connection)
    return found


def _again(model):
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    names = ", ".join(quote(one.column) for one in columns(model))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX({key}) FROM {table}")
        (newest,) = cursor.fetchone()
        assert newest is not None, f"{table} is empty: nothing would be shown"
        cursor.execute(f"CREATE TEMPORARY TABLE kept AS SELECT {names} FROM {table} WHERE {key} = %s", [newest])
        cursor.execute(f"DELETE FROM {table} WHERE {key} = %s", [newest])
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM kept")
        assert cursor.rowcount == 1
        cursor.execute("DROP TABLE kept")


def plant():
    """The planted positive: a column that must have a value, as Django adds one with a default of its own."""
    from notifications.models import Job

    field = models.IntegerField(default=0)
    field.set_attributes_from_name("planted")
    with connection.schema_editor() as editor:
        editor.add_field(Job, field)
