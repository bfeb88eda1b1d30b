"""Which design a certificate is printed in: a published version of the site, else the packaged one of that name."""

from dataclasses import dataclass
from functools import lru_cache

from django.db.utils import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.kept import kept
from approvals.certificates import design
from approvals.certificates.fonts import DEFAULT, Fonts
from approvals.certificates.preflight import preflight
from approvals.certificates.render import engine, render
from approvals.models import CertificateTemplate, SiteFont, TemplateState
from pilots import storage

SAMPLES = {"shortest": gettext_lazy("最短"), "usual": gettext_lazy("常见"), "longest": gettext_lazy("最长")}
_read = {}


def codes():
    """Every code rules may name: packaged designs, and what the site has published."""
    try:
        own = (
            CertificateTemplate.objects.filter(state=TemplateState.PUBLISHED).values_list("code", flat=True).distinct()
        )
        return sorted({*design.designs(), *own})
    except DatabaseError:
        # Documents are linted before there is a database, too.
        return design.designs()


def exists(code):
    """True when there is a template with this code; packaged ones are known without a database."""
    return code in design.designs() or code in codes()


def newest(code):
    """The newest published version with this code, or None where the packaged design counts."""
    rows = CertificateTemplate.objects.filter(code=code, state=TemplateState.PUBLISHED)
    return rows.order_by("-edition").first()


def design_of(template, code):
    """The design of a published version, or the packaged one named *code*. Raises CertificateError."""
    if template is None:
        return design.load(code)
    if template.sha256 not in _read:
        # A version never changes: its hash is its name for as long as the process lives.
        _read[template.sha256] = design.read(template.files)
    return _read[template.sha256]


def fonts():
    """The fonts in use: the packaged ones, and those the site brought in their place. One statement."""
    return _fonts(_in_use())


def own_fonts():
    """{face: bytes} of the fonts the site brought, as a child process is given them."""
    return _read_all(_in_use())


def _in_use():
    rows = SiteFont.objects.filter(ended_at__isnull=True).order_by("face").values_list("face", "sha256")
    return kept("fonts", lambda: tuple(rows))


def _read_all(own):
    return {face: storage.read(sha256) for face, sha256 in own}


@lru_cache(maxsize=4)
def _fonts(own):
    return Fonts(_read_all(own)) if own else DEFAULT


@dataclass(frozen=True)
class Proof:
    """What is known about the files of a template before they are published."""

    obstacles: tuple[str, ...]
    samples: int = 0
    fast: bool = False
    why_not: str = ""

    def stored(self):
        """The report as it is kept with the version."""
        return {"samples": self.samples, "fast": self.fast, "why_not": self.why_not}


_proofs = {}


def proof_of(template):
    """Every sample printed, and whether the prepared path gives the same page; kept per text of the files."""
    try:
        made = design.read(template.files)
    except design.DesignError:
        # The faults are named one by one elsewhere.
        return Proof(())
    key = (made.sha256, fonts().sha256)
    if key not in _proofs:
        _proofs[key] = _prove(made)
    return _proofs[key]


def _prove(made):
    found = []
    for name, text in made.samples.items():
        errors = [item.message for item in preflight(text, made, fonts()) if item.level == "error"]
        found += [_("样例“%(name)s”：%(why)s") % {"name": SAMPLES.get(name, name), "why": why} for why in errors]
    if found:
        return Proof(tuple(found), len(made.samples))
    engine()
    from approvals.certificates.compiled.gate import gate  # noqa: PLC0415 - needs pango

    report = gate(made, fonts())
    return Proof((), len(made.samples), report.open, "" if report.open else "; ".join(report.faults)[:200])


@lru_cache(maxsize=32)
def _sample(name, which, _fonts_print):
    made = design.load(name)
    return render(made.samples[which], made, fonts=fonts())


def sample(made, text):
    """A sample of a packaged design as PDF; made once per process and set of fonts."""
    which = next(name for name, one in made.samples.items() if one == text)
    return _sample(made.name, which, fonts().sha256)
