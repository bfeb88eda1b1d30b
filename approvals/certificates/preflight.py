"""Pre-flight: what would go wrong with a text in a design, found before anything is issued."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from approvals.certificates import language
from approvals.certificates.design import Design, load, width
from approvals.certificates.findings import Finding, finding
from approvals.certificates.fonts import DEFAULT, Fonts
from approvals.certificates.text import CertificateText, printed_address, values

# Set by several slots, so checked under each; what a reader types is checked in the slots of the text itself.
_TYPED = ("title", "programme", "serial", "holder", "issuer", "grade", "mark")
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e")
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LATIN = re.compile(r"[!-~\u00a1-\u024f]{12}")
_NEEDED = ("title", "holder", "issuer", "serial")


def missing(text: CertificateText, design: Design | None = None, fonts: Fonts = DEFAULT) -> str:
    """The characters of *text* that none of our faces would print, "" when all will."""
    design = design or load(text.design)
    words = "".join([*values(text).values(), *(run for runs in text.paragraphs for run, _strong in runs)])
    found = [fonts.missing(words, face) for face in dict.fromkeys(design.roles.values())]
    return "".join(dict.fromkeys("".join(found)))


def preflight(text: CertificateText, design: Design | None = None, fonts: Fonts = DEFAULT) -> list[Finding]:
    """Everything found in *text*, errors before warnings. An error means it must not be issued like this."""
    design = design or load(text.design)
    found = [*_words(text, design, fonts), *_dates(text)]
    if text.kind != design.kind:
        found.append(finding("kind"))
    if not any(one.code in ("glyph", "length", "issued_missing") for one in found) and not _fits(text, design, fonts):
        found.append(finding("overflow", language.PARAGRAPHS))
    return sorted(found, key=lambda one: one.level)


def _slots(text: CertificateText) -> Iterator[tuple[str, str, int]]:
    """Slot, what was typed into it, and its cap."""
    for slot in _TYPED:
        yield slot, getattr(text, slot), language.LINES[slot]
    yield "address", printed_address(text.verify_url), language.LINES["address"]
    yield language.PARAGRAPHS, "\n".join("".join(run for run, _strong in runs) for runs in text.paragraphs), 0


def _words(text: CertificateText, design: Design, fonts: Fonts) -> Iterator[Finding]:
    faces = tuple(dict.fromkeys(design.roles.values()))
    for slot, words, cap in _slots(text):
        plain = words.replace("\n", "") if slot == language.PARAGRAPHS else words
        limit = cap or language.MOST_CHARACTERS
        if slot in _NEEDED and not words.strip():
            yield finding("empty", slot)
        if len(plain) > limit:
            yield finding("length", slot, length=len(plain), limit=limit)
        if odd := "".join(dict.fromkeys(c for c in plain if c in _ZERO_WIDTH)):
            yield finding("zero_width", slot, characters=_named(odd))
        if odd := "".join(dict.fromkeys(c for c in plain if _is_control(c))):
            yield finding("control", slot, characters=_named(odd))
        drawable = "".join(c for c in plain if c not in _ZERO_WIDTH and not _is_control(c))
        if absent := "".join(dict.fromkeys("".join(fonts.missing(drawable, face) for face in faces))):
            yield finding("glyph", slot, characters=absent)
        yield from _spaces(slot, words)


def _is_control(character: str) -> bool:
    return character in _DIRECTION or unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")


def _spaces(slot: str, words: str) -> Iterator[Finding]:
    lines = words.split("\n") if slot == language.PARAGRAPHS else [words]
    if any(line != line.strip() for line in lines):
        yield finding("space_edge", slot)
    if "  " in words:
        yield finding("space_double", slot)
    if odd := "".join(dict.fromkeys(c for c in words if c != " " and unicodedata.category(c) == "Zs")):
        yield finding("space_odd", slot, characters=_named(odd))


def _named(characters: str) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in characters)


def _dates(text: CertificateText) -> Iterator[Finding]:
    start, end = text.valid_from, text.valid_to
    if not isinstance(text.issued_on, date):
        yield finding("issued_missing", "date")
    if (start is None) != (end is None):
        yield finding("term_half", "term")
    if start and end and end < start:
        yield finding("term_order", "term")
    if end and isinstance(text.issued_on, date) and text.issued_on > end:
        yield finding("issued_after_end", "date")


def _fits(text: CertificateText, design: Design, fonts: Fonts) -> bool:
    """Whether the text fits. A text no longer in any place than a sample that fits needs no layout to know."""
    if any(_within(text, sample) for sample in design.samples.values()):
        return True
    from approvals.certificates.render import attempts  # noqa: PLC0415 - only the unusual text needs WeasyPrint

    return any(attempt.fits for attempt in attempts(text, design, fonts))


def _within(text: CertificateText, sample: CertificateText) -> bool:
    mine, theirs = values(text), values(sample)
    if any(width(mine[slot]) > width(theirs[slot]) for slot in mine if slot not in ("code", "date", "year_month")):
        return False
    # Words of Latin letters waste the ends of lines, so that lengths say too little about them.
    if len(text.paragraphs) > len(sample.paragraphs) or any(
        _LATIN.search(run) for p in text.paragraphs for run, _ in p
    ):
        return False
    # A paragraph of its own may waste one line; equal numbers of paragraphs, each no longer, waste no more.
    return all(
        sum(width(run) for run, _strong in ours) <= sum(width(run) for run, _strong in its)
        for ours, its in zip(text.paragraphs, sample.paragraphs, strict=False)
    )
