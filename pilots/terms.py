"""Terms as they are printed (programmes.md §6.1): two conventions, stored and never derived again."""

from datetime import timedelta

from notifications.workdays.arithmetic import add_months, term
from pilots.rules import Rules

__all__ = ["add_months", "extended", "of_designation", "printed", "renewed"]


def of_designation(rules: Rules, document_date):
    """(first day, last day, printed wording) of a term that begins with the approval document.

    A programme without a number of months has no last day (None): a prize, a listing. It ends by its own acts, never
    by the calendar.
    """
    if rules.term.style == "stated" and rules.term.first_day and rules.term.last_day:
        start, end = rules.term.first_day, rules.term.last_day
        return start, end, f"{start.year}年{start.month}月至{end.year}年{end.month}月"
    if rules.term.months is None:
        return document_date, None, f"自{_day(document_date)}起"
    # A month stated in the document is printed without days (programmes.md §6.2).
    start, end = term(document_date, rules.term.months, _style(rules), month_only=rules.term.anchor == "stated_month")
    return start, end, printed(rules, start, end)


def printed(rules: Rules, start, end) -> str:
    """A term in the words of the rules' convention (programmes.md §6.1)."""
    if _style(rules) == "end_month_inclusive" or rules.term.anchor == "stated_month":
        return f"{start.year}年{start.month}月至{end.year}年{end.month}月"
    return f"{_day(start)}至{_day(end)}"


def renewed(rules: Rules, end, months: int, joined=None):
    """(first day, last day, printed wording) of the term a re-examination gives: from the day after the old one, or
    from `joined`, the first day of the current batch's term (programmes.md card 20)."""
    first = joined or end + timedelta(days=1)
    style = _style(rules)
    start, last = term(first, months, style)
    if style == "anniversary" and joined is None:
        # The old term's last day is the anniversary; the new one ends on the next.
        last = add_months(end, months)
    return start, last, printed(rules, start, last)


def _style(rules: Rules) -> str:
    return "end_month_inclusive" if rules.term.style == "end_month_inclusive" else "anniversary"


def _day(day) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def extended(rules: Rules, end, months: int):
    """The last day of a term that is `months` longer. Terms printed by the month end with a month's last day."""
    later = add_months(end, months)
    if rules.term.style == "end_month_inclusive" or (end + timedelta(days=1)).day == 1:
        return add_months(later.replace(day=1), 1) - timedelta(days=1)
    return later
