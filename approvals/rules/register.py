"""Series of document numbers as a register reads them: order, gaps (programmes.md §7.2)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SERIES = re.compile(r"^[\u4e00-\u9fff]{2,10}$")
_PARTS = re.compile(r"^([\u4e00-\u9fff]{2,10})〔(\d{4})〕(\d+)号$")


@dataclass(frozen=True, order=True)
class Numbered:
    """A number in its parts. Sorts by series, year and number."""

    series: str
    year: int
    number: int


def parts(text: str) -> Numbered | None:
    """The parts of a document number, or None for what has not its form."""
    found = _PARTS.match(text)
    return Numbered(found[1], int(found[2]), int(found[3])) if found else None


def is_series(code: str) -> bool:
    """Whether a counter counts documents: their series are Chinese, those of certificates and requests are not."""
    return bool(_SERIES.match(code))


def gaps(numbers: Iterable[int], last: int = 0) -> list[int]:
    """Numbers of a series that nobody has: from 1 to the highest one, or to *last*, the last the series has given."""
    have = set(numbers)
    return [number for number in range(1, max([last, *have]) + 1) if number not in have]


def spoken(missing: list[int]) -> str:
    """「3、7—9」: missing numbers in few words."""
    runs: list[list[int]] = []
    for number in missing:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(str(run[0]) if len(run) == 1 else f"{run[0]}—{run[-1]}" for run in runs)
