"""OFD copies: the structure the standard asks for, the look of the PDF, and no claim to be signed."""

import hashlib
import io
import re
import subprocess
import zipfile
from xml.etree import ElementTree as ET

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageStat
from weasyprint import HTML

from approvals.certificates import ofd
from approvals.certificates.ofd import package
from tests.approvals.signed import specimen

NS = {"ofd": package.OFD}
PAGE = "Doc_0/Pages/Page_0/Content.xml"


@pytest.fixture(scope="module")
def copy() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(ofd.convert(with_attachment())))


def with_attachment() -> bytes:
    with pikepdf.open(io.BytesIO(specimen().plain)) as pdf:
        pdf.attachments["credential.json"] = b'{"a": 1}\n'
        out = io.BytesIO()
        pdf.save(out, static_id=True)
        return out.getvalue()


def tree(copy, name):
    return ET.fromstring(copy.read(name))


def test_the_same_file_gives_the_same_bytes():
    assert ofd.convert(specimen().plain) == ofd.convert(specimen().plain)


def test_the_package_is_laid_out_as_the_standard_says(copy):
    """Element order of OFD.xsd, Document.xsd, Res.xsd and Page.xsd; ids unique; every file that is named is there."""
    root = tree(copy, "OFD.xml")
    assert (root.tag, root.attrib) == (f"{{{package.OFD}}}OFD", {"Version": "1.0", "DocType": "OFD"})
    order = {
        "OFD.xml": {"DocBody": ["DocInfo", "DocRoot"],
                    "DocInfo": ["DocID", "Title", "Abstract", "Creator", "CustomDatas"]},
        "Doc_0/Document.xml": {"Document": ["CommonData", "Pages", "Attachments"],
                               "CommonData": ["MaxUnitID", "PageArea", "DocumentRes"]},
        "Doc_0/DocumentRes.xml": {"Res": ["Fonts"]},
        PAGE: {"Page": ["Area", "Content"]},
        "Doc_0/Attachs/Attachments.xml": {"Attachments": ["Attachment"]},
    }  # fmt: skip
    for name, wanted in order.items():
        for element in tree(copy, name).iter():
            if (kind := element.tag.partition("}")[2]) in wanted:
                assert [child.tag.partition("}")[2] for child in element] == wanted[kind]
    allowed = {
        "PathObject": ["Clips", "StrokeColor", "FillColor", "AbbreviatedData"],
        "TextObject": ["Clips", "FillColor", "TextCode"],
    }
    for element in tree(copy, PAGE).iterfind(".//ofd:Layer/*", NS):
        children = [child.tag.partition("}")[2] for child in element]
        assert children == [name for name in allowed[element.tag.partition("}")[2]] if name in children]
    numbers = [item.attrib["ID"] for name in order for item in tree(copy, name).iter() if "ID" in item.attrib]
    assert len(numbers) == len(set(numbers))
    assert int(tree(copy, "Doc_0/Document.xml").findtext(".//ofd:MaxUnitID", namespaces=NS)) == max(
        int(one) for one in numbers if one.isdigit()
    )
    names = set(copy.namelist())
    for font in tree(copy, "Doc_0/DocumentRes.xml").iterfind(".//ofd:FontFile", NS):
        assert f"Doc_0/Res/{font.text}" in names
    fonts = {font.attrib["ID"] for font in tree(copy, "Doc_0/DocumentRes.xml").iterfind(".//ofd:Font", NS)}
    assert {text.attrib["Font"] for text in tree(copy, PAGE).iterfind(".//ofd:TextObject", NS)} == fonts


def test_it_says_that_it_is_not_signed(copy):
    info = tree(copy, "OFD.xml").find(".//ofd:DocInfo", NS)
    assert "未签名" in info.findtext("ofd:Abstract", namespaces=NS)
    told = {one.attrib["Name"]: one.text for one in info.iterfind(".//ofd:CustomData", NS)}
    assert told == {"Signature": "none", "SourceSHA256": hashlib.sha256(with_attachment()).hexdigest()}
    assert tree(copy, "OFD.xml").find(".//ofd:Signatures", NS) is None


def test_the_words_and_attachments_are_there(copy):
    said = "".join(code.text for code in tree(copy, PAGE).iterfind(".//ofd:TextCode", NS))
    for words in (
        "知试验证字〔2026〕第00013号",
        "昆明高新技术产业开发区管理委员会",
        "经三年期满验收合格",
        "二〇二六年九月十八日",
    ):
        assert words in said
    item = tree(copy, "Doc_0/Attachs/Attachments.xml").find("ofd:Attachment", NS)
    assert item.attrib["Name"] == "credential.json"
    assert copy.read(f"Doc_0/Attachs/{item.findtext('ofd:FileLoc', namespaces=NS)}") == b'{"a": 1}\n'


def svg_of(copy) -> str:
    """The page drawn anew from the OFD file alone: its own path data, and outlines of its own fonts."""
    fonts = {
        font.attrib["ID"]: TTFont(io.BytesIO(copy.read(f"Doc_0/Res/{font.findtext('ofd:FontFile', namespaces=NS)}")))
        for font in tree(copy, "Doc_0/DocumentRes.xml").iterfind(".//ofd:Font", NS)
    }
    parts = []
    for item in tree(copy, PAGE).iterfind(".//ofd:Layer/*", NS):
        look = []
        for name, paint in (("StrokeColor", "stroke"), ("FillColor", "fill")):
            colour = item.find(f"ofd:{name}", NS)
            if colour is None:
                look.append(f'{paint}="none"')
            else:
                value = ",".join(colour.attrib["Value"].split())
                look.append(
                    f'{paint}="rgb({value})" {paint}-opacity="{int(colour.attrib.get("Alpha", 255)) / 255:.4f}"'
                )
        if item.tag.endswith("PathObject"):
            data = path_of(item.findtext("ofd:AbbreviatedData", namespaces=NS))
            rule = "evenodd" if item.attrib.get("Rule") == "Even-Odd" else "nonzero"
            look.append(f'stroke-width="{item.attrib.get("LineWidth", 0)}" fill-rule="{rule}"')
        else:
            data = outlines(item, fonts[item.attrib["Font"]])
        clips = [path_of(one.text) for one in item.iterfind(".//ofd:Clip//ofd:AbbreviatedData", NS)]
        for clip in clips:
            parts.append(
                f'<clipPath id="c{len(parts)}"><path d="{clip}"/></clipPath><g clip-path="url(#c{len(parts)})">'
            )
        parts.append(f'<path d="{data}" {" ".join(look)}/>{"</g>" * len(clips)}')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 297 210" width="297mm" height="210mm">{"".join(parts)}</svg>'


def path_of(data: str) -> str:
    return re.sub(r"C(?= |$)", "Z", data).replace("B", "C")


def outlines(item, font) -> str:
    code, size = item.find("ofd:TextCode", NS), float(item.attrib["Size"])
    x, y, k = float(code.attrib["X"]), float(code.attrib["Y"]), size / font["head"].unitsPerEm
    steps = [*map(float, code.attrib.get("DeltaX", "").split()), 0.0]
    glyphs, pen = font.getGlyphSet(), SVGPathPen(None)
    for symbol, step in zip(code.text, steps, strict=True):
        glyphs[font.getBestCmap()[ord(symbol)]].draw(TransformPen(pen, (k, 0, 0, -k, x, y)))
        x += step
    return pen.getCommands()


def picture(pdf: bytes) -> Image.Image:
    run = subprocess.run(
        ["pdftoppm", "-r", "100", "-gray", "-singlefile", "-"], input=pdf, capture_output=True, check=True
    )
    return Image.open(io.BytesIO(run.stdout))


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_it_looks_like_the_pdf(copy):
    page = f"<style>@page {{ size: 297mm 210mm; margin: 0 }} body {{ margin: 0 }} svg {{ display: block }}</style>{svg_of(copy)}"
    ours, theirs = picture(HTML(string=page).write_pdf()), picture(specimen().plain)
    assert ours.size == theirs.size
    # Text smoothed as text and as outlines differs by a grey edge; four pixels together, it does not.
    apart = ImageStat.Stat(ImageChops.difference(ours.reduce(4), theirs.reduce(4)))
    moved = ImageStat.Stat(ImageChops.difference(ImageChops.offset(theirs, 2, 0).reduce(4), theirs.reduce(4)))
    # In 255 grey levels: 0.9; half a millimetre to the side is 5.8 already, an empty page 16.
    assert apart.mean[0] < 1.5
    assert moved.mean[0] > 4


def test_what_is_not_carried_over_is_refused():
    for change, words in (
        (b"/x sh", "operator sh"),
        (b"0 0 0 1 k 0 0 1 1 re f", "operator k"),
        (b"BT (a) Tj ET", "without a font"),
        (b"2 Tr", "operator Tr"),
    ):
        with pikepdf.open(io.BytesIO(specimen().plain)) as pdf:
            pdf.pages[0].contents_add(change)
            out = io.BytesIO()
            pdf.save(out)
        with pytest.raises(ofd.OfdRefused, match=words):
            ofd.convert(out.getvalue())
    with pytest.raises(ofd.OfdRefused, match="no PDF"):
        ofd.convert(b"hello")
    with pikepdf.open(io.BytesIO(specimen().plain)) as pdf:
        pdf.pages.append(pdf.pages[0])
        out = io.BytesIO()
        pdf.save(out)
    with pytest.raises(ofd.OfdRefused, match="2 pages"):
        ofd.convert(out.getvalue())


def test_the_command_writes_a_copy(tmp_path, capsys):
    (tmp_path / "a.pdf").write_bytes(specimen().signed)
    call_command("certificate", "export-ofd", str(tmp_path / "a.pdf"), "--out", str(tmp_path / "a.ofd"))
    assert "not signed" in capsys.readouterr().out
    assert zipfile.ZipFile(tmp_path / "a.ofd").testzip() is None
    (tmp_path / "a.pdf").write_bytes(b"no")
    with pytest.raises(CommandError, match="no PDF"):
        call_command("certificate", "export-ofd", str(tmp_path / "a.pdf"), "--out", str(tmp_path / "a.ofd"))
