"""A design is a folder: page.html (the closed language), page.css, design.toml. Read once, checked, with an identity.

Packaged designs lie in ``designs/``; a site's own come as a mapping of file name to text. Both pass the same checks.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from approvals.certificates import language, stylesheet
from approvals.certificates.art import ARTS
from approvals.certificates.errors import CertificateError
from approvals.certificates.findings import Fault
from approvals.certificates.fonts import FACES
from approvals.certificates.outline import Outline, read_outline
from approvals.certificates.text import CertificateText

FOLDER = Path(__file__).resolve().parent / "designs"
FILES = ("page.html", "page.css", "design.toml")


class DesignError(CertificateError):
    """The files are no design; ``faults`` says every reason with file and line."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))


@dataclass(frozen=True, eq=False)
class Design:
    """A design that passed every check. ``sha256`` of its files is the identity of the version.

    Two objects are never equal, so one can be a key; versions are compared by their ``sha256``.
    """

    name: str
    label: Mapping[str, str]
    kind: str
    size: tuple[float, float]  # millimetres, width and height
    margin: tuple[float, float, float, float]  # millimetres: top, right, bottom, left
    slots: tuple[str, ...]
    samples: Mapping[str, CertificateText]
    roles: Mapping[str, str]  # role in the style sheet -> face of `fonts.FACES`
    sizes: tuple[tuple[int | None, str], ...]  # (hanzi of all paragraphs at most, class of the body), the largest first
    steps: Mapping[str, tuple[tuple[int | None, str], ...]]  # slot -> (longest, class)
    art: Mapping[str, Any]
    seal: Mapping[str, str]
    css: str
    sheet: Element = field(repr=False)
    files: Mapping[str, str] = field(repr=False)
    sha256: str

    def step(self, slot: str, text: str) -> str:
        """The class of *text* in *slot*: the first step it is not longer than, counting half-width letters as half."""
        length = width(text)
        return next(name for longest, name in self.steps[slot] if longest is None or length <= longest)

    def sizes_for(self, text: CertificateText) -> list[str]:
        """The sizes worth trying for *text*, the largest first; the last one always is."""
        length = sum(width(run) for runs in text.paragraphs for run, _strong in runs)
        return [name for longest, name in self.sizes[:-1] if longest is None or length <= longest] + [self.sizes[-1][1]]


def width(text: str) -> float:
    """Roughly how many hanzi wide *text* is."""
    return sum(1.0 if ord(character) >= 0x1100 else 0.55 for character in text)


def designs() -> list[str]:
    """The names of the packaged designs, sorted."""
    return sorted(path.parent.name for path in FOLDER.glob("*/design.toml"))


@lru_cache(maxsize=16)
def load(name: str) -> Design:
    """The packaged design *name*. Raises CertificateError when there is none."""
    if name not in designs():
        raise CertificateError(f"there is no certificate design named {name!r}")
    files = {file: (FOLDER / name / file).read_text(encoding="utf-8") for file in FILES}
    design = read(files)
    samples = {key: replace(sample, design=name) for key, sample in design.samples.items()}
    return replace(design, name=name, samples=samples)


def read(files: Mapping[str, str]) -> Design:
    """The design in *files* (file name → text). Raises DesignError with every fault, never only the first."""
    faults = _whole(files)
    if faults:
        raise DesignError(faults)
    try:
        return _read(files)
    except RecursionError:
        # Thousands of brackets: too deep for the parsers, so too deep for anybody.
        raise DesignError([Fault("page.css", 1, "depth", {"limit": language.DEEPEST})]) from None


def _read(files: Mapping[str, str]) -> Design:
    outline, faults = read_outline(files["design.toml"], ARTS, FACES, language.LINES)
    steps = frozenset(outline.steps) if outline else frozenset(language.LINES)
    roles = frozenset(outline.roles) if outline else frozenset()
    sheet, slots, wrong = language.read_page(files["page.html"], steps)
    faults += wrong
    if outline:
        faults += stylesheet.check(files["page.css"], roles)
    if faults or outline is None:
        raise DesignError(faults)
    return _design(files, outline, sheet, slots)


def _whole(files: Mapping[str, str]) -> list[Fault]:
    faults = [Fault(name, 1, "file_missing") for name in FILES if name not in files]
    faults += [Fault(name, 1, "file_unknown") for name in files if name not in FILES]
    faults += [
        Fault(name, 1, "file_large", {"limit": language.BIGGEST})
        for name, text in files.items()
        if len(text) > language.BIGGEST
    ]
    return faults


def _design(files: Mapping[str, str], outline: Outline, sheet: Element, slots: tuple[str, ...]) -> Design:
    digest = hashlib.sha256()
    for name in FILES:
        data = files[name].encode()
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return Design(
        name=f"own-{digest.hexdigest()[:8]}", label=outline.label, kind=outline.kind, size=outline.size, margin=outline.margin, slots=slots,
        samples=outline.samples, roles=outline.roles, sizes=outline.sizes, steps=outline.steps, art=outline.art,
        seal=outline.seal, css=files["page.css"], sheet=sheet, files=dict(files), sha256=digest.hexdigest(),
    )  # fmt: skip
