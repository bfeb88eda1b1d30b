"""The file itself: archival (PDF/A-3a), accessible (PDF/UA-1), with its attachments, and the same bytes every time."""

import io
import json
import subprocess

import pikepdf
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from PIL import Image

from approvals.certificates.attachments import Attachment
from approvals.certificates.compiled import gate
from approvals.certificates.design import designs, load
from approvals.certificates.render import render
from tests.approvals import certificate_golden as golden

PAINTING = {"f", "f*", "F", "B", "B*", "b", "b*", "S", "s", "Do", "sh", "Tj", "TJ", "'", '"', "BI"}
CREDENTIAL = Attachment("credential.json", json.dumps({"甲": 1}).encode(), "application/json", description="凭证")
NOTE = Attachment("a note.txt", b"text", "text/plain", relationship="Supplement")


@pytest.fixture(scope="module", params=designs())
def file(request) -> bytes:
    design = load(request.param)
    return render(design.samples["usual"], design, (CREDENTIAL, NOTE))


@pytest.fixture
def document(file):
    with pikepdf.open(io.BytesIO(file)) as opened:
        yield opened


def elements(node) -> list:
    """Every structure element below *node*."""
    kids = node.get("/K", [])
    kids = kids if isinstance(kids, pikepdf.Array) else [kids]
    found = []
    for kid in kids:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found += [kid, *elements(kid)]
    return found


def test_the_file_says_what_it_is(document):
    root = document.Root
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert str(root.Lang) == "zh-CN"
    assert str(root.OutputIntents[0].S) == "/GTS_PDFA1"
    assert int(root.OutputIntents[0].DestOutputProfile.N) == 3
    assert document.trailer.ID
    assert str(document.docinfo.Title)
    assert document.pdf_version == "1.7"
    assert "/Encrypt" not in document.trailer
    assert "/AcroForm" not in root


def test_metadata_declares_both_standards_in_one_packet(document):
    packet = document.Root.Metadata.read_bytes().decode()
    assert packet.count("<rdf:RDF") == 1
    with document.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == str(document.docinfo.Title)
    assert "<pdfaSchema:prefix>pdfuaid<" in packet


def test_every_mark_on_the_page_is_tagged_or_an_artifact(document):
    depth, painted, marks = 0, 0, []
    for operands, operator in pikepdf.parse_content_stream(document.pages[0]):
        name = str(operator)
        if name in ("BDC", "BMC"):
            depth += 1
            if name == "BDC":
                marks.append(int(operands[1].MCID))
        elif name == "EMC":
            depth -= 1
        elif name in PAINTING:
            painted += 1
            assert depth > 0, name
    assert painted > 5
    assert depth == 0
    assert sorted(marks) == list(range(len(marks)))
    tree = document.Root.StructTreeRoot
    parents = tree.ParentTree.Nums[1]
    assert len(parents) == len(marks)
    for mark in marks:
        assert mark in [int(kid) for kid in parents[mark].K]


def test_the_structure_has_a_heading_and_words_for_every_picture(document):
    found = elements(document.Root.StructTreeRoot)
    names = [str(element.S) for element in found]
    assert names.count("/H1") == 1
    assert "/Table" not in names
    figures = [element for element in found if str(element.S) == "/Figure"]
    assert all(str(figure.Alt).strip() for figure in figures)
    assert all("http" not in str(figure.Alt) for figure in figures)
    assert str(document.pages[0].Tabs) == "/S"


def test_fonts_are_ours_embedded_and_readable(document):
    fonts = [o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"]
    for font in fonts:
        assert str(font.BaseFont).partition("+")[2].startswith("Pilotage")
        if "/FontDescriptor" in font:
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys())
        else:
            assert "/ToUnicode" in font
    assert len(fonts) >= 4


def test_widths_in_the_file_are_those_of_the_fonts(document):
    """PDF/A wants them to agree within 1/1000 em (ISO 19005-3, 6.2.11.5)."""
    seen = 0
    for name, font in document.pages[0].Resources.Font.items():
        descendant = font.DescendantFonts[0]
        descriptor = descendant.FontDescriptor
        stream = descriptor.get("/FontFile3", descriptor.get("/FontFile2"))
        with TTFont(io.BytesIO(stream.read_bytes())) as embedded:
            order, metrics, em = embedded.getGlyphOrder(), embedded["hmtx"], embedded["head"].unitsPerEm
            for glyph, width in gate._widths(font).items():
                assert abs(metrics[order[glyph]][0] * 1000 / em - width) <= 1, (name, glyph)
                seen += 1
    assert seen > 60


def test_attachments_belong_to_the_file(document):
    assert sorted(document.attachments) == ["a note.txt", "credential.json"]
    stored = document.attachments["credential.json"].get_file()
    assert stored.read_bytes() == CREDENTIAL.data
    assert stored.mime_type == "application/json"
    specifications = list(document.Root.AF)
    assert [str(one.AFRelationship) for one in specifications] == ["/Supplement", "/Data"]
    assert len({one.objgen for one in specifications}) == 2
    day = document.docinfo.CreationDate
    for one in specifications:
        assert one.EF.F.Params.ModDate == day
        assert int(one.EF.F.Params.Size) == len(one.EF.F.read_bytes())


def test_qpdf_finds_nothing_wrong(file, tmp_path):
    target = tmp_path / "certificate.pdf"
    target.write_bytes(file)
    run = subprocess.run(["qpdf", "--check", str(target)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_same_attachments_in_another_order_give_the_same_bytes(file):
    # Their order in the file is that of their names, whatever order they came in.
    for name in designs():
        text = load(name).samples["shortest"]
        assert render(text, attachments=(CREDENTIAL, NOTE)) == render(text, attachments=[NOTE, CREDENTIAL])
        break


@pytest.mark.parametrize("name", [name for name in designs() if "qr" in load(name).slots])
def test_the_code_can_be_read_from_a_coarse_scan(name):
    text = load(name).samples["usual"]
    page = subprocess.run(
        ["pdftoppm", "-r", "100", "-gray", "-singlefile", "-"], input=render(text), capture_output=True, check=True
    ).stdout
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page)))
    assert found.text == text.verify_url
    assert found.ec_level == "M"


def test_golden_bytes():
    written = golden.read()
    if written["versions"] != golden.versions():
        pytest.skip(f"made with {written['versions']}, here is {golden.versions()}")
    assert golden.digests() == written["sha256"]
