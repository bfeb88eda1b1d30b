"""Make the committed font files again: ``python -m approvals.certificates.fonts.prepare [folder of Noto]``.

Needs the development dependencies (uharfbuzz) and Noto Serif CJK, on Debian the package fonts-noto-cjk. The
files are renamed because they are modified versions (OFL-1.1, condition 3), and made once, not at run time:
cutting glyphs out of the 65,535-glyph original costs more than laying out a whole certificate.
"""

import io
import sys
from pathlib import Path

from fontTools.ttLib import TTFont

from approvals.certificates.fonts import BOLD, REGULAR
from approvals.certificates.fonts.charset import characters

FAMILY = "Pilotage Serif SC"
SC_FACE = 2  # faces of the collection: JP, KR, SC, TC, HK
DROPPED_TABLES = ("BASE", "GDEF", "GSUB", "VORG", "vhea", "vmtx", "DSIG")  # horizontal setting only
COPYRIGHT, VERSION, LICENCE, LICENCE_ADDRESS = 0, 5, 13, 14


def subset(collection: Path) -> bytes:
    """The simplified-Chinese face of *collection* (a .ttc file) cut down to the wanted characters."""
    import uharfbuzz as hb  # noqa: PLC0415 - a development dependency; only this function needs it

    face = hb.Face(hb.Blob.from_file_path(str(collection)), SC_FACE)
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(ord(character) for character in characters())
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in DROPPED_TABLES)
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.add(int.from_bytes(b"kern", "big"))
    wanted.name_id_set.update([COPYRIGHT, VERSION, LICENCE, LICENCE_ADDRESS])
    wanted.flags = hb.SubsetFlags.DESUBROUTINIZE
    return hb.subset(face, wanted).blob.data


def rename(data: bytes, style: str) -> bytes:
    """*data* under our own family name; the notices of copyright and licence stay in the file."""
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    names = font["name"]
    kept = [r for r in names.names if r.nameID in (COPYRIGHT, VERSION, LICENCE, LICENCE_ADDRESS)]
    names.names = [record for record in kept if record.langID == 0x409]
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    own = {1: FAMILY, 2: style, 3: postscript, 4: f"{FAMILY} {style}", 6: postscript}
    for identifier, text in own.items():
        names.setName(text, identifier, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    cff[0].FullName = f"{FAMILY} {style}"
    cff[0].FamilyName = FAMILY
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def main(folder: str = "/usr/share/fonts/opentype/noto") -> None:
    """Write both weights and say what is missing in the original."""
    for style, target in (("Regular", REGULAR), ("Bold", BOLD)):
        data = rename(subset(Path(folder) / f"NotoSerifCJK-{style}.ttc"), style)
        target.write_bytes(data)
        known = TTFont(io.BytesIO(data), lazy=True).getBestCmap()
        absent = "".join(sorted(c for c in characters() if ord(c) not in known))
        size = len(data) / 1e6
        sys.stdout.write(f"{target.name}: {size:.2f} MB, {len(known)} characters; not in Noto: {absent!r}\n")


if __name__ == "__main__":
    main(*sys.argv[1:2])
