"""Certificates side by side: stock WeasyPrint, its usual remedies, our reference, the compiled path, signed, and peers.

Each variant runs in a process of its own, so that its memory is its own. Rounds are interleaved and the smallest of three
is kept, because other people use the machine. CPU time is counted; the same A4 page with engraved frame, seal, QR code
and nine fields is made for different holders of one programme. ``python bench/certificates.py``; peers are measured
where they are installed.
"""

import importlib.util
import json
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ROUNDS = 3
BEIJING = timezone(timedelta(hours=8))
# Variant -> what it is, certificates per round.
VARIANTS = {
    "naive": ("stock WeasyPrint, HTML with SVG per page", 3),
    "fonts": ("the same with prepared fonts", 3),
    "shared": ("the same, one font configuration, CSS and cache", 4),
    "reference": ("render(): PDF/A-3a + PDF/UA-1 (E1g)", 8),
    "reference+pades": ("the same, signed by pyHanko", 8),
    "compiled": ("cast in a mould (E4)", 300),
    "compiled+signed": ("cast and signed in one pass", 300),
    "reportlab": ("peer: one face at fixed places; no ground, no seal, no breaking", 20),
    "typst": ("peer: PDF/A-3b, one compiler kept; no bold in the paragraph", 10),
    "chromium": ("peer: print to PDF", 2),
}
TARGETS = (
    ("reference", "certificates/s/core of any design", 15),
    ("compiled+signed", "signed certificates/s/core of a compiled design", 300),
)
MOST_MB, MOST_KB = 150, 200


def texts(many=200):
    """Certificates of one programme for different holders."""
    import csv

    from approvals.certificates.design import load
    from approvals.certificates.text import bold, paragraph

    base = load("award_landscape").samples["usual"]
    with (ROOT / "accounts/data/divisions.csv").open(encoding="utf-8") as file:
        places = [row["name"] for row in csv.DictReader(file)][1:]
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    found = []
    for number in range(many):
        place = places[number % len(places)]
        code = "".join(alphabet[(number * 31 + n * n * 7) % 32] for n in range(10))
        words = paragraph("经申报、评审、公示和批复，你单位承担的", bold(f"“{place}知识产权服务业集聚发展示范区”"),
                          "建设任务，于二〇二三年九月至二〇二六年九月组织实施，经三年期满验收合格。现予认定，有效期三年，自发证之日起计算。特发此证。")  # fmt: skip
        found.append(replace(
            base, holder=f"{place}人民政府", paragraphs=(words,), serial=f"证书编号：知试验证字〔2026〕第{number:05d}号",
            check_code=code, verify_url=f"https://verify.example.cn/v/{code}/",
        ))  # fmt: skip
    return found


def _page(text, art):
    """The page as somebody would write it for stock WeasyPrint: one string, SVG inline."""
    import base64
    from xml.etree.ElementTree import tostring

    from approvals.certificates.design import load
    from approvals.certificates.render import sheet
    from approvals.certificates.text import values

    design = load("award_landscape")
    body = sheet(text, design, values(text))
    body.set("class", "sheet size-grand")
    qr = _qr(text.verify_url)
    html = tostring(body, encoding="unicode", method="html")
    for name, svg in (("qr", qr), ("seal", art["seal"])):
        data = base64.b64encode(svg.encode()).decode()
        html = html.replace(f"certificate:/{name}", f"data:image/svg+xml;base64,{data}")
    return html


def _qr(address):
    import segno

    return segno.make(address, error="m", micro=False).svg_inline(border=1, omitsize=True)


def _stock_css(art, families):
    import base64

    from approvals.certificates.design import load

    design = load("award_landscape")
    ground = base64.b64encode(art["art"].encode()).decode()
    top, right, bottom, left = design.margin
    roles = "".join(f"--{role}: {families[role]};" for role in design.roles)
    return (
        f"html {{ {roles} }} .sheet {{ position: relative }} * {{ margin: 0; padding: 0 }}"
        f"@page {{ size: 297mm 210mm; margin: {top}mm {right}mm {bottom}mm {left}mm;"
        f"background: url(data:image/svg+xml;base64,{ground}) no-repeat -{left}mm -{top}mm / 297mm 210mm }}"
        + design.css
    )


def _art():
    from approvals.certificates import art, seal
    from approvals.certificates.design import load

    design = load("award_landscape")
    return {"art": art.draw(design.art, design.size), "seal": seal.draw(**design.seal)}


def naive():
    from weasyprint import CSS, HTML

    art = _art()
    families = dict.fromkeys(("body", "label"), '"Noto Serif CJK SC"') | dict.fromkeys(
        ("strong", "title"), '"Noto Serif CJK SC"'
    )
    css = _stock_css(art, families) + "strong, .holder, h1, .programme { font-weight: 700 }"
    return lambda text: HTML(string=f'<html lang="zh-CN">{_page(text, art)}').write_pdf(stylesheets=[CSS(string=css)])


def _prepared():
    from approvals.certificates.fonts import DEFAULT

    faces = {"body": "kai", "label": "song", "strong": "xiaobiaosong", "title": "xiaobiaosong"}
    rules = "".join(
        f'@font-face {{ font-family: "{face}"; src: url({DEFAULT.face(face).source.as_uri()}) }}'
        for face in set(faces.values())
    )
    return rules, {role: f'"{face}"' for role, face in faces.items()}


def fonts():
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    art = _art()
    rules, families = _prepared()
    css = rules + _stock_css(art, families)

    def make(text):
        config = FontConfiguration()
        page = HTML(string=f'<html lang="zh-CN">{_page(text, art)}')
        return page.write_pdf(stylesheets=[CSS(string=css, font_config=config)], font_config=config)

    return make


def shared():
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    art, config, cache = _art(), FontConfiguration(), {}
    rules, families = _prepared()
    css = CSS(string=rules + _stock_css(art, families), font_config=config)

    def make(text):
        page = HTML(string=f'<html lang="zh-CN">{_page(text, art)}')
        return page.write_pdf(stylesheets=[css], font_config=config, cache=cache)

    return make


def reference():
    from approvals.certificates.render import render

    return lambda text: render(text, attachments=[_credential()])


def _signer():
    import tempfile

    from approvals.certificates.signing import authority

    return authority.ensure(Path(tempfile.mkdtemp(prefix="pilotage-bench-")) / "authority").signer()


def _credential():
    from approvals.certificates.attachments import Attachment

    return Attachment("credential.json", json.dumps({"credential": "x" * 900}).encode(), "application/json")


def reference_pades():
    from approvals.certificates.render import render
    from approvals.certificates.signing import pades

    signer, at = _signer(), datetime(2026, 9, 18, tzinfo=BEIJING)
    return lambda text: pades.sign(render(text, attachments=[_credential()]), signer, at, name=text.issuer)


def compiled():
    from approvals.certificates.design import load
    from approvals.certificates.produce import begin, produce

    run = begin(load("award_landscape"), texts())
    return lambda text: produce(text, attachments=[_credential()], run=run)


def compiled_signed():
    from approvals.certificates.compiled.compiler import Placeholder
    from approvals.certificates.design import load
    from approvals.certificates.produce import begin, produce_signed
    from approvals.certificates.signing.batch import BatchSigner

    run, signer = begin(load("award_landscape"), texts()), BatchSigner(_signer())
    place = Placeholder(
        signer.room, "示例省知识产权试点工作管理办公室", "证书签发", datetime(2026, 9, 18, tzinfo=BEIJING)
    )

    def make(text):
        made = produce_signed(text, run, signer, place, [_credential()])
        assert made is not None, run.reasons
        return made

    return make


def reportlab():
    """One face, fixed places, no line breaking: less than the others do."""
    import io

    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen import canvas

    from approvals.certificates import qr
    from approvals.certificates.fonts import KAI
    from approvals.certificates.text import values

    pdfmetrics.registerFont(TTFont("Kai", str(KAI)))

    def make(text):
        out = io.BytesIO()
        page = canvas.Canvas(out, pagesize=(297 * mm, 210 * mm), pageCompression=1)
        words = values(text)
        for slot, x, y, size in (
            ("title", 130, 170, 60), ("programme", 90, 150, 17), ("serial", 180, 140, 11), ("holder", 35, 125, 23),
            ("issuer", 170, 50, 15), ("date", 180, 40, 15), ("address", 65, 48, 8), ("code", 65, 44, 8),
        ):  # fmt: skip
            page.setFont("Kai", size)
            page.drawString(x * mm, y * mm, words[slot])
        body = "".join(run for runs in text.paragraphs for run, _bold in runs)
        page.setFont("Kai", 20)
        for line in range(0, len(body), 32):
            page.drawString(35 * mm, (110 - line / 32 * 13) * mm, body[line : line + 32])
        code = qr.code(text.verify_url)
        stride = (code.size + 7) // 8
        for y in range(code.size):
            for x in range(code.size):
                if code.rows[y * stride + x // 8] >> (7 - x % 8) & 1:
                    page.rect((35 + x * 0.8) * mm, (60 - y * 0.8) * mm, 0.8 * mm, 0.8 * mm, stroke=0, fill=1)
        page.save()
        return out.getvalue()

    return make


def typst():
    import tempfile

    import typst as engine

    from approvals.certificates.fonts import FOLDER
    from approvals.certificates.text import values

    folder = Path(tempfile.mkdtemp(prefix="pilotage-bench-"))
    art = _art()
    (folder / "art.svg").write_text(art["art"], encoding="utf-8")
    (folder / "seal.svg").write_text(art["seal"], encoding="utf-8")
    (folder / "page.typ").write_text(
        """#set page(width: 297mm, height: 210mm, margin: (top: 27mm, rest: 35mm), background: image("art.svg"))
#let f = sys.inputs
#set text(font: ("Pilotage Kai SC", "Pilotage Serif SC"), size: 20pt, lang: "zh")
#align(center, text(font: "Pilotage Serif SC", weight: 700, size: 60pt, fill: rgb("#b3131b"), f.title))
#align(center, text(font: "Pilotage Serif SC", weight: 700, size: 17pt, f.programme))
#align(right, text(size: 11pt, f.serial))
#text(font: "Pilotage Serif SC", weight: 700, size: 23pt, f.holder + "：")
#par(first-line-indent: (amount: 2em, all: true), f.body)
#place(bottom + right, image("seal.svg", width: 42mm))
#place(bottom + right, dx: -10mm, text(size: 15pt, f.issuer + linebreak() + f.date))
#place(bottom + left, image(bytes(f.qr), format: "svg", width: 25mm))
#place(bottom + left, dx: 28mm, text(size: 8.5pt, f.address + linebreak() + f.code))
""",
        encoding="utf-8",
    )
    compiler = engine.Compiler(folder / "page.typ", root=folder, font_paths=[FOLDER], ignore_system_fonts=True)

    def make(text):
        words = dict(values(text))
        words["body"] = "".join(run for runs in text.paragraphs for run, _bold in runs)
        words["qr"] = _qr(text.verify_url)
        return compiler.compile(format="pdf", sys_inputs=words, pdf_standards="a-3b")

    return make


def chromium():
    import tempfile

    art = _art()
    rules, families = _prepared()
    css = rules + _stock_css(art, families)
    folder = Path(tempfile.mkdtemp(prefix="pilotage-bench-"))

    def make(text):
        source, target = folder / "page.html", folder / "page.pdf"
        source.write_text(
            f"<!DOCTYPE html><meta charset=utf-8><style>{css}</style>{_page(text, art)}", encoding="utf-8"
        )
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
             f"--print-to-pdf={target}", source.as_uri()], check=True, capture_output=True,
        )  # fmt: skip
        return target.read_bytes()

    return make


MAKERS = {
    "naive": naive, "fonts": fonts, "shared": shared, "reference": reference, "reference+pades": reference_pades,
    "compiled": compiled, "compiled+signed": compiled_signed, "reportlab": reportlab, "typst": typst,
    "chromium": chromium,
}  # fmt: skip


def installed(variant):
    """Whether a peer can be measured here; our own variants always can."""
    if variant == "chromium":
        return shutil.which("chromium") is not None
    return variant not in ("reportlab", "typst") or importlib.util.find_spec(variant) is not None


def _spent():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def child(variant):
    """One variant: a round for each line of input, an answer of one line of JSON."""
    many = VARIANTS[variant][1]
    wanted = texts()
    began = _spent()
    make = MAKERS[variant]()
    size = len(make(wanted[0]))
    print(json.dumps({"start": _spent() - began}), flush=True)
    at = 0
    for _line in sys.stdin:
        began, clock = _spent(), time.perf_counter()
        for _n in range(many):
            at += 1
            make(wanted[at % len(wanted)])
        spent, passed = _spent() - began, time.perf_counter() - clock
        memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        answer = {"ms": 1000 * spent / many, "wall": 1000 * passed / many, "kb": size / 1000, "mb": memory / 1024}
        print(json.dumps(answer), flush=True)


def main():
    wanted = sys.argv[1:] or [name for name in VARIANTS if installed(name)]
    for name in VARIANTS:
        if name not in wanted:
            print(f"skipped: {name} ({'not installed' if not installed(name) else 'not asked for'})")
    children = {}
    for name in wanted:
        children[name] = subprocess.Popen(
            [sys.executable, __file__, "--child", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    starts = {name: json.loads(process.stdout.readline())["start"] for name, process in children.items()}
    best = {}
    for _round in range(ROUNDS):
        for name, process in children.items():
            process.stdin.write("go\n")
            process.stdin.flush()
            found = json.loads(process.stdout.readline())
            if name not in best or found["ms"] < best[name]["ms"]:
                best[name] = found
    for process in children.values():
        process.stdin.close()
        process.stdout.close()
        process.wait()
    report(best, starts)


def report(best, starts):
    base = best.get("naive", next(iter(best.values())))["ms"]
    print(f"\n{'variant':<18}{'ms CPU':>9}{'per s':>9}{'times':>8}{'wall ms':>9}{'kB':>7}{'MB':>6}{'start s':>9}  what")
    for name, found in best.items():
        print(
            f"{name:<18}{found['ms']:>9.2f}{1000 / found['ms']:>9.1f}{base / found['ms']:>8.1f}{found['wall']:>9.2f}"
            f"{found['kb']:>7.0f}{found['mb']:>6.0f}{starts[name]:>9.2f}  {VARIANTS[name][0]}"
        )
    print()
    for name, what, target in TARGETS:
        if name in best:
            reached = 1000 / best[name]["ms"]
            print(f"{'met ' if reached >= target else 'NOT met'} {what}: {reached:.0f} (target {target})")
    for name in ("reference", "compiled", "compiled+signed"):
        if name in best:
            memory, size = best[name]["mb"], best[name]["kb"]
            print(
                f"{'met ' if memory <= MOST_MB else 'NOT met'} memory of a worker, {name}: {memory:.0f} MB ({MOST_MB})"
            )
            print(f"{'met ' if size <= MOST_KB else 'NOT met'} size of a file, {name}: {size:.0f} kB ({MOST_KB})")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
    else:
        main()
