"""Designs: a closed language whose every fault is named with file and line, and packaged folders that keep to it."""

import subprocess
import unicodedata
from dataclasses import replace

import pytest

from approvals.certificates.design import FILES, DesignError, designs, load, read
from approvals.certificates.findings import CHECKS, FAULTS
from approvals.certificates.language import IMAGES, LINES, PARAGRAPHS, fill
from approvals.certificates.preflight import preflight
from approvals.certificates.render import render
from approvals.certificates.text import bold, paragraph, values

BASE = dict(load("award_landscape").files)


def with_page(body: str) -> dict[str, str]:
    needed = '\n<p data-slot="holder"></p><p data-slot="issuer"></p>'
    return {**BASE, "page.html": body + needed}


def faults_of(files: dict[str, str]) -> list[tuple[str, int, str]]:
    with pytest.raises(DesignError) as error:
        read(files)
    return [(fault.file, fault.line, fault.code) for fault in error.value.faults]


@pytest.mark.parametrize("name", designs())
def test_packaged_designs_are_complete(name):
    design = load(name)
    assert set(design.label) == {"zh", "en"}
    assert set(design.samples) == {"shortest", "usual", "longest"}
    assert design.kind in ("certificate", "plaque", "letter")
    for sample in design.samples.values():
        assert [one for one in preflight(sample, design) if one.level == "error"] == []


@pytest.mark.parametrize("sample", ["shortest", "usual", "longest"])
@pytest.mark.parametrize("name", designs())
def test_every_sample_prints_every_word_of_its_slots(name, sample):
    design = load(name)
    text = design.samples[sample]
    run = subprocess.run(["pdftotext", "-", "-"], input=render(text, design), capture_output=True, check=True)
    plain = unicodedata.normalize("NFKC", "".join(run.stdout.decode().split()))
    printed = values(text)
    for slot in design.slots:
        if slot in printed:
            assert unicodedata.normalize("NFKC", "".join(printed[slot].split())) in plain, slot
    if PARAGRAPHS in design.slots:
        for runs in text.paragraphs:
            assert unicodedata.normalize("NFKC", "".join("".join(run.split()) for run, _bold in runs)) in plain


def test_there_is_a_design_of_each_kind():
    assert {load(name).kind for name in designs()} == {"certificate", "plaque", "letter"}


def test_a_plaque_has_the_month_in_chinese_and_no_seal_or_code():
    plaque = load("plaque")
    assert plaque.size == (600.0, 400.0)
    assert not {"seal", "qr", "code"} & set(plaque.slots)
    assert values(plaque.samples["usual"])["year_month"] == "二〇一七年十二月"


def test_the_identity_changes_with_any_file():
    seen = {read(BASE).sha256}
    for name in FILES:
        seen.add(read({**BASE, name: BASE[name] + "\n"}).sha256)
    assert len(seen) == len(FILES) + 1
    assert read(BASE).sha256 == load("award_landscape").sha256


def test_a_design_of_a_site_renders_like_the_packaged_one():
    design = read(BASE)
    assert render(design.samples["usual"], design) == render(design.samples["usual"], load("award_landscape"))


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("<script>alert(1)</script>", "element"),
        ("<style>p{}</style>", "element"),
        ("<iframe></iframe>", "element"),
        ("<object></object>", "element"),
        ("<embed>", "element"),
        ("<base>", "element"),
        ("<link>", "element"),
        ("<meta>", "element"),
        ("<a>x</a>", "element"),
        ("<svg></svg>", "element"),
        ("<input>", "element"),
        ('<img src="http://x/">', "attribute"),
        ("<img>", "attribute"),
        ('<p style="color:red">x</p>', "attribute"),
        ('<p onclick="x">x</p>', "attribute"),
        ('<p id="x">x</p>', "attribute"),
        ("<p>x", "nesting"),
        ("<p><span>x</p></span>", "nesting"),
        ("</p>", "nesting"),
        ("<!DOCTYPE html>", "declaration"),
        ("<?php x ?>", "declaration"),
        ('<p data-slot="password"></p>', "slot"),
        ('<p data-if="password"></p>', "slot"),
        ('<p data-slot="serial">already</p>', "slot_not_empty"),
        ('<p data-slot="serial"><span>x</span></p>', "slot_not_empty"),
        ('<p data-slot="qr"></p>', "slot_element"),
        ('<img data-slot="serial">', "slot_element"),
        ('<p data-slot="paragraphs"></p>', "slot_element"),
        ('<p data-step="serial"></p>', "step"),
        ('<table><tr><td colspan="1000000">x</td></tr></table>', "span"),
        ("<div>" * 300 + "</div>" * 300, "depth"),
        ("<br>" * 400, "elements"),
    ],
)
def test_the_page_has_a_closed_language(page, code):
    assert ("page.html", 2, code) in faults_of(with_page("<p>ok</p>\n" + page))


def test_a_page_must_name_holder_and_issuer():
    assert faults_of({**BASE, "page.html": "<p>x</p>"}) == [("page.html", 1, "slot_absent")] * 2


@pytest.mark.parametrize(
    ("css", "code"),
    [
        ("@import url(http://x/);", "css_rule"),
        ("@import 'x.css';", "css_rule"),
        ("@font-face { font-family: x; src: url(x) }", "css_rule"),
        ("@page { background: url(x) }", "css_rule"),
        ("@media print { p { color: red } }", "css_rule"),
        ("@charset 'x'; @layer a;", "css_rule"),
        ("p { background: url(http://x/) }", "css_property"),
        ("p { background-image: url(x) }", "css_property"),
        ("p { list-style-image: url(x) }", "css_property"),
        ("p { content: url(x) }", "css_property"),
        ("p { --x: url(x) }", "css_property"),
        ("p { font: 12pt serif }", "css_property"),
        ("p { font-weight: 700 }", "css_property"),
        ("p { opacity: .5 }", "css_property"),
        ("p { color: url(x) }", "css_address"),
        (r"p { color: \75 rl(x) }", "css_address"),
        ("p { width: attr(x url) }", "css_function"),
        ("p { color: image-set('x' 1x) }", "css_function"),
        ("p { color: device-cmyk(0 0 0 1) }", "css_function"),
        ("p { font-family: serif }", "css_font"),
        ("p { font-family: var(--nobody) }", "css_font"),
        ("p { font-family: var(--body), serif }", "css_font"),
        ("p { color: red; q { color: url(x) } }", "css_syntax"),
        ("p { color }", "css_syntax"),
        ("}", "css_syntax"),
    ],
)
def test_the_style_sheet_has_a_closed_language(css, code):
    assert ("page.css", 2, code) in faults_of({**BASE, "page.css": "p { color: red }\n" + css})


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('kind = "certificate"', 'kind = "passport"', "key_value"),
        ("size = [297, 210]", "size = [297]", "key_value"),
        ("size = [297, 210]", "size = [1, 99999]", "key_value"),
        ('body = "kai"', 'body = "Comic Sans"', "key_value"),
        ('kind = "guilloche"', 'kind = "picture"', "key_value"),
        ('paper = "#fffdf7"', 'paper = "url(x)"', "key_value"),
        ('word = "样章"', 'word = "专用章"', "key_value"),
        ('label = {', 'script = "x"\nlabel = {', "key_unknown"),
        ("[samples.longest]", "[samples.biggest]", "key_value"),
        ('label = {', "label = [[[", "toml"),
        ("issued_on = 2026-01-01", 'issued_on = "yesterday"', "sample"),
    ],
)  # fmt: skip
def test_the_outline_has_a_closed_set_of_keys(old, new, code):
    assert old in BASE["design.toml"]
    found = faults_of({**BASE, "design.toml": BASE["design.toml"].replace(old, new, 1)})
    assert [file for file, _line, one in found if one == code] == ["design.toml"]


def test_files_are_the_three_and_small():
    assert ("page.css", 1, "file_missing") in faults_of({k: v for k, v in BASE.items() if k != "page.css"})
    assert ("logo.svg", 1, "file_unknown") in faults_of({**BASE, "logo.svg": "<svg/>"})
    assert ("page.html", 1, "file_large") in faults_of({**BASE, "page.html": "x" * 70_000})


def test_every_fault_has_words_and_every_word_a_place():
    for code, words in {**FAULTS, **{code: words for code, (_level, words) in CHECKS.items()}}.items():
        assert str(words), code
    with pytest.raises(DesignError) as error:
        read(with_page("<script></script>"))
    assert "<script>" in error.value.faults[0].message


def test_text_is_text_and_never_markup():
    design = load("award_landscape")
    nasty = '<b data-slot="code">&amp;</b>'
    lines = dict.fromkeys(LINES, nasty)
    steps = dict.fromkeys(design.steps, "wide")
    filled = fill(design.sheet, lines, (paragraph(nasty, bold(nasty)),), steps, dict.fromkeys(IMAGES, nasty))
    assert not list(filled.iter("b"))
    assert [node.text for node in filled.iter("strong")] == [nasty]
    assert sum(node.text == nasty for node in filled.iter()) > 5


def codes(**changes) -> list[tuple[str, str]]:
    design = load("award_landscape")
    return [(one.code, one.slot) for one in preflight(replace(design.samples["usual"], **changes), design)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"holder": "𪚥镇人民政府"}, [("glyph", "holder")]),
        ({"holder": " 昆明市人民政府"}, [("space_edge", "holder")]),
        ({"holder": "昆明市  人民政府"}, [("space_double", "holder")]),
        ({"holder": "昆明市　人民政府"}, [("space_odd", "holder")]),
        ({"holder": "昆明市\u00a0人民政府"}, [("space_odd", "holder")]),
        ({"holder": "昆明市\u200b人民政府"}, [("zero_width", "holder")]),
        ({"holder": "昆明市\u202e人民政府"}, [("control", "holder")]),
        ({"holder": "昆明市\n人民政府"}, [("control", "holder")]),
        ({"holder": "市" * 161}, [("length", "holder")]),
        ({"holder": ""}, [("empty", "holder")]),
        ({"valid_to": None}, [("term_half", "term")]),
        ({"kind": "letter"}, [("kind", "")]),
        ({"issued_on": None}, [("issued_missing", "date")]),
    ],
)
def test_preflight_names_what_it_finds(changes, expected):
    assert codes(**changes) == expected


def test_preflight_knows_the_order_of_dates():
    usual = load("award_landscape").samples["usual"]
    early = usual.valid_from.replace(year=2020)
    assert codes(valid_to=early) == [("term_order", "term"), ("issued_after_end", "date")]


def test_preflight_finds_what_does_not_fit_and_what_just_fits():
    many = paragraph("认定期间应当按照建设方案组织实施。" * 50)
    assert ("overflow", "paragraphs") in codes(paragraphs=(many,))
    assert codes(paragraphs=(paragraph("认定期间应当按照建设方案组织实施。" * 18),)) == []


def test_samples_are_drawn_by_several_threads_at_once():
    """A shelf of templates asks for all of them in the same moment; the seal's font is read as it is used."""
    from concurrent.futures import ThreadPoolExecutor

    from approvals.certificates import render, seal

    seal._font.cache_clear()
    render._seal.cache_clear()
    texts = [load(name).samples["usual"] for name in designs()] * 2
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(render.render, texts))
    assert made[: len(made) // 2] == made[len(made) // 2 :]
