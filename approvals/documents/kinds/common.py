"""What the kinds share: whose paper it is, whether it is a specimen, its instant, its table of facts."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from accounts import clock
from approvals import sealing
from approvals.documents.model import Table


def agency(rules: Any) -> str:
    """The office whose paper it is: the division the rules name."""
    return str(rules.division.zh)


def agencies(rules: Any) -> tuple[str, ...]:
    """The office and, for a joint document, the ministries that sign with it, the lead first."""
    return (agency(rules), *(one.zh for one in rules.signoff.joint_ministries))


def specimen() -> bool:
    """Whether papers of this installation are marked 样章／示例: where its signer is the demonstration's."""
    return sealing.is_demo()


def instant(at: datetime) -> datetime:
    """The instant a file is dated: in local time, whole seconds."""
    return at.astimezone(clock.SHANGHAI).replace(microsecond=0)


def morning(day: date) -> datetime:
    """The first instant of a day, for papers that know their day only."""
    return datetime.combine(day, time(), clock.SHANGHAI)


def facts(rows: Iterable[tuple[str, Any]]) -> Table:
    """A table of two columns; rows without a value are left out."""
    kept = tuple((label, str(value)) for label, value in rows if value not in (None, ""))
    return Table(kept, widths=(1, 4))


def numbered(rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Rows with their running number before them."""
    return tuple((str(index), *row) for index, row in enumerate(rows, 1))
