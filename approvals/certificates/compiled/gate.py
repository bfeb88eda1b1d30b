"""The gate before publishing: cast certificates must stand where WeasyPrint puts them, or the design has no fast path.

Measured on the design's samples and on variations of them that were not learnt from, glyph by glyph, read out of the
two files themselves.
"""

import io
import random
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf

from approvals.certificates.compiled import compiler
from approvals.certificates.compiled.errors import Unsure
from approvals.certificates.design import Design
from approvals.certificates.errors import CertificateError
from approvals.certificates.fonts import DEFAULT, Fonts
from approvals.certificates.render import render
from approvals.certificates.text import CertificateText, Paragraph

TOLERANCE = 0.02  # points
SEED = 20_260_918
VARIATIONS = 4  # of each sample

Glyph = tuple[str, int, float, float]  # font resource, glyph, x and y in points


@dataclass
class GateReport:
    """What the gate found. ``open`` says whether the design may use the compiled path."""

    compared: int = 0
    refused: int = 0
    largest: float = 0.0  # points
    faults: list[str] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether everything cast agreed, and something was cast at all."""
        return not self.faults and self.compared > 0


def glyphs(pdf: bytes | Any, page: int = 0) -> list[Glyph]:
    """Every glyph on *page* in order of painting, with the place of its origin. Reads bytes or an open pikepdf file."""
    if isinstance(pdf, bytes):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return glyphs(document, page)
    found: list[Glyph] = []
    leaf = pdf.pages[page]
    widths = {str(name)[1:]: _widths(font) for name, font in leaf.Resources.Font.items()}
    matrix, stack = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), []
    text, font, size = matrix, "", 1.0
    for operands, operator in pikepdf.parse_content_stream(leaf):
        name = str(operator)
        if name == "q":
            stack.append(matrix)
        elif name == "Q":
            matrix = stack.pop()
        elif name == "cm":
            matrix = _times(tuple(map(float, operands)), matrix)
        elif name == "Tm":
            text = tuple(map(float, operands))
        elif name == "Tf":
            font, size = str(operands[0])[1:], float(operands[1])
        elif name == "TJ":
            text = _show(operands[0], font, size, widths[font], text, matrix, found)
    return found


Stroke = tuple[str, tuple[float, ...]]  # operator and operands

_TEXT = frozenset({"Tm", "Tf", "TJ", "BT", "ET", "BDC", "BMC", "EMC"})


def strokes(pdf: bytes | Any, page: int = 0) -> list[Stroke]:
    """Everything on *page* that is no text, as it stands in the content stream: rules, borders, grounds, colours."""
    if isinstance(pdf, bytes):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return strokes(document, page)
    found: list[Stroke] = []
    for operands, operator in pikepdf.parse_content_stream(pdf.pages[page]):
        if str(operator) not in _TEXT:
            numbers = tuple(float(one) for one in operands if not isinstance(one, (pikepdf.Object)))
            found.append((str(operator), numbers))
    return found


def _show(parts: Any, font: str, size: float, widths: dict[int, float], text: Any, matrix: Any, found: Any) -> Any:
    for part in parts:
        if isinstance(part, pikepdf.String):
            data = bytes(part)
            for at in range(0, len(data), 2):
                glyph = data[at] << 8 | data[at + 1]
                place = _times(text, matrix)
                found.append((font, glyph, place[4], place[5]))
                text = _times((1, 0, 0, 1, widths[glyph] / 1000 * size, 0), text)
        else:
            text = _times((1, 0, 0, 1, -float(part) / 1000 * size, 0), text)
    return text


def _widths(font: Any) -> dict[int, float]:
    """Glyph → width in 1/1000 em, from the array /W of the descendant font (ISO 32000-1, 9.7.4.3)."""
    found: dict[int, float] = {}
    array = list(font.DescendantFonts[0].W)
    at = 0
    while at < len(array):
        first, second = int(array[at]), array[at + 1]
        if isinstance(second, pikepdf.Array):
            found.update({first + n: float(width) for n, width in enumerate(second)})
            at += 2
        else:
            found.update(dict.fromkeys(range(first, int(second) + 1), float(array[at + 2])))
            at += 3
    return found


def _times(a: Any, b: Any) -> Any:
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def distance(ours: list[Glyph], theirs: list[Glyph]) -> float:
    """The largest distance in points between two pages, infinite when they are not the same glyphs in the same order."""
    if [one[:2] for one in ours] != [one[:2] for one in theirs]:
        return float("inf")
    return max((max(abs(a[2] - b[2]), abs(a[3] - b[3])) for a, b in zip(ours, theirs, strict=True)), default=0.0)


def difference(ours: list[Stroke], theirs: list[Stroke]) -> float:
    """The largest difference of an operand between two pages' drawings, infinite when they are drawn differently."""
    if [(name, len(numbers)) for name, numbers in ours] != [(name, len(numbers)) for name, numbers in theirs]:
        return float("inf")
    pairs = zip(ours, theirs, strict=True)
    return max((abs(a - b) for (_o, one), (_t, two) in pairs for a, b in zip(one, two, strict=True)), default=0.0)


def gate(design: Design, fonts: Fonts = DEFAULT) -> GateReport:
    """Whether *design* in *fonts* may use the compiled path, and how far its certificates stand from WeasyPrint's."""
    report = GateReport()
    chance = random.Random(SEED)  # noqa: S311 - variations that can be made again
    learnt = list(design.samples.values())
    varied = [_vary(sample, chance) for sample in learnt for _n in range(VARIATIONS)]
    try:
        compiled = compiler.compile(design, fonts, [*learnt, *varied[::2]])
    except (Unsure, CertificateError) as error:
        report.faults.append(str(error))
        return report
    for text in (*learnt, *varied):
        _compare(compiled, text, report)
    if not report.compared:
        report.faults += [f"nothing can be cast: {why}" for why in compiled.refusals]
    return report


def _compare(compiled: compiler.Compiled, text: CertificateText, report: GateReport) -> None:
    try:
        cast = compiler.stamp(compiled, text)
    except Unsure:
        report.refused += 1
        return
    try:
        real = render(text, compiled.design, fonts=compiled.fonts)
    except CertificateError as error:
        report.faults.append(f"cast, but {error}")
        return
    report.compared += 1
    # An underline or a border that follows its text is drawn, not set: it has to be looked at as well.
    apart = max(distance(glyphs(cast), glyphs(real)), difference(strokes(cast), strokes(real)))
    report.largest = max(report.largest, apart)
    if apart > TOLERANCE:
        report.faults.append(f"{apart:.3f} pt apart: {text.holder[:40]}")


def _vary(sample: CertificateText, chance: random.Random) -> CertificateText:
    """The same kind of text with other words: characters exchanged within each place, some taken away."""
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    code = "".join(chance.choice(letters) for _ in range(10))
    return replace(
        sample,
        holder=_shuffled(sample.holder, chance),
        serial=_renumbered(sample.serial, chance),
        paragraphs=tuple(_varied_paragraph(runs, chance) for runs in sample.paragraphs),
        check_code=code,
        verify_url=f"https://verify.example.cn/v/{code}/",
    )


def _shuffled(words: str, chance: random.Random) -> str:
    hanzi = [c for c in words if "\u4e00" <= c <= "\u9fff"]
    chance.shuffle(hanzi)
    pool = iter(hanzi)
    mixed = [next(pool) if "\u4e00" <= c <= "\u9fff" else c for c in words]
    return "".join(mixed[chance.randrange(0, 1 + len(mixed) // 4) :] or mixed)


def _renumbered(words: str, chance: random.Random) -> str:
    return "".join(chance.choice("0123456789") if c.isdigit() and c.isascii() else c for c in words)


def _varied_paragraph(runs: Paragraph, chance: random.Random) -> Paragraph:
    return tuple((_renumbered(_shuffled(words, chance), chance), strong) for words, strong in runs)
