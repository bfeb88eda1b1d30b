"""The one door: a certificate by the fastest path that is sure of it. Callers see one page, whichever path made it.

A *run* is a number of certificates in one design. `begin` compiles it once; `produce` casts each text in it, or renders
it with WeasyPrint where the compiled path steps aside. A cast file carries the characters of its whole run, so its
bytes belong to the run: files are made once and stored, never made again.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from approvals.certificates.attachments import Attachment
from approvals.certificates.design import Design, designs, load
from approvals.certificates.errors import MissingGlyphs
from approvals.certificates.fonts import DEFAULT, Fonts
from approvals.certificates.preflight import missing
from approvals.certificates.render import engine, render
from approvals.certificates.text import CertificateText

_lock = threading.Lock()
_gates: dict[tuple[str, str], bool] = {}
MOST_GATES = 64
MOST_SHAPES = 64  # of a run; beyond that learning costs more than it saves


@dataclass
class Run:
    """Certificates to be made in one design; ``compiled`` is None where the design has no fast path."""

    design: Design
    fonts: Fonts
    compiled: Any = None
    cast: int = 0
    rendered: int = 0
    reasons: dict[str, int] = field(default_factory=dict)  # why texts were rendered, by short word


def is_open(design: Design, fonts: Fonts = DEFAULT) -> bool:
    """Whether *design* may be cast. Packaged designs in packaged fonts are held to the gate by our tests; any other is
    measured here, once per version and process: it costs some seconds, so publishing should call it, not issuing.
    """
    if fonts is DEFAULT and design.name in designs() and load(design.name).sha256 == design.sha256:
        return True
    key = (design.sha256, fonts.sha256)
    with _lock:
        if key not in _gates:
            engine()
            from approvals.certificates.compiled.gate import gate  # noqa: PLC0415 - needs pango

            if len(_gates) >= MOST_GATES:
                _gates.clear()
            _gates[key] = gate(design, fonts).open
        return _gates[key]


def begin(
    design: Design, texts: Iterable[CertificateText], fonts: Fonts = DEFAULT, *, opened: bool | None = None
) -> Run:  # fmt: skip
    """A run for *texts*, read once and not kept. *opened* is the gate's answer where the caller has it stored."""
    engine()
    run = Run(design, fonts)
    if opened if opened is not None else is_open(design, fonts):
        from approvals.certificates.compiled import compiler  # noqa: PLC0415 - needs pango

        run.compiled = compiler.compile(design, fonts, texts, first=MOST_SHAPES)
    return run


def produce(
    text: CertificateText, design: Design | None = None, fonts: Fonts = DEFAULT,
    attachments: Iterable[Attachment] = (), *, fast: bool = True, run: Run | None = None,
) -> bytes:  # fmt: skip
    """*text* as PDF/A-3a and PDF/UA-1, unsigned. Without *run*, or with *fast* off, WeasyPrint renders it.

    Raises what `render.render` raises.
    """
    if run is None:
        return render(text, design or load(text.design), attachments, fonts=fonts)
    attached = tuple(attachments)
    made = _cast(text, run, attached, None) if fast else None
    return made if made is not None else _render(text, run, attached)


def produce_signed(
    text: CertificateText, run: Run, signer: Any, place: Any, attachments: Iterable[Attachment] = ()
) -> bytes | None:  # fmt: skip
    """*text* cast and signed in one pass by *signer* (`signing.batch.BatchSigner`), in the `compiled.Placeholder` *place*.

    None where the compiled path steps aside: then `produce` makes the page and `signing.pades.sign` appends the
    signature, which costs a hundred times as much and says the same.
    """
    unsigned = _cast(text, run, tuple(attachments), place)
    return None if unsigned is None else signer.sign(unsigned)


def _cast(text: CertificateText, run: Run, attachments: tuple[Attachment, ...], place: Any) -> Any:
    if run.compiled is None:
        return None
    from approvals.certificates.compiled import compiler  # noqa: PLC0415 - needs pango

    if absent := missing(text, run.design, run.fonts):
        raise MissingGlyphs(absent)
    for again in (True, False):
        try:
            made = compiler.stamp(run.compiled, text, attachments, signature=place)
        except compiler.Unsure as unsure:
            if again and unsure.why == "shape" and run.compiled.shapes < MOST_SHAPES:
                # The run was begun with other texts: this one teaches its shape to those that come after it.
                compiler.learn(run.compiled, text)
                continue
            run.reasons[unsure.why] = run.reasons.get(unsure.why, 0) + 1
            return None
        run.cast += 1
        return made
    return None


def _render(text: CertificateText, run: Run, attachments: tuple[Attachment, ...]) -> bytes:
    run.rendered += 1
    return render(text, run.design, attachments, fonts=run.fonts)
