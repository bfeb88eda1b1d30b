"""A clock that stands still: while the case is with somebody else, the time of a duty does not run (rules: `stop_clock`).

The duty keeps its row and its first day. When the case comes back the remaining days go on: the days after the one on
which the clock stopped, up to and with the one on which it goes on, are not counted.
"""

from datetime import date, time

from notifications.models import Deadline
from notifications.workdays.arithmetic import Period, Stop


def stands_still(row: Deadline, case) -> bool:
    """True when the case is in a state in which the clock of this deadline does not run."""
    return case.state in row.period.get("stop_clock", ())


def go_on(row: Deadline, today: date) -> None:
    """Notes the stretch that is over; not saved."""
    row.stops = [*row.stops, [row.paused_on.isoformat(), today.isoformat()]]
    row.paused_on = None


def stops(row: Deadline) -> tuple[Stop, ...]:
    """The stretches in which the clock of this deadline stood still."""
    return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in row.stops)


def start(duty, row: Deadline) -> date:
    """The first day of the count: that of the duty, unless the clock has gone on from an earlier one."""
    return row.starts_on if row.stops and duty.due is None else duty.start


def stored(duty) -> dict:
    """The period of a duty as its row keeps it: what is not there is none."""
    period: Period = duty.period
    kept = {"n": period.n, "unit": period.unit, "count_first_day": period.count_first_day, "roll": period.roll}
    if period.cut_off is not None:
        kept["cut_off"] = period.cut_off.isoformat("minutes")
    if period.grace:
        kept["grace"] = period.grace
    if period.stop_clock:
        kept["stop_clock"] = list(period.stop_clock)
    if duty.due is not None:
        kept["fixed"] = True
    return kept


def period_of(row: Deadline) -> Period:
    """The period of a row, for counting again and for saying why."""
    kept = row.period
    cut_off = kept.get("cut_off")
    return Period(
        n=kept.get("n", 1), unit=kept.get("unit", "calendar"), count_first_day=kept.get("count_first_day", False),
        roll=kept.get("roll", False), cut_off=time.fromisoformat(cut_off) if cut_off else None, basis=row.basis,
        grace=kept.get("grace", 0), stop_clock=tuple(kept.get("stop_clock", ())),
    )  # fmt: skip
