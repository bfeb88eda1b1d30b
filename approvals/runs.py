"""Runs of certificates: a large request is compiled once per process, and its certificates are cast and signed in one pass.

What the compiled path is not sure of it leaves to WeasyPrint; callers see no difference but the time it takes.
"""

from collections import OrderedDict
from threading import Lock

from approvals import sealing, templating
from approvals.certificates import produce
from approvals.certificates.render import engine
from approvals.certificates.signing.batch import BatchSigner

# Compiling costs about as much as laying out this many certificates (bench/certificates.py).
LEAST = 8
# A process works on a few requests at once; each run holds its letterhead and moulds, some megabytes.
MOST_RUNS = 4

_runs = OrderedDict()
_signers = {}
_lock = Lock()


def cast(certificate, text, attachments, *, reason, name, at):
    """The signed file of *text*, or None where the certificate belongs to a small request or the path steps aside."""
    request = certificate.seal_use
    if request is None or request.size < LEAST:
        return None
    engine()
    from approvals.certificates.compiled.writing import Placeholder  # noqa: PLC0415 - needs pango

    signer = _signer()
    place = Placeholder(signer.room, name=name, reason=reason, at=at)
    return produce.produce_signed(text, _run(certificate), signer, place, attachments)


def _signer():
    own = sealing.signer()
    with _lock:
        if id(own) not in _signers:
            # One signer per installation and process; a test that changes it gets another.
            _signers.clear()
            _signers[id(own)] = (own, BatchSigner(own))
        return _signers[id(own)][1]


def _run(certificate):
    from approvals.printing import certificate_text, design_of  # noqa: PLC0415 - printing casts, a run reads texts

    made, fonts = design_of(certificate), templating.fonts()
    key = (certificate.seal_use_id, made.sha256, fonts.sha256)
    with _lock:
        if key not in _runs:
            rows = certificate.seal_use.certificates.select_related(*type(certificate).printed)
            texts = (
                certificate_text(row) for row in rows.iterator(chunk_size=200) if design_of(row).sha256 == made.sha256
            )  # fmt: skip
            opened = certificate.template.gate["fast"] if certificate.template and certificate.template.gate else None
            _runs[key] = produce.begin(made, texts, fonts, opened=opened)
            while len(_runs) > MOST_RUNS:
                _runs.popitem(last=False)
        return _runs[key]
