"""How wide a text is in a face: read from the packaged fonts, so that lines are broken here and not by chance."""

from functools import lru_cache

from fontTools.ttLib import TTFont

from approvals.certificates.fonts import DEFAULT, ROLES

# Printed for a character no face can draw, as printers have always done.
GETA = "〓"


@lru_cache(maxsize=8)
def _advances(role: str) -> dict[int, float]:
    """Advance of every character of a face in parts of its size."""
    with TTFont(ROLES[role], lazy=True) as font:
        unit, table = font["head"].unitsPerEm, font["hmtx"]
        return {code: table[name][0] / unit for code, name in font.getBestCmap().items()}


@lru_cache(maxsize=16384)
def advance(char: str, role: str) -> float:
    """Width of one character in parts of the size, in the first face of the chain that has it. Unknown ones count 1."""
    for face in DEFAULT.chain(role):
        found = _advances(face.role).get(ord(char))
        if found is not None:
            return found
    return 1.0


def width(text: str, role: str, size: float, tight: float = 0.0) -> float:
    """Width of *text* in points; *tight* points stand behind every character."""
    return sum(advance(char, role) * size + tight for char in text)


def printable(text: str, role: str) -> str:
    """*text* with 〓 for what no packaged face can draw; nothing falls back to a font of the machine."""
    absent = set(DEFAULT.missing(text, role))
    return "".join(GETA if char in absent else char for char in text) if absent else text
