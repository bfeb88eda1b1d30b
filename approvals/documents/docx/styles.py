"""Page set-up and named styles of an editable document: an officer changes the style, and all of its kind follow.

Fonts carry their Chinese names, as offices have them; `ALTERNATIVES` tells a machine without them what to take.
"""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from approvals.documents import typography as t
from approvals.documents.docx.ooxml import TWIPS_PER_MM, element, fonts, put

FANGSONG, KAI, HEI, SONG, XIAOBIAOSONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
FACES = {t.BODY: FANGSONG, t.KAI: KAI, t.HEI: HEI, t.SONG: SONG, t.TITLE: XIAOBIAOSONG}
ALTERNATIVES = {FANGSONG: "仿宋", KAI: "楷体", XIAOBIAOSONG: "华文中宋", HEI: "SimHei", SONG: "SimSun"}

TITLE, ADDRESSEE, BODY, NUMBER, MARK = "公文标题", "主送机关", "公文正文", "发文字号", "发文机关标志"
SIGNER, ANNEX_LINE, AGENCY, DATE, NOTE = "签发人", "附件说明", "发文机关署名", "成文日期", "附注"
ANNEX_LABEL, CELL, CELL_HEAD, IMPRINT, PAGE_NUMBER, SPECIMEN = (
    "附件序号",
    "表格文字",
    "表格表头",
    "版记",
    "页码",
    "样章标记",
)
LEVELS = ("一级标题", "二级标题", "三级标题", "四级标题")

# name: (face, points, alignment, first line in hundredths of a character)
_STYLES: dict[str, tuple[str, float, Any, int]] = {
    MARK: (XIAOBIAOSONG, 40, ALIGN.CENTER, 0),
    NUMBER: (FANGSONG, t.SAN, ALIGN.CENTER, 0),
    SIGNER: (KAI, t.SAN, ALIGN.RIGHT, 0),
    TITLE: (XIAOBIAOSONG, t.ER, ALIGN.CENTER, 0),
    ADDRESSEE: (FANGSONG, t.SAN, ALIGN.LEFT, 0),
    BODY: (FANGSONG, t.SAN, ALIGN.JUSTIFY, 200),
    **{name: (FACES[face], t.SAN, ALIGN.LEFT, 200) for name, face in zip(LEVELS, t.LEVEL_FACES, strict=True)},
    ANNEX_LINE: (FANGSONG, t.SAN, ALIGN.LEFT, 0),
    AGENCY: (FANGSONG, t.SAN, ALIGN.RIGHT, 0),
    DATE: (FANGSONG, t.SAN, ALIGN.RIGHT, 0),
    NOTE: (FANGSONG, t.SAN, ALIGN.LEFT, 200),
    ANNEX_LABEL: (HEI, t.SAN, ALIGN.LEFT, 0),
    CELL: (FANGSONG, t.XIAO_SI, ALIGN.LEFT, 0),
    CELL_HEAD: (HEI, t.XIAO_SI, ALIGN.CENTER, 0),
    IMPRINT: (FANGSONG, t.SI, ALIGN.LEFT, 0),
    PAGE_NUMBER: (SONG, t.SI, ALIGN.LEFT, 0),
    SPECIMEN: (HEI, t.WU, ALIGN.RIGHT, 0),
}
# Twentieths of a point between characters of 16 pt: 28 × 15.75 pt fit into 442.2 pt (the trap of §7.4); a file knows no
# finer steps.
CLOSER = -5
ROW = (6.4, 0.9)  # of tables, mm: the line, and the space above and below it (as in `stylesheet`)
PITCH = int(t.BLOCK[1] / t.LINES * TWIPS_PER_MM)  # of lines, in twentieths of a point
_OWN_LINES = frozenset({CELL, CELL_HEAD, IMPRINT, PAGE_NUMBER, SPECIMEN, MARK})
# The bottom of the page number's line, mm from the page's edge: its dash then lies 7 mm below the text block.
FOOTER = t.BOTTOM - t.PAGE_NUMBER_GAP - 3.2


def set_up(document: Any) -> None:
    """A4, the margins, the grid of 28 × 22, different odd and even pages, all styles, the alternatives of the fonts."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(t.PAGE[0]), Mm(t.PAGE[1])
    section.top_margin, section.bottom_margin = Mm(t.TOP), Mm(t.BOTTOM)
    section.left_margin, section.right_margin = Mm(t.LEFT), Mm(t.RIGHT)
    section.header_distance, section.footer_distance = Mm(14), Mm(FOOTER)
    grid(section)
    document.settings.odd_and_even_pages_header_footer = True
    _normal(document.styles["Normal"])
    for name, given in _STYLES.items():
        _style(document, name, *given)
    _alternatives(document)


def grid(section: Any) -> None:
    """w:docGrid: 22 lines of 225 mm, 28 characters of 156 mm. The character pitch is said in 1/4096 pt beside 16 pt."""
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    space = round((t.WIDTH / t.CHARACTERS - t.SAN) * 4096)
    properties.append(element("docGrid", type="linesAndChars", linePitch=PITCH, charSpace=space))


def _normal(style: Any) -> None:
    style.font.size = Pt(t.SAN)
    _run(style, FANGSONG, CLOSER)
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    # Lines of exactly the grid's pitch, and nothing snapped to it: so every program has 22 lines, and not only Word.
    form.line_spacing = Pt(PITCH / 20)
    form.widow_control = False
    properties = style.element.get_or_add_pPr()
    # Punctuation is kept from line starts and inside the margins; no gaps between characters and digits.
    for name, value in (("kinsoku", 1), ("overflowPunct", 0), ("autoSpaceDE", 0), ("autoSpaceDN", 0)):
        put(properties, element(name, val=value), "spacing", "ind", "jc", "rPr")
    put(properties, element("snapToGrid", val=0), "spacing", "ind", "jc", "rPr")


def _run(style: Any, face: str, closer: int) -> None:
    """Face and spacing of a style's characters. They are not snapped to the grid: programs that are no Word give a
    character of 16 pt two cells of 15.79 pt; the spacing makes the 28 of a line instead."""
    properties = style.element.get_or_add_rPr()
    fonts(properties, face)
    after = ("color", "spacing", "sz", "szCs", "lang")
    put(properties, element("snapToGrid", val=0), *after)
    put(properties, element("spacing", val=closer), *after[2:])


def _style(document: Any, name: str, face: str, points: float, align: Any, first: int) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    style.font.size = Pt(points)
    _run(style, face, CLOSER if points == t.SAN else 0)
    style.paragraph_format.alignment = align
    properties = style.element.get_or_add_pPr()
    if name in _OWN_LINES:
        style.paragraph_format.line_spacing = Mm(ROW[0]) if name in (CELL, CELL_HEAD) else 1.0
    if name in (CELL, CELL_HEAD):
        style.paragraph_format.space_before = style.paragraph_format.space_after = Mm(ROW[1])
    if first:
        put(
            properties,
            element("ind", firstLineChars=first, firstLine=round(first / 100 * t.CELL * 20)),
            "jc",
            "outlineLvl",
        )
    if name in LEVELS:
        properties.append(element("outlineLvl", val=LEVELS.index(name)))
    if name in (MARK, SPECIMEN):
        style.font.color.rgb = RGBColor(0xFF, 0, 0)


def _alternatives(document: Any) -> None:
    """fontTable.xml: what a machine without the office's fonts takes instead."""
    part = next(rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/fontTable"))
    rows = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>' for name, other in ALTERNATIVES.items()
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    part._blob = f'{head}<w:fonts xmlns:w="{space}">{rows}</w:fonts>'.encode()
