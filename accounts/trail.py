"""Who is asking for what, as every line of the log says it: request, person, case, act, job.

Carried by the context, not by arguments: a line is written deep below the page that caused it. Nothing is decided by it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

# What a proxy hands over and we take: anything else could write into our log what it likes.
_FORM = re.compile(r"[A-Za-z0-9_-]{8,64}")

_here: ContextVar[dict[str, object] | None] = ContextVar("trail", default=None)


def new_id() -> str:
    """A name for a request or a run: 32 hexadecimal digits."""
    return uuid4().hex


def accepted(given: str) -> str:
    """The id a proxy gave when it has the form of one, else a new one."""
    return given if _FORM.fullmatch(given) else new_id()


def here() -> dict[str, object]:
    """What is known where we are; empty outside of requests and runs."""
    return dict(_here.get() or {})


@contextmanager
def bind(**words: object) -> Iterator[None]:
    """Lines written inside carry these words, besides those from around it; a word that is None is left out."""
    token = _here.set(here() | {name: word for name, word in words.items() if word is not None})
    try:
        yield
    finally:
        _here.reset(token)


def note(**words: object) -> None:
    """Adds words to what is bound around here, such as the person once the session is known."""
    known = _here.get()
    if known is not None:
        known.update({name: word for name, word in words.items() if word is not None})
