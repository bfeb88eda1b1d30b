"""Paragraphs broken into lines of 28 cells, with the rules of punctuation kept (避头尾; programmes.md §7.4).

A line that would leave a stop alone at the next line's start takes it in by closing up the empty halves of its
punctuation; where there are none, a character goes down with it and the line is spread. So the right edge is straight.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from approvals.documents.metrics import advance

NO_START = frozenset("，。、；：？！）》〉」』】〕］｝”’…—·％‰℃,.;:?!)]}%々～")
NO_END = frozenset("（《〈「『【〔［｛“‘([{￥$")
# Their right half is empty: up to so much of it may be taken away.
HALF_EMPTY = frozenset("，。、；：？！）》〉」』】〕")
GIVES = 0.45
# A run of Latin letters and digits stays together; so do the two halves of a dash and of an ellipsis.
_CLUSTER = re.compile(r"[!-~]+|——|……|.", re.S)
_EPSILON = 0.01  # pt


@dataclass(frozen=True)
class Line:
    """One line: pieces of text and the points that are added behind each of their characters."""

    pieces: tuple[tuple[str, float], ...]

    @property
    def text(self) -> str:
        """The words of the line."""
        return "".join(text for text, _spacing in self.pieces)


def break_lines(text: str, role: str, *, size: float, tight: float, room: float, indent: float = 0.0) -> list[Line]:
    """Lines of *text* in the face *role*, *size* points with *tight* points behind each character.

    *room* is the width of a line, *indent* what the first one leaves free, both in points. The last line keeps its
    natural width; every other one fills the room.
    """
    rest = _clusters(text, role, size, tight, room)
    found: list[Line] = []
    free = room - indent
    while rest:
        count = _fitting(rest, role, size, tight, free)
        if count >= len(rest):
            found.append(Line((("".join(rest), tight),)))
            break
        taken = _break_at(rest, count, role, size, tight, free)
        found.append(_set(rest[:taken], role, size, tight, free))
        rest, free = rest[taken:], room
        while rest and rest[0] == " ":
            rest = rest[1:]
    return found or [Line((("", tight),))]


def _clusters(text: str, role: str, size: float, tight: float, room: float) -> list[str]:
    found: list[str] = []
    for part in _CLUSTER.findall(text):
        # A file's hash is longer than a line: it has to be broken somewhere.
        found += [part] if _wide(part, role, size, tight) <= room / 2 else list(part)
    return found


def _wide(text: str, role: str, size: float, tight: float) -> float:
    return sum(advance(char, role) * size + tight for char in text)


def _fitting(rest: Sequence[str], role: str, size: float, tight: float, free: float) -> int:
    used = 0.0
    for index, part in enumerate(rest):
        used += _wide(part, role, size, tight)
        if used > free + _EPSILON:
            return index
    return len(rest)


def _may_break(rest: Sequence[str], index: int) -> bool:
    return rest[index][0] not in NO_START and rest[index - 1][-1] not in NO_END


def _break_at(rest: Sequence[str], count: int, role: str, size: float, tight: float, free: float) -> int:
    """How many clusters the line takes: those that fit, or a stop more, or fewer."""
    count = max(count, 1)
    if _may_break(rest, count):
        return count
    more = count
    while more < len(rest) and rest[more][0] in NO_START:
        more += 1
    over = sum(_wide(part, role, size, tight) for part in rest[:more]) - free
    if 0 < over <= _gives(rest[:more], size) and (more == len(rest) or _may_break(rest, more)):
        return more
    fewer = count
    while fewer > 1 and not _may_break(rest, fewer):
        fewer -= 1
    # A text of nothing but stops is broken where it is full.
    return fewer if fewer > 1 or _may_break(rest, 1) else count


def _gives(parts: Sequence[str], size: float) -> float:
    return GIVES * size * sum(char in HALF_EMPTY for part in parts for char in part)


def _set(parts: Sequence[str], role: str, size: float, tight: float, free: float) -> Line:
    """A full line: closed up at its punctuation where it is too long, spread evenly where it is too short."""
    text = "".join(parts)
    over = _wide(text, role, size, tight) - free
    if over <= _EPSILON:
        # What stands behind the last character is not seen.
        gaps = max(len(text) - 1, 1)
        return Line(((text, tight - over / gaps if over < -_EPSILON else tight),))
    each = over / sum(char in HALF_EMPTY for char in text)
    pieces: list[tuple[str, float]] = []
    for part in re.findall(f"[{''.join(HALF_EMPTY)}]+|[^{''.join(HALF_EMPTY)}]+", text):
        pieces.append((part, tight - each if part[0] in HALF_EMPTY else tight))
    return Line(tuple(pieces))
