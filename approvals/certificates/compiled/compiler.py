"""Compile a design for a run of certificates, and cast certificates in the moulds that were learnt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from approvals.certificates import engine
from approvals.certificates.attachments import Attachment
from approvals.certificates.compiled import breaking, reading, writing
from approvals.certificates.compiled.errors import Unsure
from approvals.certificates.compiled.mould import Mould, capture, cast_from
from approvals.certificates.compiled.reading import Flow, Source, Width
from approvals.certificates.compiled.writing import Placeholder, Unsigned
from approvals.certificates.design import Design
from approvals.certificates.errors import CertificateError
from approvals.certificates.fonts import DEFAULT, Fonts
from approvals.certificates.preflight import missing
from approvals.certificates.render import Attempt, attempts
from approvals.certificates.text import CertificateText, Paragraph, values

# The same for a whole run of certificates, and often spaced out, which no sum of widths follows: part of the shape.
FROZEN = ("title", "programme", "issuer", "grade", "mark")
NUMERALS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ 〇一二三四五六七八九十年月日至"
_NUMBERED = frozenset({"serial", "date", "year_month", "valid_from", "valid_to", "term", "code", "address"})

Shape = tuple[tuple[tuple[int, ...], ...], ...]  # of each variable flow: the runs on each of its lines


@dataclass(frozen=True)
class Track:
    """A variable flow as it is set anew: its runs, their widths, its measures."""

    runs: tuple[Source, ...]
    tables: tuple[Mapping[str, Width], ...]
    size: float  # pixels, of the largest run
    limit: float
    indent: float


@dataclass
class Form:
    """Everything that is the same for texts of one size, one set of steps, frozen words and kinds of paragraphs."""

    tracks: dict[int, Track]
    moulds: dict[Shape, Mould | None] = field(default_factory=dict)  # None: does not fit on one page


@dataclass
class Compiled:
    """A design compiled for a run of texts; further shapes can be learnt. Threads of one process may share it."""

    design: Design
    fonts: Fonts
    characters: dict[str, set[str]]  # by group of sources
    forms: dict[Any, Form] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)

    @property
    def shapes(self) -> int:
        """How many moulds there are."""
        return sum(mould is not None for form in self.forms.values() for mould in form.moulds.values())


def compile(  # noqa: A001 - the word for it
    design: Design, fonts: Fonts = DEFAULT, texts: Iterable[CertificateText] = (), *, most_shapes: int = 64,
    first: int | None = None,
) -> Compiled:  # fmt: skip
    """*design* compiled for *texts*: their characters, and a mould for each shape met, at most *most_shapes*.

    A text that fits nowhere or has odd characters is passed over; casting it will raise Unsure. With *first*, only so
    many texts are kept to learn shapes from, so that thousands can be read past; `learn` takes on the others.
    """
    compiled = Compiled(design, fonts, {})
    kept = _read(compiled, texts, first) or _read(compiled, design.samples.values(), first)
    for name in _NUMBERED:
        compiled.characters.setdefault(name, set()).update(NUMERALS)
    for text in kept:
        if compiled.shapes >= most_shapes:
            break
        try:
            find(compiled, text)
        except Unsure as unsure:
            if unsure.why == "shape":
                learn(compiled, text)
    return compiled


def _read(compiled: Compiled, texts: Iterable[CertificateText], first: int | None) -> list[CertificateText]:
    """Takes the characters of *texts* in; the first of them, to learn shapes from."""
    kept: list[CertificateText] = []
    for text in texts:
        if first is None or len(kept) < first:
            kept.append(text)
        for source, words in _sources(text):
            compiled.characters.setdefault(source, set()).update(filter(breaking.is_plain, words))
    return kept


def _sources(text: CertificateText) -> Iterable[tuple[str, str]]:
    for name, words in values(text).items():
        yield name, words
    for runs in text.paragraphs:
        for words, strong in runs:
            yield ("strong" if strong else "run"), words


def normal(paragraphs: tuple[Paragraph, ...]) -> tuple[Paragraph, ...]:
    """*paragraphs* with neighbouring plain runs joined and empty ones dropped, as they become nodes of the page."""
    found = []
    for runs in paragraphs:
        joined: list[tuple[str, bool]] = []
        for words, strong in runs:
            if not words:
                continue
            if joined and not strong and not joined[-1][1]:
                joined[-1] = (joined[-1][0] + words, False)
            else:
                joined.append((words, strong))
        found.append(tuple(joined))
    return tuple(found)


def _form_key(text: CertificateText, design: Design, lines: Mapping[str, str], size: str) -> Any:
    return (
        size,
        tuple(design.step(slot, lines[slot]) for slot in design.steps),
        tuple(lines[name] for name in FROZEN),
        tuple(not lines[name] for name in lines),
        tuple(tuple(strong for _words, strong in runs) for runs in text.paragraphs),
    )


def _words(source: Source, text: CertificateText, lines: Mapping[str, str]) -> str:
    if source.kind == "static":
        return source.text
    if source.kind == "slot":
        return lines[source.name]
    return text.paragraphs[source.paragraph][source.run][0]


def _is_variable(flow: Flow) -> bool:
    return any(s.kind == "run" or (s.kind == "slot" and s.name not in FROZEN) for s in flow.runs)


def _group(source: Source, text: CertificateText) -> str:
    if source.kind != "run":
        return source.name
    return "strong" if text.paragraphs[source.paragraph][source.run][1] else "run"


def learn(compiled: Compiled, text: CertificateText) -> None:
    """Learns the shape of *text*, and of each larger size it does not fit in. Passes over what cannot be learnt."""
    design, fonts = compiled.design, compiled.fonts
    text = writing.with_paragraphs(text, normal(text.paragraphs))
    try:
        if missing(text, design, fonts):
            return
        with engine.lock:
            for attempt in attempts(text, design, fonts):
                _learn_size(compiled, text, attempt)
                if attempt.fits:
                    return
    except (Unsure, CertificateError) as reason:
        why = reason.why if isinstance(reason, Unsure) else "refused"
        compiled.refusals[why] = compiled.refusals.get(why, 0) + 1


def _learn_size(compiled: Compiled, text: CertificateText, attempt: Attempt) -> None:
    lines, document = values(text), attempt.document
    flows = {number: flow for number, flow in enumerate(reading.flows(document, attempt.page)) if _is_variable(flow)}
    key = _form_key(text, compiled.design, lines, attempt.size)
    form = compiled.forms.get(key)
    if form is None:
        form = Form({number: _track(compiled, flow, text) for number, flow in flows.items()})
        compiled.forms[key] = form
    shape = tuple(flow.shape for flow in flows.values())
    # The prediction has to agree with what WeasyPrint did before a mould is believed.
    if tuple(_break(track, text, lines)[0] for track in form.tracks.values()) != shape:
        raise Unsure("prediction")
    if not attempt.fits:
        form.moulds[shape] = None
    elif shape not in form.moulds:
        marks = reading.marks(document)
        fonts: dict[str, dict[str, Width]] = {}
        for track in form.tracks.values():
            for table in track.tables:
                for character, width in table.items():
                    fonts.setdefault(width.font, {})[character] = width
        instant = document.metadata.created
        pdf = capture(document, fonts, engine.write_certificate)
        form.moulds[shape] = cast_from(pdf, flows, marks, instant)


def _track(compiled: Compiled, flow: Flow, text: CertificateText) -> Track:
    if flow.align not in ("left", "center", "right") or (flow.indent and flow.align != "left"):
        raise Unsure("alignment", flow.align)
    tables = []
    for source, style in zip(flow.runs, flow.styles, strict=True):
        if reading.is_spaced(style):
            raise Unsure("spacing", source.name)
        group = _group(source, text)
        wanted = set(source.text) if source.kind == "static" else compiled.characters.get(group, set())
        table = reading.widths(style, wanted)
        used = [one.font for one in table.values()]
        main = max(sorted(set(used)), key=used.count, default="")
        # A character another face stands in for is left to WeasyPrint, so that one line has one font.
        tables.append({character: one for character, one in table.items() if one.font == main})
    size = max(style["font_size"] for style in flow.styles)
    return Track(flow.runs, tuple(tables), size, flow.limit, flow.indent)


Line = tuple[tuple[int, str, list[Width]], ...]  # run, words, widths of each piece


def _break(
    track: Track, text: CertificateText, lines: Mapping[str, str]
) -> tuple[tuple[tuple[int, ...], ...], list[Line]]:
    """Shape and lines of *text* on *track*. Raises Unsure."""
    whole, owner, widths = [], [], []
    for number, (source, table) in enumerate(zip(track.runs, track.tables, strict=True)):
        words = _words(source, text, lines)
        whole.append(words)
        owner += [number] * len(words)
        try:
            widths += [table[character] for character in words]
        except KeyError as absent:
            raise Unsure("glyph", str(absent)) from absent
    joined = "".join(whole)
    shape, found = [], []
    for start, end in breaking.break_lines(joined, widths, track.size, track.limit, track.indent):
        pieces, at = [], start
        while at < end:
            stop = at
            while stop < end and owner[stop] == owner[at]:
                stop += 1
            pieces.append((owner[at], joined[at:stop], widths[at:stop]))
            at = stop
        shape.append(tuple(piece[0] for piece in pieces))
        found.append(tuple(pieces))
    return tuple(shape), found


class Found(NamedTuple):
    """What a text is cast from: a mould, the lines of its variable flows, and the size of the design."""

    mould: Mould
    lines: dict[int, list[Line]]
    size: str


def find(compiled: Compiled, text: CertificateText) -> Found:
    """The mould and lines of *text*, whose paragraphs are `normal`. Raises Unsure when there is no mould for it."""
    lines = values(text)
    for size in compiled.design.sizes_for(text):
        form = compiled.forms.get(_form_key(text, compiled.design, lines, size))
        if form is None:
            raise Unsure("shape", size)
        broken = {number: _break(track, text, lines) for number, track in form.tracks.items()}
        shape = tuple(one[0] for one in broken.values())
        if shape not in form.moulds:
            raise Unsure("shape", f"{size} {shape}")
        mould = form.moulds[shape]
        if mould is not None:
            return Found(mould, {number: one[1] for number, one in broken.items()}, size)
    raise Unsure("overflow")


def stamp(
    compiled: Compiled, text: CertificateText, attachments: Iterable[Attachment] = (), *,
    signature: Placeholder | None = None,
) -> bytes | Unsigned:  # fmt: skip
    """*text* cast: the bytes of a PDF/A-3a file, or an `Unsigned` when room for a signature is asked for.

    Raises Unsure whenever the page could differ from WeasyPrint's.
    """
    text = writing.with_paragraphs(text, normal(text.paragraphs))
    found = find(compiled, text)
    return writing.write(found.mould, found.lines, text, tuple(attachments), signature)


__all__ = ["Compiled", "Placeholder", "Unsigned", "Unsure", "compile", "find", "learn", "stamp"]
