"""Cuts the glyphs a page uses out of its embedded fonts and writes them as TrueType, which every OFD reader knows."""

import io
import re
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, TTLibError

from approvals.certificates.ofd.content import OfdRefused

# How far a quadratic curve may lie from the cubic one, in units of the em of 1000 (0.06 mm on a title of 60 points).
NEAR = 1.0
PRIVATE = 0xE000  # for glyphs without a character of their own


def characters(font: Any) -> dict[int, str]:
    """What each glyph number of a PDF font reads as, by its ToUnicode map (bfchar and bfrange with one start)."""
    text = bytes(font["/ToUnicode"].read_bytes()).decode("latin-1")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for glyph, code in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(code).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, code in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = ord(bytes.fromhex(code).decode("utf-16-be"))
            found |= {glyph: chr(start + glyph - int(first, 16)) for glyph in range(int(first, 16), int(last, 16) + 1)}
    return found


def cut(font: Any, used: list[int]) -> tuple[bytes, dict[int, str]]:
    """The *used* glyphs of a PDF font as a TrueType file, and the character each is written by. Raises OfdRefused."""
    descendant = font["/DescendantFonts"][0]
    source = _source(descendant)
    glyphs, reads, codes = source.getGlyphSet(), characters(font), {}
    for glyph in used:
        wanted = reads.get(glyph, "")
        free = len(wanted) == 1 and wanted not in codes.values()
        codes[glyph] = wanted if free else chr(PRIVATE + len(codes))
    names = {glyph: f"g{glyph}" for glyph in used}
    units = source["head"].unitsPerEm
    builder = FontBuilder(units, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(codes[glyph]): name for glyph, name in names.items()})
    drawn = {".notdef": TTGlyphPen(None).glyph()}
    metrics = {".notdef": (units, 0)}
    for glyph, name in names.items():
        original = _name(source, descendant, glyph)
        pen = TTGlyphPen(None)
        record = DecomposingRecordingPen(glyphs)
        glyphs[original].draw(record)
        record.replay(Cu2QuPen(pen, NEAR * units / 1000, reverse_direction="CFF " in source))
        drawn[name] = pen.glyph()
        metrics[name] = (round(glyphs[original].width), 0)
    builder.setupGlyf(drawn)
    builder.setupHorizontalMetrics({name: (width, _left(drawn[name])) for name, (width, _zero) in metrics.items()})
    ascent, descent = source["hhea"].ascent, source["hhea"].descent
    builder.setupHorizontalHeader(ascent=ascent, descent=descent)
    builder.setupNameTable({"familyName": "Certificate", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=ascent, sTypoDescender=descent, usWinAscent=ascent, usWinDescent=-descent)
    builder.setupPost()
    # No clock: the same page gives the same file. Seconds since 1904, here to the first day of 2000.
    builder.font["head"].created = builder.font["head"].modified = 3_029_529_600
    builder.font.recalcTimestamp = False
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue(), codes


def _left(glyph: Any) -> int:
    return getattr(glyph, "xMin", 0) or 0


def _source(descendant: Any) -> TTFont:
    about = descendant["/FontDescriptor"]
    stream = about.get("/FontFile3", about.get("/FontFile2"))
    if stream is None:
        raise OfdRefused("a font is not embedded")
    try:
        return TTFont(io.BytesIO(stream.read_bytes()))
    except TTLibError as error:
        raise OfdRefused("a font is embedded in a form that is not carried over to OFD") from error


def _name(source: TTFont, descendant: Any, glyph: int) -> str:
    """The glyph's name in its file. WeasyPrint writes glyph numbers, also where a font is keyed by CIDs."""
    table = descendant.get("/CIDToGIDMap")
    if table is not None and str(table) != "/Identity":
        data = table.read_bytes()
        glyph = int.from_bytes(data[2 * glyph : 2 * glyph + 2], "big")
    return source.getGlyphName(glyph)
