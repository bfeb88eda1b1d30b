"""Which characters a font file knows: what it lacks would silently be set in some other font, or as a box."""

import io
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

from approvals.certificates.fonts import ROLES


@lru_cache(maxsize=16)
def known_characters(file: Path | bytes) -> frozenset[int]:
    """Code points *file* has a glyph for. Read once per process; the files never change while it runs."""
    with TTFont(io.BytesIO(file) if isinstance(file, bytes) else file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def missing_glyphs(text: str, role: str = "body") -> str:
    """The characters of *text* that the font of *role* cannot draw, each once, in order of appearance.

    White space is no character here: HTML folds it. Raises KeyError for an unknown role.
    """
    known = known_characters(ROLES[role])
    absent = (c for c in text if ord(c) not in known and not c.isspace())
    return "".join(dict.fromkeys(absent))
