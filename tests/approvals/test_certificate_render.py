"""The PDF of a certificate: one closed, embedded, repeatable page whatever the text."""

import importlib
import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from approvals.certificates import engine, guilloche, render, seal
from approvals.certificates.coverage import missing_glyphs
from approvals.certificates.errors import AddressRefused, CertificateError
from approvals.certificates.fonts import DEFAULT, FACES, FOLDER, ROLES
from approvals.certificates.fonts.charset import STANDARD
from approvals.certificates.render import CertificateText, bold, paragraph

MM = 72 / 25.4

TEXT = CertificateText(
    title="证书",
    programme="国家知识产权服务业集聚发展示范区",
    serial="证书编号：知试验证字〔2026〕第00013号",
    holder="昆明高新技术产业开发区管理委员会",
    paragraphs=(
        paragraph(
            "经申报、评审、公示和批复，你单位承担的",
            bold("“知识产权服务业集聚发展示范区”"),
            "建设任务，于二〇二三年九月至二〇二六年九月组织实施，经三年期满验收合格。",
        ),
        paragraph("特发此证。"),
    ),
    issuer="示例省知识产权试点工作管理办公室",
    issued_on=date(2026, 9, 18),
    verify_url="https://verify.example.cn/c/076A99B44C",
    check_code="076A99B44C",
)

LONG_HOLDER = ("示例生产建设兵团第八师高新技术产业开发区知识产权服务业集聚发展示范区建设领导小组办公室" * 2)[:60]


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return render.render(TEXT)


def words(data: bytes, *options: str) -> str:
    run = subprocess.run(["pdftotext", *options, "-", "-"], input=data, capture_output=True, check=True)
    return run.stdout.decode()


def boxes(data: bytes) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right, bottom (points) and text of every word on the page."""
    pattern = r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
    found = re.findall(pattern, words(data, "-bbox"))
    return [(float(a), float(b), float(c), float(d), text) for a, b, c, d, text in found]


def test_one_page_of_a4_landscape(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == 1
        left, bottom, right, top = (float(value) for value in document.pages[0].mediabox)
        assert right - left == pytest.approx(297 * MM, abs=0.1)
        assert top - bottom == pytest.approx(210 * MM, abs=0.1)


def test_every_font_is_one_of_ours_and_embedded(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"]
        descriptors = [o for o in fonts if "/FontDescriptor" in o]
        names = {str(o.BaseFont).partition("+")[2] for o in descriptors}
        assert names == {"PilotageKaiSCRegular", "PilotageSerifSCBold-Bold"}
        for font in descriptors:
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys())


def test_the_file_calls_itself_pdf_a_3a(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        metadata = document.Root.Metadata.read_bytes().decode()
        assert "/OutputIntents" in document.Root
    assert 'pdfaid:part="3"' in metadata or "<pdfaid:part>3<" in metadata
    assert 'conformance="A"' in metadata or "<pdfaid:conformance>A<" in metadata


def test_same_text_gives_same_bytes(pdf):
    assert render.render(TEXT) == pdf


def test_another_process_with_another_hash_seed_gives_the_same_bytes(pdf):
    code = (
        "import sys; from tests.approvals.test_certificate_render import TEXT; "
        "from approvals.certificates.render import render; sys.stdout.buffer.write(render(TEXT))"
    )
    root = Path(render.__file__).resolve().parents[2]
    other = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PYTHONHASHSEED": "7", "TZ": "America/New_York", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    assert other.stdout == pdf


def test_a_flow_chart_drawn_in_the_same_process_changes_no_byte(pdf):
    from pilots.rules.document import cached
    from tests.world import TRIAL, _texts
    from workflows.charts.bpmn import export

    assert b"omgdc:Bounds" in export(cached(_texts()[TRIAL]))
    assert render.render(TEXT) == pdf


def test_another_day_gives_other_bytes(pdf):
    assert render.render(replace(TEXT, issued_on=date(2026, 9, 19))) != pdf


def test_text_can_be_extracted(pdf):
    plain = "".join(words(pdf).split())
    for expected in (TEXT.programme, TEXT.serial, TEXT.holder, TEXT.issuer, "二〇二六年九月十八日"):
        assert expected in plain
    assert "076A99B44C" in plain
    assert "样章／示例" in plain


@pytest.mark.parametrize("holder", ["郫都区人民政府", LONG_HOLDER, "W" * 60, "Société Générale de Propriété " * 2])
def test_a_holder_of_any_length_stays_between_serial_and_foot(holder):
    data = render.render(replace(TEXT, holder=holder))
    placed = boxes(data)
    assert "".join(holder.split()) in "".join("".join(box[4] for box in placed).split())
    serial = max(box[3] for box in placed if "00013" in box[4])
    foot = min(box[1] for box in placed if "扫描二维码" in box[4])
    for left, top, right, bottom, text in placed:
        assert left > 30 * MM, text
        assert right < 267 * MM, text
        assert bottom < 186 * MM, text
        if "特发此证" in text or text[:4] == holder[:4]:
            assert serial <= top + 1, text
            assert bottom <= foot, text


def test_a_text_that_cannot_fit_is_refused():
    many = paragraph("认定期间应当按照建设方案组织实施。" * 60)
    with pytest.raises(render.DoesNotFit):
        render.render(replace(TEXT, paragraphs=(many,)))


def test_a_long_text_is_set_smaller_until_it_fits():
    data = render.render(replace(TEXT, paragraphs=(paragraph("认定期间应当按照建设方案组织实施。" * 18),)))
    with pikepdf.open(io.BytesIO(data)) as document:
        assert len(document.pages) == 1


def test_html_in_a_name_stays_text():
    nasty = '<img src="file:///etc/passwd"><b>{{ text.serial }}</b>'
    data = render.render(replace(TEXT, holder=nasty, paragraphs=(paragraph(bold("<i>甲</i>"), "&amp;"),)))
    plain = "".join(words(data).split())
    assert "".join(nasty.split()) in plain
    assert "<i>甲</i>&amp;" in plain


def test_an_unmarked_certificate_has_neither_tag_nor_demonstration_seal(pdf):
    clean = render.render(replace(TEXT, mark=""))
    assert "样章" not in words(clean)
    assert "不具法律效力" not in words(clean)
    assert len(clean) < len(pdf)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https://example.com/a.css",
        "ftp://example.com/a",
        "data:text/css,p{}",
        "certificate:/../render.py",
        "certificate:/fonts/../OFL.txt",
        "certificate:/fonts/",
        "certificate:/",
        "CERTIFICATE:/fonts/body",
        "//example.com/x",
        "",
    ],
)
def test_the_fetcher_refuses_what_is_not_packaged(address):
    fetcher = engine.ClosedFetcher({"seal.svg": "<svg/>"})
    with pytest.raises(AddressRefused, match="may not load"):
        fetcher.fetch(address)
    with pytest.raises(AddressRefused, match="may not load"):
        fetcher.open(address)


def test_the_fetcher_serves_what_is_packaged():
    fetcher = engine.ClosedFetcher({"seal.svg": "<svg/>"})
    assert fetcher.fetch("certificate:/seal.svg").read() == b"<svg/>"
    assert fetcher.fetch("certificate:/fonts/body").read() == ROLES["body"].read_bytes()


def test_a_refused_address_stops_the_rendering():
    page = '<html lang="zh-CN"><img src="file:///etc/hostname"></html>'
    with pytest.raises(AddressRefused, match="file:///etc/hostname"):
        engine.pdf_bytes(engine.lay_out(page, "", {}))


def test_missing_pango_is_one_clear_error(monkeypatch):
    class NoPango:
        def find_spec(self, name, path=None, target=None):
            if name == "approvals.certificates.engine":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "approvals.certificates.engine")
    monkeypatch.delattr(importlib.import_module("approvals.certificates"), "engine")
    monkeypatch.setattr(sys, "meta_path", [NoPango(), *sys.meta_path])
    with pytest.raises(render.PdfLibraryMissing, match=r"apt-get install libpangoft2-1.0-0 libharfbuzz-subset0"):
        render.render(TEXT)


def test_an_unknown_design_is_refused():
    with pytest.raises(CertificateError, match="no certificate design"):
        render.render(replace(TEXT, design="../award_landscape"))


def test_missing_glyphs_are_named_once_in_order():
    assert missing_glyphs("甲𪚥乙𠀀𪚥") == "𪚥𠀀"
    assert missing_glyphs("昆明 高新\n区") == ""
    with pytest.raises(KeyError):
        missing_glyphs("甲", "no such role")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_fonts_know_gb2312_and_rare_names(role):
    hanzi = "".join(
        bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)
    )
    assert len(hanzi) == 6763
    assert missing_glyphs(hanzi, role) == ""
    assert missing_glyphs("郫〇〔〕·—％（）：“”①", role) == ""
    # 仿宋 lacks these; another of our faces steps in, never one of the machine's.
    face = role if role in FACES else "song"
    assert DEFAULT.missing("垚喆昇祎堃甪镕玥赟珅燊é" + STANDARD, face) == ""


def test_a_character_without_glyph_stops_the_issue():
    with pytest.raises(render.MissingGlyphs) as error:
        render.render(replace(TEXT, holder="𪚥镇人民政府"))
    assert error.value.characters == "𪚥"


def test_engraving_is_repeatable_and_small():
    inks, paper = guilloche.Inks("#fff", "#8a6417", "#c39d4d", "#f3ead6"), guilloche.Paper(297, 210)
    drawn = guilloche.draw(inks, paper)
    assert drawn == guilloche.draw(inks, paper)
    assert len(drawn) < 120_000


def test_the_seal_has_outlines_only_and_refuses_what_it_cannot_draw():
    drawn = seal.draw("演示专用", "样章")
    assert "<text" not in drawn
    assert drawn != seal.draw("演示专用", "示例")
    with pytest.raises(ValueError, match="𪚥"):
        seal.draw("𪚥")


def test_the_licence_lies_beside_the_fonts():
    open_font = (FOLDER / "OFL.txt").read_text(encoding="utf-8")
    gpl = (FOLDER / "GPL-3-font-exception.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in open_font
    assert "As a special exception, if you create a document which uses this font" in gpl
    for file in set(ROLES.values()):
        assert (file.name in open_font) != (file.name in gpl)
        assert file.stat().st_size < 5_500_000


@pytest.mark.parametrize("role", FACES)
def test_quotation_marks_are_as_wide_as_a_hanzi(role):
    with TTFont(ROLES[role]) as font:
        names, widths = font.getBestCmap(), font["hmtx"]
        assert {widths[names[ord(mark)]][0] for mark in "“”‘’"} == {widths[names[ord("国")]][0]}
