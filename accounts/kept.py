"""What is read once for several pieces of work done in a row: who holds which seat, an office's own words, its fonts.

Outside of `keeping` nothing is kept. Inside, an answer may be as old as the block is long, which is seconds: for whom to
tell and in which words that is soon enough. What decides whether an act may be done is never kept; the door reads it
under the lock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_here: ContextVar[dict[str, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def keeping(**known: Any) -> Iterator[None]:
    """Keeps answers for the length of the block; `known` are answers that are there already."""
    token = _here.set(dict(known))
    try:
        yield
    finally:
        _here.reset(token)


def kept(key: str, make: Callable[[], T]) -> T:
    """The answer kept under `key`, made when it is asked for the first time; outside of a block made every time."""
    store = _here.get()
    if store is None:
        return make()
    if key not in store:
        store[key] = make()
    found: T = store[key]
    return found


def known(key: str) -> Any:
    """What the block was given under `key`, or None."""
    return (_here.get() or {}).get(key)
