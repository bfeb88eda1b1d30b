"""Cut and rename a font: what a site uploads, and the files committed here.

``python -m approvals.certificates.fonts.prepare FOLDER`` makes the committed files again from the originals in FOLDER.
They come from the Debian packages fonts-noto-cjk (NotoSerifCJK-*.ttc, NotoSansCJK-Bold.ttc), fonts-lxgw-wenkai
(LXGWWenKai-Regular.ttf) and texlive-lang-chinese (FandolFang-Regular.otf). They are renamed because they are modified
versions (OFL-1.1, condition 3), and made once, not at run time: cutting glyphs out of the 65,535-glyph original
costs more than laying out a whole certificate.
"""

import io
import struct
import sys
from pathlib import Path

import uharfbuzz as hb
from fontTools.ttLib import TTFont, TTLibError

from approvals.certificates.errors import FontRefused
from approvals.certificates.fonts import BOLD, FACES, FANG, HEI, KAI, REGULAR
from approvals.certificates.fonts.charset import characters

SC_FACE = 2  # faces of Noto's collections: JP, KR, SC, TC, HK
DROPPED_TABLES = ("BASE", "GDEF", "GSUB", "VORG", "vhea", "vmtx", "DSIG")  # horizontal setting only
COPYRIGHT, VERSION, LICENCE, LICENCE_ADDRESS = 0, 5, 13, 14
NOTICES = (COPYRIGHT, VERSION, LICENCE, LICENCE_ADDRESS)
ENGLISH = 0x409
SFNT = {b"\x00\x01\x00\x00": "TrueType", b"OTTO": "OpenType", b"true": "TrueType"}
BIGGEST_UPLOAD = 30_000_000  # bytes; the whole Noto Serif CJK SC has 24 MB
BIGGEST_RESULT = 6_000_000  # bytes; 9,000 hanzi as outlines have 2 to 4 MB
SAMPLE = "知识产权试点示范证书"  # a font without these sets no certificate
RESTRICTED = 0x0002  # OS/2 fsType: "may not be embedded" (OpenType specification)


def subset(data: bytes, number: int = 0) -> bytes:
    """Face *number* of the file *data*, cut down to the characters of `charset`."""
    face = hb.Face(hb.Blob(data), number)
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(ord(character) for character in characters())
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in DROPPED_TABLES)
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.add(int.from_bytes(b"kern", "big"))
    wanted.name_id_set.update(NOTICES)
    wanted.flags = hb.SubsetFlags.DESUBROUTINIZE | hb.SubsetFlags.NO_HINTING
    return hb.subset(face, wanted).blob.data


def rename(data: bytes, family: str, style: str = "Regular") -> bytes:
    """*data* under the name *family*; the notices of copyright and licence stay in the file."""
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    names = font["name"]
    notices = {one: names.getDebugName(one) for one in NOTICES}
    names.names = []
    postscript = f"{family.replace(' ', '')}-{style}"
    own = {1: family, 2: style, 3: postscript, 4: f"{family} {style}", 6: postscript}
    for identifier, text in ({key: text for key, text in notices.items() if text} | own).items():
        names.setName(text, identifier, 3, 1, ENGLISH)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [postscript]
        cff[0].FullName = f"{family} {style}"
        cff[0].FamilyName = family
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def widen_quotes(data: bytes) -> bytes:
    """*data* (TrueType) with “ ” ‘ ’ as wide as a hanzi, opening ones at the right of their square (GB/T 15834-2011).

    Typefaces that share these characters with Latin give them Latin widths, which reads as a slip in a Chinese line.
    """
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    names, outlines, em = font.getBestCmap(), font["glyf"], font["head"].unitsPerEm
    for character, opening in (("“", True), ("‘", True), ("”", False), ("’", False)):
        name = names[ord(character)]
        width, bearing = font["hmtx"][name]
        if width == em:
            continue
        shift = em - width if opening else 0
        glyph = outlines[name]
        if glyph.isComposite():
            for component in glyph.components:
                component.x += shift
        else:
            glyph.coordinates.translate((shift, 0))
        glyph.recalcBounds(outlines)
        font["hmtx"][name] = (em, bearing + shift)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def prepare(data: bytes, role: str) -> bytes:
    """An uploaded font file as `Fonts` takes it: checked, cut to the characters we set, renamed after *role*.

    Raises FontRefused when it is no single OpenType or TrueType font, too large, may not be embedded, or has no hanzi;
    KeyError for an unknown role.
    """
    if role not in FACES:
        raise KeyError(role)
    if why := _unusable(data):
        raise FontRefused(why)
    try:
        small = rename(subset(data), f"Site {role.capitalize()}")
    except Exception as error:  # whatever a broken table makes two parsers raise, the file is at fault
        raise FontRefused("not_a_font") from error
    if len(small) > BIGGEST_RESULT:
        raise FontRefused("too_large")
    return small


def _unusable(data: bytes) -> str:
    """Why *data* is no font for us, "" when it is one."""
    if len(data) > BIGGEST_UPLOAD:
        return "too_large"
    try:
        font = TTFont(io.BytesIO(data), lazy=True) if data[:4] in SFNT else None
        if font is None or "cmap" not in font or not {"glyf", "CFF "} & set(font.keys()):
            return "not_a_font"
        known = font.getBestCmap() or {}
        if "OS/2" in font and font["OS/2"].fsType & RESTRICTED:
            return "may_not_be_embedded"
        if "fvar" in font:
            return "variable"
    except (TTLibError, ValueError, KeyError, AssertionError, EOFError, OSError, struct.error):
        return "not_a_font"
    return "" if all(ord(character) in known for character in SAMPLE) else "no_hanzi"


#: Committed file -> original, face in it, family.
ORIGINALS = {
    REGULAR: ("NotoSerifCJK-Regular.ttc", SC_FACE, "Pilotage Serif SC"),
    BOLD: ("NotoSerifCJK-Bold.ttc", SC_FACE, "Pilotage Serif SC"),
    HEI: ("NotoSansCJK-Bold.ttc", SC_FACE, "Pilotage Sans SC"),
    KAI: ("LXGWWenKai-Regular.ttf", 0, "Pilotage Kai SC"),
    FANG: ("FandolFang-Regular.otf", 0, "Pilotage Fang SC"),
}


def main(folder: str) -> None:
    """Write the committed files and say which wanted characters each original lacks."""
    for target, (name, number, family) in ORIGINALS.items():
        style = target.stem.rpartition("-")[2]
        data = rename(subset((Path(folder) / name).read_bytes(), number), family, style)
        if target == KAI:
            data = widen_quotes(data)
        target.write_bytes(data)
        known = TTFont(io.BytesIO(data), lazy=True).getBestCmap()
        absent = sorted(c for c in characters() if ord(c) not in known)
        size = len(data) / 1e6
        sys.stdout.write(f"{target.name}: {size:.2f} MB, {len(known)} characters; {len(absent)} lacking\n")


if __name__ == "__main__":
    main(*sys.argv[1:2])
