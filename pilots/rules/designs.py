"""Which templates of certificates there are. Rules name one; who draws them lies on a floor above and registers here."""

from __future__ import annotations

from collections.abc import Callable, Collection

_asked: list[tuple[Callable[[str], bool], Callable[[], Collection[str]]]] = []


def register(exists: Callable[[str], bool], codes: Callable[[], Collection[str]]) -> None:
    """Says whether there is a template with a code, and which ones there are; the newest registration counts."""
    _asked[:] = [(exists, codes)]


def exists(code: str) -> bool:
    """True when rules may name `code`; nothing is refused while nobody registered."""
    return not _asked or _asked[0][0](code)


def known() -> Collection[str]:
    """Every code rules may name."""
    return _asked[0][1]() if _asked else ()
