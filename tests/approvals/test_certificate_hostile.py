"""Nothing a design or a name says makes the engine read a file, call a host or take the worker down."""

import io
import os
import re
import socket
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pikepdf
import pytest

from approvals.certificates import engine
from approvals.certificates.design import DesignError, load, read
from approvals.certificates.errors import AddressRefused, CertificateError, DoesNotFit, MissingGlyphs, TooHeavy
from approvals.certificates.fonts import DEFAULT
from approvals.certificates.render import pictures, render
from approvals.certificates.sandbox import Sandbox
from approvals.certificates.text import bold, paragraph

DESIGN = load("award_landscape")
USUAL = DESIGN.samples["usual"]
CANARY = "CANARY-7e4d"
FIELDS = ("title", "programme", "serial", "holder", "issuer", "mark", "grade", "verify_url")


class Trap:
    """A listening socket that counts who calls, and a file that must not be read."""

    def __init__(self, folder):
        self.hits = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"
        self.file = folder / "canary.txt"
        self.file.write_text(CANARY, encoding="utf-8")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                caller, _from = self.server.accept()
            except OSError:
                return
            self.hits += 1
            with caller:
                caller.settimeout(1)
                try:
                    caller.recv(4096)
                    caller.sendall(
                        f"HTTP/1.1 302 Found\r\nLocation: file://{self.file}\r\nContent-Length: 0\r\n\r\n".encode()
                    )
                except OSError:
                    continue

    def leaked(self, pdf: bytes) -> bool:
        """Whether the canary's words are in the page, in a stream or in an attachment of *pdf*."""
        text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
        with pikepdf.open(io.BytesIO(pdf)) as document:
            streams = [o.read_bytes() for o in document.objects if isinstance(o, pikepdf.Stream)]
        return CANARY in text or any(CANARY.encode() in data for data in streams)


@pytest.fixture(scope="module")
def trap(tmp_path_factory):
    made = Trap(tmp_path_factory.mktemp("trap"))
    yield made
    made.server.close()


HTML = [
    '<img src="http://{host}/a.png">',
    '<img src="https://{host}/a.png">',
    '<img src="ftp://{host}/a.png">',
    '<img src="gopher://{host}/a">',
    '<img src="//{host}/a.png">',
    '<img src="file://{file}">',
    '<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E%3Cimage href=%22http://{host}/b%22/%3E%3C/svg%3E">',
    '<img srcset="http://{host}/a.png 2x">',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{host}/a.png" width="9" height="9"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="file://{file}" width="9" height="9"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="http://{host}/a.svg#x"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><style>@import url(http://{host}/a.css);</style></svg>',
    '<object data="http://{host}/a.svg" type="image/svg+xml"></object>',
    '<object data="file://{file}" type="image/svg+xml"></object>',
    '<embed src="http://{host}/a.svg" type="image/svg+xml"/>',
    '<iframe src="http://{host}/"></iframe>',
    '<link rel="stylesheet" href="http://{host}/a.css"/>',
    '<link rel="attachment" href="file://{file}"/>',
    '<link rel="attachment" href="http://{host}/a"/>',
    '<a rel="attachment" href="file://{file}">x</a>',
    '<base href="http://{host}/"/><img src="a.png"/>',
    '<style>@import "http://{host}/a.css";</style>',
    '<script src="http://{host}/a.js"></script>',
    '<p style="background: url(http://{host}/a.png)">x</p>',
    '<input type="image" src="http://{host}/a.png"/>',
    '<video poster="http://{host}/a.png"></video>',
    '<table background="http://{host}/a.png"><tr><td>x</td></tr></table>',
    '<meta http-equiv="refresh" content="0;url=http://{host}/"/>',
]  # fmt: skip
CSS = [
    "@import url(http://{host}/a.css);",
    "@import 'file://{file}';",
    "@font-face {{ font-family: x; src: url(http://{host}/a.otf) }} p {{ color: red }}",
    "@font-face {{ font-family: x; src: local('DejaVu Sans'), url(file://{file}) }}",
    "p {{ background: url(http://{host}/a.png) }}",
    "p {{ background-image: url(file://{file}) }}",
    "li, p {{ display: list-item; list-style-image: url(http://{host}/a.png) }}",
    "p::before {{ content: url(http://{host}/a.png) }}",
    "p {{ border-image-source: url(http://{host}/a.png) }}",
    "p {{ mask-border-source: url(http://{host}/a.png) }}",
    "@page {{ background: url(http://{host}/a.png) }}",
    "@page {{ @top-left {{ content: url(file://{file}) }} }}",
    "@color-profile --x {{ src: url(http://{host}/a.icc) }}",
    r"p {{ background: \75 rl(http://{host}/a.png) }}",
]


def test_the_trap_works(trap):
    """Stock WeasyPrint falls into every kind of trap used here; otherwise their silence would say nothing."""
    import weasyprint

    before = trap.hits
    weasyprint.HTML(string=f'<html lang="zh"><img src="http://{trap.address}/a.png">x').write_pdf()
    assert trap.hits > before
    before = trap.hits
    weasyprint.HTML(string="<p>x").write_pdf(
        stylesheets=[weasyprint.CSS(string=f"@import url(http://{trap.address}/a);")]
    )
    assert trap.hits > before
    leaky = weasyprint.HTML(string=f'<link rel="attachment" href="file://{trap.file}"><p>x').write_pdf()
    assert trap.leaked(leaky)
    assert not trap.leaked(render(USUAL))


@pytest.mark.parametrize("vector", HTML)
def test_no_page_of_a_design_reaches_out(vector, trap):
    before = trap.hits
    markup = vector.format(host=trap.address, file=trap.file)
    needed = '<p data-slot="holder"></p><p data-slot="issuer"></p>'
    with pytest.raises(DesignError):
        read({**DESIGN.files, "page.html": markup + needed})
    # And were the check to let it through, the engine would not.
    try:
        pdf = engine.pdf_bytes(engine.lay_out(f'<html lang="zh-CN"><body><p>page</p>{markup}</body></html>', "", {}))
    except AddressRefused:
        pdf = b""
    assert not pdf or not trap.leaked(pdf)
    assert trap.hits == before


@pytest.mark.parametrize("vector", CSS)
def test_no_style_sheet_of_a_design_reaches_out(vector, trap):
    before = trap.hits
    css = vector.format(host=trap.address, file=trap.file)
    with pytest.raises(DesignError):
        read({**DESIGN.files, "page.css": css + DESIGN.files["page.css"]})
    unchecked = replace(DESIGN, css=css + DESIGN.css)
    try:
        pdf = render(USUAL, unchecked)
    except (AddressRefused, CertificateError):
        pdf = b""
    assert not pdf or not trap.leaked(pdf)
    assert trap.hits == before


def test_no_text_reaches_out(trap, figures):
    before = trap.hits
    vectors = [vector.format(host=trap.address, file=trap.file) for vector in (*HTML, *CSS)]
    vectors += [f"url(http://{trap.address}/)", f"{{% include '{trap.file}' %}}", f"file://{trap.file}", "{{ 7*7 }}"]
    for number, vector in enumerate(vectors):
        words = re.sub(r"\s+", " ", vector)[:150]
        field = FIELDS[number % len(FIELDS)]
        text = replace(USUAL, **{field: words}, paragraphs=(paragraph("甲", bold(words), words),))
        try:
            pdf = render(text)
        except (DoesNotFit, MissingGlyphs):
            continue
        assert not trap.leaked(pdf)
        plain = subprocess.run(
            ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
        ).stdout.decode()
        assert "".join(words.split()) in "".join(plain.split()), "the words are words"
    figures(f"{len(vectors)} vectors", f"{trap.hits - before} reached out")
    assert trap.hits == before


def test_an_image_in_the_tree_that_is_none_of_ours_is_refused():
    tree = fromstring('<html lang="zh-CN"><head/><body><img src="certificate:/../x" alt="x"/></body></html>')
    with pytest.raises(AddressRefused):
        engine.lay_out_tree(tree, DESIGN, DEFAULT, pictures(USUAL, DESIGN))


@pytest.fixture
def sandbox():
    made = Sandbox(cpu=3, wall=20)
    yield made
    made.close()


def heavy():
    """Passes every check and would be laid out for days: the cost of nested flex boxes doubles and more with each."""
    nest = "<div class='nest'>" * 18 + "x" + "</div>" * 18
    page = DESIGN.files["page.html"] + nest
    return read({**DESIGN.files, "page.html": page, "page.css": DESIGN.files["page.css"] + ".nest { display: flex }"})


def test_the_child_gives_the_same_bytes_and_stays(sandbox):
    assert sandbox.render(USUAL, DESIGN) == render(USUAL)
    first = sandbox.process
    assert sandbox.render(DESIGN.samples["shortest"], DESIGN) == render(DESIGN.samples["shortest"])
    assert sandbox.process == first


def test_a_page_that_takes_for_ever_is_ended_and_the_next_one_works(sandbox):
    began = time.monotonic()
    with pytest.raises(TooHeavy):
        sandbox.render(USUAL, heavy())
    assert time.monotonic() - began < 20
    assert sandbox.process is None
    assert sandbox.render(USUAL, DESIGN)[:5] == b"%PDF-"


def test_a_child_that_hangs_is_ended_by_the_clock():
    made = Sandbox(cpu=60, wall=6)
    try:
        assert made.render(USUAL, DESIGN)[:5] == b"%PDF-"
        with pytest.raises(TooHeavy):
            made.render(USUAL, heavy())
        assert made.process is None
    finally:
        made.close()


def test_a_child_without_memory_is_reported():
    made = Sandbox(memory=120_000_000)
    try:
        with pytest.raises(TooHeavy):
            made.render(USUAL, DESIGN)
    finally:
        made.close()


def test_refusals_come_through_as_they_are(sandbox):
    with pytest.raises(MissingGlyphs) as missing:
        sandbox.render(replace(USUAL, holder="𪚥"), DESIGN)
    assert missing.value.characters == "𪚥"
    with pytest.raises(DoesNotFit):
        sandbox.render(replace(USUAL, paragraphs=(paragraph("认定期间应当按照建设方案组织实施。" * 60),)), DESIGN)


def test_the_child_knows_no_secrets(sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a secret of the site")
    sandbox.render(USUAL, DESIGN)
    environment = Path(f"/proc/{sandbox.process}/environ").read_bytes()
    assert b"a secret of the site" not in environment
    assert os.getpgid(sandbox.process) != os.getpgid(0)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", '<table><tr><td colspan="1000000">x</td></tr></table>'),
        ("page.html", "<div>" * 300 + "</div>" * 300),
        ("page.html", "<p>" * 10_000),
        ("page.css", "p { width: " + "calc(" * 10_000),
        ("page.css", "a" + ":not(b" * 9_000),
        ("design.toml", "label = " + "[" * 20_000),
    ],
)
def test_deep_and_wide_files_are_reported_not_drawn(name, content):
    began = time.process_time()
    with pytest.raises(DesignError):
        read({**DESIGN.files, name: content})
    assert time.process_time() - began < 3
