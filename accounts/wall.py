"""Whom the database should think it answers: the second wall behind `visible_to` (docs/operate.md, A second wall).

Where `ROW_WALL` is on (PostgreSQL only), policies of the tables named in `workflows.row_wall` let a row through only to
the person this connection answers, or to the house itself: the worker, the timers, the one door. A page that forgot to
ask `visible_to` then shows nothing instead of somebody else's file. It is a wall against forgetting, *not* against
whoever can send statements of their own: those can say they are the house.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created


@dataclass(frozen=True)
class Reader:
    """Whom a connection answers: a person's key, `house`, or nobody (empty), as of an instant (ISO 8601)."""

    name: str
    at: str = ""


NOBODY = Reader("")
HOUSE = Reader("house")

_reader: ContextVar[Reader] = ContextVar("reader", default=HOUSE)


def is_up() -> bool:
    """True where the wall stands."""
    return bool(settings.ROW_WALL) and connection.vendor == "postgresql"


def answer(user: Any, at: datetime) -> None:
    """From here on this request reads as `user`; a passer-by reads as nobody. `at` is the instant whose grants count."""
    _turn_to(Reader(str(user.pk), at.isoformat()) if user is not None and user.pk else NOBODY)


@contextmanager
def lifted() -> Iterator[None]:
    """What runs inside reads as the house. For the one door, and for sums over what the reader may not see one by one."""
    with _as(HOUSE):
        yield


@contextmanager
def as_nobody() -> Iterator[None]:
    """What runs inside reads as a passer-by: to see whether the wall holds."""
    with _as(NOBODY):
        yield


@contextmanager
def _as(reader: Reader) -> Iterator[None]:
    before = _reader.get()
    _turn_to(reader)
    try:
        yield
    finally:
        _turn_to(before)


class WallMiddleware:
    """A request reads as nobody until the page's rule has been asked (`accounts.access`)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        _turn_to(NOBODY)
        # Not turned back here: streamed answers read on until they are closed (`request_finished`).
        return self.get_response(request)


def _turn_to(reader: Reader) -> None:
    if reader == _reader.get():
        return
    _reader.set(reader)
    # A connection that is opened later is told when it opens.
    if is_up() and connection.connection is not None:
        connection.close_if_health_check_failed()
        if connection.connection is not None:
            _tell(connection, reader)


def _tell(connection: Any, reader: Reader) -> None:
    """Says it to the server for the whole session: there is no pooler between that lends sessions by transaction."""
    raw = connection.connection
    if raw.closed or raw.info.transaction_status == raw.info.transaction_status.INERROR:
        # Nobody listens any more; or whatever was said inside this transaction goes with it.
        return
    with connection.wrap_database_errors:
        # Not by a cursor of Django's: this is no query of the page, and must not be counted as one.
        raw.execute(
            "SELECT set_config('pilotage.person', %s, false), set_config('pilotage.at', %s, false)",
            [reader.name, reader.at],
        )


def _opened(connection: Any, **_more: Any) -> None:
    if settings.ROW_WALL and connection.vendor == "postgresql":
        _tell(connection, _reader.get())


def _closed(**_more: Any) -> None:
    try:
        _turn_to(HOUSE)
    except DatabaseError:
        # The answer is out; the next request opens a connection of its own and is told anew.
        connection.close()


def connect() -> None:
    """Listens to connections being opened and requests being over; called once, when the applications are ready."""
    connection_created.connect(_opened, dispatch_uid="wall")
    request_finished.connect(_closed, dispatch_uid="wall")
