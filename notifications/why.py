"""Why a deadline of the ledger is on its day, from its row and the calendar alone."""

from dataclasses import dataclass

from notifications import standing
from notifications.models import Deadline
from notifications.workdays.arithmetic import SHANGHAI, Due, due, explain
from notifications.workdays.days import Calendar
from notifications.workdays.sentences import stated


@dataclass(frozen=True)
class Why:
    """`sentence` for a person; `counted` is how the day was found, None where it was set and not counted.

    `differs`: the calendar of today gives another day than the one that stands. So it is with a duty that ended before
    a table was corrected: what was printed stays as it was printed.
    """

    sentence: str
    counted: Due | None = None
    differs: bool = False


def why(row: Deadline, calendar: Calendar, lang: str) -> Why:
    """The sentence in the language `lang` (a language code)."""
    if row.period.get("fixed"):
        return Why(stated(row.due_on, row.due_at.astimezone(SHANGHAI), row.basis, lang))
    period = standing.period_of(row)
    counted = due(row.starts_on, period, calendar, standing.stops(row))
    if counted.on == row.due_on:
        return Why(explain(counted, period, row.starts_on, lang), counted)
    # A row of before `fixed` was kept, or one that was counted with an older calendar.
    return Why(stated(row.due_on, row.due_at.astimezone(SHANGHAI), row.basis, lang), None, row.closed_at is not None)
