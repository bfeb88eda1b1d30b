"""The door: whatever path made it, it is the same page; refusals are the same, too."""

from dataclasses import replace

import pytest

from accounts.models import Organisation, Place
from approvals.certificates.compiled.gate import TOLERANCE, distance, glyphs
from approvals.certificates.design import load, read
from approvals.certificates.errors import DoesNotFit, FontRefused, MissingGlyphs
from approvals.certificates.fonts import BOLD, DEFAULT, KAI, REGULAR, Fonts
from approvals.certificates.fonts.prepare import prepare
from approvals.certificates.produce import begin, is_open, produce
from approvals.certificates.render import render
from approvals.certificates.text import paragraph
from approvals.models import Certificate
from approvals.printing import certificate_text
from pilots.models import Designation
from tests.approvals.certificate_texts import realistic

DESIGN = load("award_landscape")
USUAL = DESIGN.samples["usual"]


@pytest.fixture(scope="module")
def batch():
    # One programme's wording, as a run has it.
    return realistic()[:3]


@pytest.fixture(scope="module")
def run(batch):
    return begin(DESIGN, batch)


def test_a_run_is_cast_and_stands_where_weasyprint_puts_it(run, batch):
    before = run.cast
    for text in batch:
        assert distance(glyphs(produce(text, run=run)), glyphs(render(text))) <= TOLERANCE
    assert run.cast - before == len(batch)


def test_what_is_not_sure_is_rendered(run, batch):
    odd = replace(batch[0], holder="从未见过的县 人民政府")
    before = run.rendered
    assert produce(odd, run=run) == render(odd)
    assert produce(batch[0], run=run, fast=False) == render(batch[0])
    assert run.rendered - before == 2
    assert run.reasons["glyph"] >= 1


def test_a_run_learns_shapes_it_was_not_begun_with(batch):
    run = begin(DESIGN, batch[:1])
    other = replace(batch[0], grade="优秀", paragraphs=(batch[0].paragraphs[0], paragraph("特发此证。")))
    before = run.compiled.shapes
    assert distance(glyphs(produce(other, run=run)), glyphs(render(other))) <= TOLERANCE
    assert run.compiled.shapes == before + 1
    assert (run.cast, run.rendered) == (1, 0)


def test_without_a_run_it_renders():
    assert produce(USUAL) == render(USUAL)


def test_refusals_are_those_of_the_renderer(run, batch):
    with pytest.raises(MissingGlyphs):
        produce(replace(batch[0], holder="𪚥"), run=run)
    with pytest.raises(DoesNotFit):
        produce(replace(batch[0], paragraphs=(paragraph("认定期间应当按照建设方案组织实施。" * 60),)), run=run)


def test_the_gate_is_asked_for_a_design_of_a_site(batch):
    own = read({**DESIGN.files, "page.css": DESIGN.files["page.css"] + "\n.serial { letter-spacing: 1pt }"})
    assert not is_open(own)
    closed = begin(own, batch)
    assert closed.compiled is None
    assert produce(batch[0], run=closed) == render(batch[0], own)
    assert begin(own, batch, opened=False).compiled is None
    assert is_open(DESIGN)


def test_a_font_of_the_site_is_used_and_named_as_its_own():
    data = prepare(BOLD.read_bytes(), "kai")
    fonts = Fonts({"kai": data})
    assert fonts.sha256 != DEFAULT.sha256
    pdf = render(USUAL, DESIGN, fonts=fonts)
    assert b"SiteKai" in _names(pdf)
    assert pdf != render(USUAL)


def _names(pdf: bytes) -> bytes:
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"]
        return b" ".join(str(font.BaseFont).encode() for font in fonts)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not_a_font"),
        (b"GIF89a" + b"x" * 100, "not_a_font"),
        (b"OTTO" + b"\0" * 200, "not_a_font"),
        (b"\0\1\0\0" + b"\xff" * 500, "not_a_font"),
        (b"ttcf" + b"\0" * 200, "not_a_font"),
        (b"wOF2" + b"\0" * 200, "not_a_font"),
        (REGULAR.read_bytes()[:5000], "not_a_font"),
        (b"OTTO" + b"\0" * 30_000_001, "too_large"),
    ],
)
def test_a_file_that_is_no_usable_font_is_refused(data, why):
    with pytest.raises(FontRefused) as refused:
        prepare(data, "kai")
    assert refused.value.why == why
    assert refused.value.message


def test_a_font_without_hanzi_or_permission_is_refused():
    import io

    from fontTools.ttLib import TTFont

    font = TTFont(KAI)
    font["OS/2"].fsType = 2
    out = io.BytesIO()
    font.save(out)
    with pytest.raises(FontRefused, match="may_not_be_embedded"):
        prepare(out.getvalue(), "kai")
    with pytest.raises(KeyError):
        prepare(KAI.read_bytes(), "comic")
    with pytest.raises(KeyError):
        Fonts({"comic": b""})


def test_a_place_or_body_renamed_afterwards_changes_no_word(office):
    """What is printed was fixed when the row was made, whatever anything is called when the page is drawn (trust.md F17)."""
    row = Certificate.objects.select_related("designation__place").first()
    text = certificate_text(row)
    assert row.designation.place.short_name in str(text), "the planted positive: its name is in it"
    Place.objects.filter(pk=row.designation.place_id).update(name="新名区", short_name="新名")
    Organisation.objects.filter(pk=row.designation.organisation_id).update(name="新名区人民政府")
    Designation.objects.update(holder_name="新名区人民政府")
    again = Certificate.objects.select_related("designation__place").get(pk=row.pk)
    assert again.designation.place.name == "新名区"
    assert certificate_text(again) == text
