"""The style sheet of a document: measures from `typography`, faces of the packaged fonts by their roles."""

from functools import lru_cache

from approvals.certificates.fonts import DEFAULT, FACES
from approvals.documents import typography as t

# Red of the mark and the rules: pure red (programmes.md §7.4).
RED = "#ff0000"


def family(role: str) -> str:
    """The CSS list of families of a role: its face and those that step in, in the order of the chain."""
    return ", ".join(f'"doc-{face.role}"' for face in DEFAULT.chain(role))


@lru_cache(maxsize=1)
def css() -> str:
    """The whole sheet. Everything in the flow is a multiple of the line pitch, so that a page has 22 lines."""
    faces = "\n".join(
        f'@font-face {{ font-family: "doc-{role}"; src: url(certificate:/fonts/{role}) }}' for role in FACES
    )
    classes = "\n".join(f".f-{role} {{ font-family: {family(role)} }}" for role in FACES)
    # The dash stands in the middle of its em: the box begins higher by that much.
    number_top = t.PAGE_NUMBER_GAP - t.SI / 2 / t.PT_PER_MM
    number = f"""content: "— " counter(page) " —"; font: {t.SI}pt/1 {family(t.SONG)}; vertical-align: top;
      white-space: nowrap; letter-spacing: 0; padding-top: {number_top:.3f}mm"""
    specimen = f"""content: "样章／示例"; font: 10.5pt/1 {family(t.HEI)}; color: {RED}; vertical-align: top; text-align: right;
      white-space: nowrap; letter-spacing: 0; padding-top: 14mm"""
    return f"""{faces}
{classes}
@page {{ size: {t.PAGE[0]}mm {t.PAGE[1]}mm; margin: {t.TOP}mm {t.RIGHT}mm {t.BOTTOM}mm {t.LEFT}mm }}
@page :right {{ @bottom-right {{ {number}; text-align: right; padding-right: {t.SI}pt }} }}
@page :left {{ @bottom-left {{ {number}; text-align: left; padding-left: {t.SI}pt }} }}
@page bare:right {{ @bottom-right {{ content: none }} }}
@page bare:left {{ @bottom-left {{ content: none }} }}
@page letter:first {{ @bottom-right {{ content: none }} }}
@page specimen {{ @top-right {{ {specimen} }} }}
@page specimen-letter {{ @top-right {{ {specimen} }} }}
@page specimen-letter:first {{ @bottom-right {{ content: none }} }}
@page specimen-bare {{ @top-right {{ {specimen} }} }}
@page specimen-bare:right {{ @bottom-right {{ content: none }} }}
@page specimen-bare:left {{ @bottom-left {{ content: none }} }}
* {{ margin: 0; padding: 0; font-weight: 400; font-style: normal; box-sizing: border-box }}
html {{ font-size: {t.SAN}pt; line-height: {t.PITCH}mm; letter-spacing: {t.TIGHT}pt; color: #000;
  font-kerning: none; font-variant-ligatures: none; orphans: 1; widows: 1 }}
.l {{ height: {t.PITCH}mm; white-space: pre }}
.h {{ break-after: avoid }} .c {{ text-align: center }} .r {{ text-align: right }}
.red {{ color: {RED} }}
.title {{ font-size: {t.ER}pt; letter-spacing: 0; text-align: center }}
.head {{ position: relative }}
.mark {{ text-align: center; color: {RED}; white-space: pre }}
.marks {{ border-collapse: collapse; margin: 0 auto; color: {RED} }}
.marks td {{ vertical-align: middle; padding: 0; white-space: pre }}
.marks td.word {{ padding-left: 12pt }}
.number {{ position: absolute; left: 0; right: 0; height: {t.PITCH}mm; white-space: pre }}
.number .left {{ position: absolute; left: {t.CELL}pt }} .number .right {{ position: absolute; right: {t.CELL}pt }}
.rule {{ position: absolute; left: 0; right: 0; bottom: 0; border-bottom: 0.7mm solid {RED} }}
.double {{ position: absolute; left: -{(t.LETTER_RULE - t.BLOCK[0]) / 2 + 1:.3f}mm; width: {t.LETTER_RULE}mm; height: 2mm; border: 0 solid {RED} }}
.thick-over {{ border-top-width: 1.2mm; border-bottom-width: 0.35mm }} .thin-over {{ border-top-width: 0.35mm; border-bottom-width: 1.2mm }}
.keep {{ break-inside: avoid }}
.sign {{ position: relative }}
.seal {{ position: absolute; width: 42mm; height: 42mm; border: 0.5mm dashed {RED}; border-radius: 50%; color: {RED};
  font-size: {t.XIAO_SI}pt; letter-spacing: 0; text-align: center; line-height: 18mm; opacity: 0.75 }}
.page {{ break-before: page }}
table.grid {{ width: 100%; border-collapse: collapse; font-size: {t.SI}pt; line-height: 7.2mm; letter-spacing: 0; table-layout: fixed }}
table.grid th, table.grid td {{ border: 0.25mm solid #000; padding: 0.9mm 1.6mm; text-align: left; vertical-align: middle; overflow-wrap: anywhere }}
table.grid thead {{ display: table-header-group }} table.grid tr {{ break-inside: avoid }}
table.grid thead th, table.grid .n {{ text-align: center }}
table.grid.small {{ font-size: {t.XIAO_SI}pt; line-height: 6.4mm }}
.gap {{ height: {t.PITCH / 2}mm }}
.imprint {{ position: absolute; left: 0; right: 0; bottom: 0; font-size: {t.SI}pt; letter-spacing: 0; line-height: 8mm;
  border-top: 0.35mm solid #000; border-bottom: 0.35mm solid #000 }}
.imprint.bare-rules {{ border: 0 }}
.imprint div {{ position: relative; padding: 0 {t.SI}pt }} .imprint .copies {{ padding-left: {t.SI * 4}pt; text-indent: -{t.SI * 3}pt }}
.imprint .copies + .printed {{ border-top: 0.25mm solid #000 }}
.imprint .printed span {{ position: absolute; right: {t.SI}pt }}
"""
