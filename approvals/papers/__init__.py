"""Plain papers as PDF: the receipt of an application, a province's letter. The same row always gives the same bytes."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine, Template

from accounts import clock
from approvals.certificates.coverage import missing_glyphs
from approvals.certificates.numerals import chinese_date
from approvals.certificates.render import engine

FOLDER = Path(__file__).resolve().parent
MARK = "示例"
# Printed for a character the fonts lack, as printers have always done.
GETA = "〓"


@lru_cache(maxsize=8)
def _template(name: str) -> Template:
    # An engine of our own: no settings, and no template outside this folder.
    return Engine(dirs=[str(FOLDER)]).get_template(f"{name}.html")


def printable(value: Any) -> Any:
    """The same words with 〓 for every character the packaged fonts cannot draw; nothing falls back to other fonts."""
    if isinstance(value, str):
        absent = set(missing_glyphs(value, "body")) | set(missing_glyphs(value, "title"))
        return "".join(GETA if char in absent else char for char in value) if absent else value
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(item) for item in value]
    return value


def paper(name: str, words: dict[str, Any], at: datetime) -> bytes:
    """The paper `name` as PDF/A, dated `at`. Raises PdfLibraryMissing where pango is not installed."""
    moment = at.astimezone(clock.SHANGHAI).replace(microsecond=0)
    context = printable(words) | {
        "mark": MARK, "instant": moment.isoformat(), "date": chinese_date(moment.date()),
        "moment": moment.strftime("%Y-%m-%d %H:%M:%S"),
    }  # fmt: skip
    html = _template(name).render(Context(context, autoescape=True))
    css = (FOLDER / "paper.css").read_text(encoding="utf-8")
    pdf = engine()
    return pdf.pdf_bytes(pdf.lay_out(html, css, {}))
