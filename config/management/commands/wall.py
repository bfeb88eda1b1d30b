"""`./manage.py wall`: the second wall in the database: print it, look whether it holds, take it down."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from accounts import wall
from workflows import row_wall, walling


class Command(BaseCommand):
    help = "Row-level security of PostgreSQL behind `visible_to`: prints its SQL, checks that it holds."

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="do", required=True)
        acts.add_parser("sql", help="print the statements that put it up (run as the owner of the tables)")
        acts.add_parser("down", help="print the statements that take it down")
        acts.add_parser("check", help="look whether it holds for the role of DATABASE_URL; exit code 1 where not")

    def handle(self, *args, **options):
        if options["do"] == "check":
            self.check_it()
            return
        for statement in row_wall.sql() if options["do"] == "sql" else row_wall.sql_down():
            self.stdout.write(statement)

    def check_it(self):
        if connection.vendor != "postgresql":
            raise CommandError("the second wall needs PostgreSQL")
        if not wall.is_up():
            raise CommandError("PILOTAGE_ROW_WALL is off: this process would not say whom it answers")
        found = walling.objections()
        for fault in found:
            self.stderr.write(self.style.ERROR(fault))
        if found:
            raise CommandError("the second wall does not hold; ./manage.py wall sql prints it")
        self.stdout.write(f"the second wall holds: {', '.join(row_wall.walls())}")
