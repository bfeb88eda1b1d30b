"""Terms as they are printed (programmes.md §6.1): two conventions, stored and never derived again."""

from datetime import timedelta

from notifications.workdays.arithmetic import add_months, term
from pilots.rules import Rules

__all__ = ["add_months", "extended", "of_designation"]


def of_designation(rules: Rules, document_date):
    """(first day, last day, printed wording) of a term that begins with the approval document.

    Months are those of the rules; programmes without a number of months run ten years on paper and end by
    their own acts, never by the calendar.
    """
    if rules.term.style == "stated" and rules.term.first_day and rules.term.last_day:
        start, end = rules.term.first_day, rules.term.last_day
        return start, end, f"{start.year}年{start.month}月至{end.year}年{end.month}月"
    months = rules.term.months or 120
    style = "end_month_inclusive" if rules.term.style == "end_month_inclusive" else "anniversary"
    start, end = term(document_date, months, style)
    if style == "end_month_inclusive":
        text = f"{start.year}年{start.month}月至{end.year}年{end.month}月"
    else:
        text = f"{start.year}年{start.month}月{start.day}日至{end.year}年{end.month}月{end.day}日"
    return start, end, text


def extended(rules: Rules, end, months: int):
    """The last day of a term that is `months` longer. Terms printed by the month end with a month's last day."""
    later = add_months(end, months)
    if rules.term.style == "end_month_inclusive" or (end + timedelta(days=1)).day == 1:
        return add_months(later.replace(day=1), 1) - timedelta(days=1)
    return later
