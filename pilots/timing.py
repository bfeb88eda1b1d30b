"""Days of a term that follow from the rules: when mid-term, self-evaluation and renewal open."""

from datetime import date, timedelta

from notifications import calendars
from notifications.workdays.arithmetic import add_months, due
from pilots.rules.parts import Period


def after(day: date, period: Period) -> date:
    """The last day of a period counted from `day`."""
    return due(day, period.reckoned(), calendars.current()).on


def before(day: date, period: Period) -> date:
    """The day a period before `day`; working days count as calendar days here."""
    if period.unit == "month":
        return add_months(day, -period.n)
    if period.unit == "year":
        return add_months(day, -12 * period.n)
    return day - timedelta(days=period.n)


def opening_of_mid_term(site) -> date:
    """The day from which the mid-term report is taken: the rules' time after the first day of the term."""
    return after(site.term_start, site.rules.mid_term.after)


def opening_of_evaluation(site) -> date:
    """The day the self-evaluation opens: the rules' time before the end of the term as it stands."""
    return max(before(site.term_end, site.rules.acceptance.opens_before), site.term_start)


def end_of_title(site) -> date | None:
    """The last day a title counts without renewal; None where it has none."""
    return site.valid_until or site.term_end


def end_of_upgrade(site) -> date | None:
    """The last day on which a title that is not renewed may still lead to the higher one; None where there is none."""
    stage = site.rules.stage("UPG")
    if site.rules.upgrade is None or stage is None or site.term_end is None:
        return None
    return after(max(site.term_end, site.ended_on or site.term_end), stage.due)


def opening_of_renewal(site) -> date:
    """The day from which a renewal may be asked for."""
    return before(site.valid_until, site.rules.renewal.opens_before)
