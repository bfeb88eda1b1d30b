"""Where lines break: Pango's own opportunities, greedy filling, and a margin within which we do not vouch."""

import unicodedata
from functools import lru_cache

from weasyprint.text.ffi import FROM_UNITS
from weasyprint.text.line_break import get_log_attrs

from approvals.certificates.compiled.errors import Unsure
from approvals.certificates.compiled.reading import Width

MARGIN = 0.02  # em; a line closer to the limit than this is left to WeasyPrint. Widths are Pango's own, not estimates.
LANGUAGE = "zh-CN"

# Beside hanzi, digits and Latin letters only these may stand in a text of several lines. Spaces never: what becomes of
# them at the end of a line is decided in more than one place.
PUNCTUATION = frozenset("，。、；：？！（）〔〕《》〈〉「」『』【】“”‘’〇·—…％～-.,/%()")
_SINGLE_LINE = ("Lo", "Lu", "Ll", "Nd", "Nl", "No", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "So", "Sc")


def is_plain(character: str) -> bool:
    """Whether *character* is one glyph on its own: no mark, control or half of a pair."""
    return character == " " or unicodedata.category(character) in _SINGLE_LINE


def check_single(text: str) -> None:
    """Raises Unsure unless *text* may stand on one line as a plain sequence of characters."""
    if text != text.strip(" ") or "  " in text:
        raise Unsure("spaces")
    for character in text:
        if not is_plain(character):
            raise Unsure("character", f"U+{ord(character):04X}")


def check_multiple(text: str) -> None:
    """Raises Unsure unless every character of *text* is in the safe class of broken lines."""
    for character in text:
        if character in PUNCTUATION or "\u4e00" <= character <= "\u9fff":
            continue
        if character.isascii() and character.isalnum():
            continue
        raise Unsure("character", f"U+{ord(character):04X}")


@lru_cache(maxsize=4096)
def opportunities(text: str) -> tuple[int, ...]:
    """Indices before which Pango lets a line end, without 0 and the end."""
    attributes = get_log_attrs(text, LANGUAGE)
    return tuple(index for index in range(1, len(text)) if attributes[index].is_line_break)


def break_lines(text: str, widths: list[Width], size: float, limit: float, indent: float) -> list[tuple[int, int]]:
    """Start and end of each line of *text*, whose characters are as wide as *widths*; lengths are pixels.

    Raises Unsure when a line ends within the margin of the limit, or nothing fits.
    """
    margin = MARGIN * size
    sums = [0.0]
    for one in widths:
        sums.append(sums[-1] + one.units * FROM_UNITS)
    if sums[-1] + indent <= limit - margin:
        check_single(text)
        return [(0, len(text))]
    check_multiple(text)
    places = (*opportunities(text), len(text))
    lines: list[tuple[int, int]] = []
    start, at = 0, 0
    room = limit - indent
    while start < len(text):
        end = start
        while at < len(places):
            width = sums[places[at]] - sums[start]
            if abs(width - room) < margin:
                raise Unsure("margin")
            if width > room:
                break
            end = places[at]
            at += 1
        if end == start:
            raise Unsure("unbreakable")
        lines.append((start, end))
        start, room = end, limit
    return lines
