"""The signer of this installation, and what its files are checked by. Settings meet approvals/certificates/signing here.

Built once per process: reading a key or opening a token for every certificate would cost more than signing it.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from approvals.certificates.signing import authority, kinds, pades, timestamp, verdict
from approvals.certificates.signing.base import Options, Signer, SignerUnavailable, SigningError
from approvals.certificates.signing.remote import read_chain
from approvals.certificates.signing.verdict import Reason, Verdict
from approvals.models import Certificate
from notifications.channels import http
from notifications.channels.base import Permanent, Undelivered
from pilots import storage

TSA_ANSWER = 64 * 1024  # a token with its certificates has 2 to 10 kB

WORDS = {
    Reason.UNREADABLE: _("不是可读的 PDF 文件"),
    Reason.UNSIGNED: _("文件没有电子签名"),
    Reason.ALTERED: _("文件内容在签名后被改动"),
    Reason.CONTAINER: _("文件中的签名数据被改动或已损坏"),
    Reason.EXTENDED: _("签名之后又添加了内容"),
    Reason.NOT_CERTIFIED: _("签名没有声明文件不得改动"),
    Reason.UNTRUSTED: _("签名者不是本系统信任的机构"),
    Reason.EXPIRED: _("签名证书在签名时不在有效期内"),
    Reason.REVOKED: _("签名证书已被吊销"),
}


@dataclass(frozen=True)
class Finding:
    """What is known about a file somebody has.

    ``certificate`` is the row whose issued bytes the file is (or, for an archival copy, begins with), else None. It says
    nothing about whether the certificate still counts.
    """

    certificate: Certificate | None
    verdict: Verdict

    @property
    def genuine(self) -> bool:
        """The very bytes that were issued here. Their hash says so, even of a file from before there were signatures."""
        return self.certificate is not None


def signer() -> Signer:
    """The signer the settings name. Raises SigningError with what is missing."""
    return _signer(settings.SIGNER, str(settings.SIGNER_DIR), tuple(sorted(settings.SIGNER_OPTIONS.items())))


@lru_cache(maxsize=8)
def _signer(code: str, directory: str, values: tuple[tuple[str, str], ...]) -> Signer:
    return kinds.build(code, Options(Path(directory), dict(values), _post))


def is_demo() -> bool:
    """Whether what is signed here are specimens: the page must then say so, too. Raises SigningError."""
    return kinds.find(settings.SIGNER).demo


def roots() -> list[bytes]:
    """The DER roots signatures are checked by. Raises SigningError."""
    if settings.SIGNER_ROOTS_FILE:
        return _pem(settings.SIGNER_ROOTS_FILE)
    return [signer().chain[-1]]


def tsa_roots() -> list[bytes]:
    """The DER roots timestamps are checked by; none where no timestamps are made. Raises SigningError."""
    return _pem(settings.TSA_ROOTS_FILE) if settings.TSA_ROOTS_FILE else []


def crls() -> list[bytes]:
    """Lists of revoked signing certificates: the demonstration's own. Those of other authorities are not fetched."""
    return [authority.ensure(settings.SIGNER_DIR).crl()] if is_demo() else []


def _pem(path: str) -> list[bytes]:
    return [one.public_bytes(Encoding.DER) for one in read_chain(Path(path))]


def seal(pdf: bytes, at: datetime, *, reason: str = "", name: str = "") -> bytes:
    """*pdf* signed by this installation at the instant *at*. Raises SigningError; SignerUnavailable may pass."""
    return pades.sign(pdf, signer(), at, reason=reason, name=name)


def check(pdf: bytes) -> Verdict:
    """The verdict on *pdf* by this installation's roots. Raises SigningError where they cannot be read."""
    return verdict.check(pdf, roots(), crls=crls(), tsa_roots=tsa_roots())


def examine(pdf: bytes) -> Finding:
    """What is known about *pdf*: the issued row by its hash, and the verdict on its signature.

    One statement, two for an archival copy. Raises SigningError where this installation's roots cannot be read.
    """
    found = check(pdf)
    certificate = _issued(pdf)
    if certificate is None and found.ok and found.archival:
        certificate = _issued(pdf[: found.covered])
    return Finding(certificate, found)


def _issued(pdf: bytes) -> Certificate | None:
    rows = Certificate.objects.select_related(*Certificate.related)
    return rows.filter(sha256=hashlib.sha256(pdf).hexdigest()).first()


def archive(certificate: Certificate, at: datetime) -> str:
    """Makes an archival copy of an issued certificate and stores it beside the issued bytes; returns its SHA-256.

    Needs `PILOTAGE_TSA_URL` and `PILOTAGE_TSA_ROOTS_FILE`. Raises SigningError; a job may try again.
    """
    if not settings.TSA_URL:
        raise SigningError("no timestamping authority is named (PILOTAGE_TSA_URL)")
    tsa = timestamp.PostedTimeStamper(_ask_time)
    copy = timestamp.extend(
        storage.read(certificate.sha256), tsa, roots(), at, tsa_roots=tsa_roots(), crls=crls(), chain=signer().chain
    )
    return storage.store(copy)


@dataclass(frozen=True)
class About:
    """The active signer in a few words: kind, whose certificate, and until when (aware, UTC)."""

    kind: str
    name: str
    until: datetime
    demo: bool


def about() -> About:
    """What the active signer is. Raises SigningError."""
    own = x509.load_der_x509_certificate(signer().chain[0])
    names = own.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else own.subject.rfc4514_string()
    return About(settings.SIGNER, name, own.not_valid_after_utc, is_demo())


def _post(url: str, body: bytes, headers: Mapping[str, str], most: int = http.MOST_BYTES) -> tuple[int, bytes]:
    """One request under the rules for outgoing addresses (notifications/channels/guard.py)."""
    try:
        return http.exchange(url, body, dict(headers), most)
    except Permanent as fault:
        raise SigningError(fault.en) from fault
    except Undelivered as fault:
        raise SignerUnavailable(fault.en) from fault


def _ask_time(query: bytes) -> bytes:
    status, answer = _post(settings.TSA_URL, query, timestamp.REQUEST_HEADERS, TSA_ANSWER)
    if status != 200:
        raise SignerUnavailable(f"the timestamping authority answered HTTP {status}")
    return answer


def timestamp_of(data: bytes) -> bytes:
    """A timestamp token (RFC 3161, DER) over *data* from the authority the settings name. Raises SigningError."""
    return timestamp.token(timestamp.PostedTimeStamper(_ask_time), data)


def check_timestamp(der: bytes, data: bytes, roots_of_time: Collection[bytes]) -> datetime:
    """The instant the token names. Raises SigningError unless it is over *data* and of a trusted authority."""
    return timestamp.check_token(der, data, roots_of_time)
