"""Floors of the UI kit: contrast of the tokens, syntax and size of css and js, clean templates."""

import gzip
import re
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from templates import pictures

ROOT = Path(pictures.__file__).parent
STATIC = ROOT / "static" / "pilotage"
CSS = (STATIC / "app.css").read_text(encoding="utf-8")
JS = (STATIC / "app.js").read_text(encoding="utf-8")
PAGES = sorted(ROOT.rglob("*.html"))


def tokens(selector):
    """Return the custom properties of the first rule that begins with ``selector``."""
    body = CSS[CSS.index(selector + "{") + len(selector) + 1 :].split("}")[0]
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", body))
    return {k: "#" + "".join(c * 2 for c in v[1:]) if len(v) == 4 else v for k, v in found.items()}


THEMES = {"light": tokens(":root"), "dark": tokens("html[data-theme=dark]")}


# --- contrast --------------------------------------------------------------------------------


def test_contrast_of_black_on_white_is_21():
    assert round(pictures.contrast("#000000", "#ffffff"), 2) == 21


def test_contrast_knows_the_published_grey():
    assert round(pictures.contrast("#767676", "#ffffff"), 2) == 4.54


def test_contrast_does_not_depend_on_the_order():
    assert pictures.contrast("#114a9b", "#ffffff") == pictures.contrast("#ffffff", "#114a9b")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("step", range(pictures.STEPS + 1))
def test_text_on_every_tile_step_is_readable(theme, step):
    found = THEMES[theme]
    assert pictures.contrast(found[f"s{step}"], found[f"on-s{step}"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        ("ink", "card", 7),
        ("ink-2", "card", 7),
        ("ink-3", "card", 4.5),
        ("ink-3", "canvas", 4.5),
        ("brand", "card", 4.5),
        ("brand", "brand-tint", 4.5),
        ("on-brand", "brand", 4.5),
        ("ok", "ok-tint", 4.5),
        ("warn", "warn-tint", 4.5),
        ("bad", "bad-tint", 4.5),
        ("control", "card", 3),
        ("on-fill", "bar-fill", 4.5),
        ("ink", "s0", 4.5),
        ("on-bar", "bar", 7),
    ],
)
def test_tokens_keep_their_contrast(theme, ink, paper, least):
    found = {**THEMES["light"], **THEMES[theme]}
    assert pictures.contrast(found[ink], found[paper]) >= least


def test_dark_by_choice_and_dark_by_system_are_the_same_set():
    assert tokens("html[data-theme=dark]") == tokens("html:not([data-theme])")


# --- floors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    [
        r"@layer",
        r":has\(",
        r"@container",
        r"color-mix",
        r"light-dark\(",
        r"popover",
        r"@import",
        r"url\(",
        r"^\s*&",
        r"oklch",
        r"@scope",
    ],
)
def test_css_stays_on_the_browser_floor(token):
    assert not re.search(token, CSS, re.MULTILINE)


@pytest.mark.parametrize(
    "token",
    [
        r"\.at\(",
        r"Object\.hasOwn\b",
        r"structuredClone",
        r"\?\.[a-zA-Z\[(]",
        r"\?\?",
        r"\beval\(",
        r"new Function",
        r"\.style\b",
        r"setAttribute\([\"']style",
        r"https?://",
        r"replaceAll\(",
    ],
)
def test_js_stays_on_the_browser_floor_and_within_csp(token):
    assert not re.search(token, JS)


@pytest.mark.parametrize("token", [r"structuredClone", r"Object\.hasOwn\b"])
def test_htmx_runs_on_the_browser_floor(token):
    assert not re.search(token, (STATIC / "htmx.min.js").read_text(encoding="utf-8"))


def test_css_and_js_weigh_at_most_40_kb_gzipped():
    names = ("app.css", "app.js", "htmx.min.js")
    assert sum(len(gzip.compress((STATIC / n).read_bytes(), 9)) for n in names) <= 40 * 1024


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_template_carries_inline_style_or_script(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|//cdn|https?://(?!www\.w3\.org)", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_htmx_target_and_swap_are_never_inherited(page):
    for tag in re.findall(r"<\w+[^<]*?hx-(?:get|post)=[^<]*?>", page.read_text(encoding="utf-8")):
        assert "hx-target=" in tag
        assert "hx-swap=" in tag


def test_every_icon_named_in_a_template_exists():
    with zipfile.ZipFile(str(files("lucide") / "lucide.zip")) as archive:
        known = {name.removesuffix(".svg") for name in archive.namelist()}
    used = {n for p in PAGES for n in re.findall(r'\{% icon "([\w-]+)"', p.read_text(encoding="utf-8"))}
    assert used
    assert used <= known
