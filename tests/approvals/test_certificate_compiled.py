"""The compiled path: what it casts stands exactly where WeasyPrint puts it; what it is not sure of it leaves."""

import io
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from approvals.certificates import engine
from approvals.certificates.attachments import Attachment
from approvals.certificates.compiled import compiler, gate
from approvals.certificates.compiled.compiler import Unsure
from approvals.certificates.compiled.gate import TOLERANCE, distance, glyphs
from approvals.certificates.design import designs, load
from approvals.certificates.fonts import DEFAULT
from approvals.certificates.render import attempts, head, pictures, render, sheet
from approvals.certificates.text import paragraph, values
from tests.approvals.certificate_texts import adversarial, realistic

DESIGN = load("award_landscape")
SHEETS = 40  # in one document, where WeasyPrint's fixed costs are shared


@pytest.fixture(scope="module")
def compiled():
    return compiler.compile(DESIGN)


def reference(cast: list) -> list[list]:
    """The glyphs WeasyPrint sets for each text in the size it was cast in, many sheets to a document."""
    found = []
    for start in range(0, len(cast), SHEETS):
        group = cast[start : start + SHEETS]
        title, meta = head(group[0][0])
        sheets = [(size, sheet(text, DESIGN, values(text))) for text, size, _pdf in group]
        document = engine.lay_out_tree(
            engine.page_tree(title, meta, sheets), DESIGN, DEFAULT, pictures(group[0][0], DESIGN)
        )
        assert len(document.pages) == len(group), "a text that was cast needs two pages"
        data = engine.pdf_bytes(document)
        with pikepdf.open(io.BytesIO(data)) as pdf:
            found += [glyphs(pdf, page) for page in range(len(pdf.pages))]
    return found


def cast_all(compiled, texts) -> tuple[list, Counter]:
    cast, refused = [], Counter()
    for text in texts:
        plain = replace(text, paragraphs=compiler.normal(text.paragraphs))
        try:
            cast.append((plain, compiler.find(compiled, plain).size, compiler.stamp(compiled, text)))
        except Unsure as unsure:
            refused[unsure.why] += 1
    return cast, refused


@pytest.mark.parametrize("name", designs())
def test_every_packaged_design_passes_the_gate(name):
    report = gate.gate(load(name))
    assert report.faults == []
    assert report.open
    assert report.largest <= TOLERANCE
    assert report.compared >= 5


def test_no_adversarial_text_that_is_cast_differs():
    texts = adversarial(1000)
    assert len(texts) >= 1000
    compiled = compiler.compile(DESIGN, texts=texts[:90], most_shapes=60)
    cast, refused = cast_all(compiled, texts)
    assert len(cast) >= 250, refused
    assert {"character", "shape", "margin"} <= set(refused)
    apart = [distance(glyphs(pdf), theirs) for (_t, _s, pdf), theirs in zip(cast, reference(cast), strict=True)]
    assert [text.holder for (text, _s, _p), far in zip(cast, apart, strict=True) if far > TOLERANCE] == []


def test_a_text_cast_small_does_not_fit_larger(compiled):
    long = DESIGN.samples["longest"]
    size = compiler.find(compiled, replace(long, paragraphs=compiler.normal(long.paragraphs))).size
    tried = {attempt.size: attempt.fits for attempt in attempts(long, DESIGN)}
    assert next(name for name, fits in tried.items() if fits) == size
    assert not next(iter(tried.values()))


def test_what_programmes_really_print_is_cast():
    texts = realistic()
    assert len(texts) > 90
    compiled = compiler.compile(DESIGN, texts=texts, most_shapes=500)
    cast, refused = cast_all(compiled, texts)
    assert len(cast) >= 0.95 * len(texts), refused


def test_a_cast_file_is_the_reference_but_for_its_packing(compiled):
    text = DESIGN.samples["usual"]
    ours, theirs = compiler.stamp(compiled, text), render(text)
    pixels = [
        subprocess.run(["pdftoppm", "-r", "100", "-singlefile", "-"], input=data, capture_output=True, check=True)
        for data in (ours, theirs)
    ]
    assert len(pixels[0].stdout) > 1_000_000
    assert pixels[0].stdout == pixels[1].stdout
    words = [
        subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True) for data in (ours, theirs)
    ]
    assert words[0].stdout == words[1].stdout
    with pikepdf.open(io.BytesIO(ours)) as one, pikepdf.open(io.BytesIO(theirs)) as two:
        assert one.docinfo.Title == two.docinfo.Title
        assert one.docinfo.CreationDate == two.docinfo.CreationDate
        assert one.Root.Metadata.read_bytes() == two.Root.Metadata.read_bytes()
        assert str(one.Root.Lang) == "zh-CN"
        assert len(one.Root.StructTreeRoot.ParentTree.Nums[1]) == len(two.Root.StructTreeRoot.ParentTree.Nums[1])


def test_the_same_text_is_cast_to_the_same_bytes_with_its_attachments(compiled, tmp_path):
    text = DESIGN.samples["usual"]
    attached = (Attachment("credential.json", b"{}", "application/json"),)
    data = compiler.stamp(compiled, text, attached)
    assert data == compiler.stamp(compiler.compile(DESIGN), text, attached)
    assert data != compiler.stamp(compiled, replace(text, check_code="0000000000"), attached)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.attachments["credential.json"].get_file().read_bytes() == b"{}"
        assert str(pdf.Root.AF[0].AFRelationship) == "/Data"
    target = tmp_path / "cast.pdf"
    target.write_bytes(data)
    assert subprocess.run(["qpdf", "--check", str(target)], capture_output=True, check=False).returncode == 0


def test_another_process_with_another_hash_seed_casts_the_same_bytes(compiled):
    code = (
        "import sys; from approvals.certificates.compiled import compiler; from approvals.certificates.design import load; "
        "d = load('award_landscape'); "
        "sys.stdout.buffer.write(compiler.stamp(compiler.compile(d), d.samples['usual']))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        env={"PYTHONHASHSEED": "11", "TZ": "America/New_York", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    assert other.stdout == compiler.stamp(compiler.compile(DESIGN), DESIGN.samples["usual"])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"holder": "𪚥镇人民政府"}, "glyph"),
        ({"holder": "从未见过的地方"}, "glyph"),
        ({"title": "另一种证书"}, "shape"),
        ({"grade": "优秀"}, "shape"),
        ({"valid_to": None}, "shape"),
        ({"paragraphs": ()}, "shape"),
        ({"serial": "证书编号：  1号"}, "spaces"),
    ],
)
def test_it_steps_aside_when_unsure(compiled, changes, why):
    with pytest.raises(Unsure) as unsure:
        compiler.stamp(compiled, replace(DESIGN.samples["usual"], **changes))
    assert unsure.value.why == why


def test_the_gate_sees_a_mould_that_is_off(monkeypatch):
    real = compiler.cast_from

    def crooked(*arguments):
        mould = real(*arguments)
        for flow, rails in mould.rails.items():
            mould.rails[flow] = tuple(replace(rail, at=rail.at + 0.05) for rail in rails)
        return mould

    monkeypatch.setattr(compiler, "cast_from", crooked)
    report = gate.gate(DESIGN)
    assert not report.open
    assert report.largest == pytest.approx(0.0375, abs=1e-3)


def test_a_design_whose_places_follow_their_text_has_no_fast_path():
    from approvals.certificates.design import read

    css = DESIGN.files["page.css"] + "\n.serial { display: inline-block; letter-spacing: 1pt }"
    report = gate.gate(read({**DESIGN.files, "page.css": css}))
    assert not report.open
    css = DESIGN.files["page.css"] + "\n.words { text-align: justify }"
    assert not gate.gate(read({**DESIGN.files, "page.css": css})).open


@pytest.mark.parametrize(
    "rule", ["text-decoration-line: underline", "border-bottom: 1pt solid #000000", "padding: 2mm"]
)
def test_what_is_drawn_along_a_text_is_compared_too(rule):
    from approvals.certificates.design import read

    page = DESIGN.files["page.html"].replace(
        '<p class="holder" data-step="holder"><span data-slot',
        '<p class="holder" data-step="holder"><span class="own" data-slot',
    )
    report = gate.gate(
        read({**DESIGN.files, "page.html": page, "page.css": DESIGN.files["page.css"] + f".own {{ {rule} }}"})
    )
    # Padding moves what follows by the same everywhere, which a mould knows; a line would have the length of another text.
    assert report.open == rule.startswith("padding"), report


def test_a_paragraph_of_pieces_is_the_same_as_one_of_one_piece(compiled):
    usual = DESIGN.samples["usual"]
    first = usual.paragraphs[0][0][0]
    pieces = paragraph(first[:5], "", first[5:], *usual.paragraphs[0][1:])
    assert compiler.stamp(compiled, replace(usual, paragraphs=(pieces,))) == compiler.stamp(compiled, usual)
