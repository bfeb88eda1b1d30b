"""Which templates of certificates there are. Rules name one; who draws them lies on a floor above and registers here."""

from __future__ import annotations

from collections.abc import Callable, Collection

_known: list[Callable[[], Collection[str]]] = []


def register(codes: Callable[[], Collection[str]]) -> None:
    """Says where the codes of templates come from; the newest registration counts."""
    _known[:] = [codes]


def known() -> Collection[str]:
    """Codes a rules document may name; empty while nobody registered, and then nothing is checked."""
    return _known[0]() if _known else ()
