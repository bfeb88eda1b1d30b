"""The few elements of WordprocessingML that python-docx has no name for."""

import io
import zipfile
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

TWIPS_PER_MM = 1440 / 25.4
RED = "FF0000"


def element(name: str, **attributes: Any) -> Any:
    """<w:name w:key="value" …/>."""
    found = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        found.set(qn(f"w:{key}"), str(value))
    return found


def put(parent: Any, child: Any, *before: str) -> None:
    """Appends *child*, or puts it before the first of the elements named: the order of the schema is law to Word."""
    for name in before:
        place = parent.find(qn(f"w:{name}"))
        if place is not None:
            place.addprevious(child)
            return
    parent.append(child)


def fonts(properties: Any, name: str) -> None:
    """All four slots of a run's fonts: digits are set in the face of the text, too."""
    found = properties.find(qn("w:rFonts"))
    if found is None:
        found = element("rFonts")
        properties.insert(0, found)
    for slot in ("ascii", "hAnsi", "eastAsia", "cs"):
        found.set(qn(f"w:{slot}"), name)


def indent(paragraph: Any, **chars: int) -> None:
    """Indents in hundredths of a character: firstLineChars, leftChars, rightChars; the cell of the grid is 15.79 pt."""
    properties = paragraph._p.get_or_add_pPr()
    found = properties.find(qn("w:ind"))
    if found is None:
        found = element("ind")
        put(properties, found, "jc", "outlineLvl", "rPr", "sectPr")
    for key, value in chars.items():
        found.set(qn(f"w:{key}"), str(value))
        plain = key.removesuffix("Chars")
        found.set(qn(f"w:{plain}"), str(round(value / 100 * 15.79 * 20)))


def border(
    paragraph: Any, side: str, *, style: str = "single", eighths: int = 16, space: int = 0, color: str = RED
) -> None:
    """A rule at one side of a paragraph; *eighths* of a point thick, *space* points away."""
    properties = paragraph._p.get_or_add_pPr()
    found = properties.find(qn("w:pBdr"))
    if found is None:
        found = element("pBdr")
        put(properties, found, "shd", "tabs", "snapToGrid", "spacing", "ind", "jc", "rPr", "sectPr")
    found.append(element(side, val=style, sz=eighths, space=space, color=color))


def field_run(paragraph: Any, code: str) -> None:
    """A field such as PAGE."""
    for kind in ("begin", "", "end"):
        run = paragraph.add_run()
        if kind:
            run._r.append(element("fldChar", fldCharType=kind))
        else:
            text = element("instrText")
            text.text = f" {code} "
            run._r.append(text)


def repacked(data: bytes) -> bytes:
    """The same parts with one date for all of them: the same sheet is the same file."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, source.read(name))
    return out.getvalue()
