"""Who vouches for an anchor: the installation's signature, and a timestamping authority where one is named."""

import logging
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from approvals import sealing
from approvals.certificates.signing.base import SigningError
from workflows import anchorlog

log = logging.getLogger(__name__)


class Witnesses:
    """Signs what it is given. `faults` are the reasons why a signature or a timestamp is missing, in English."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def sign(self, statement: bytes) -> tuple[bytes, str, bytes]:
        """(signature, signer, timestamp); what could not be had is empty. An anchor is worth more unsigned than lost,
        and the next signed line covers it."""
        signature, signer, time = b"", "", b""
        try:
            own = sealing.signer()
            signature, signer = own.sign(statement), anchorlog.keep_chain(settings.ANCHOR_LOG, own.chain)
        except (SigningError, OSError) as error:
            signature, signer = b"", ""
            self._miss(f"not signed: {error}")
        if settings.TSA_URL:
            try:
                time = sealing.timestamp_of(statement)
            except SigningError as error:
                self._miss(f"no timestamp: {error}")
        return signature, signer, time

    def _miss(self, words: str) -> None:
        log.warning("anchor %s", words)
        self.faults.append(words)


def genuine(key: object, signature: bytes, data: bytes) -> bool:
    """Whether the signature over SHA-256 of the data is of this public key (ECDSA, or RSA with PKCS#1 v1.5)."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


def trusted(chain: Sequence[x509.Certificate], roots: Sequence[bytes], at: datetime) -> bool:
    """Whether the chain leads to one of the roots (DER), and every certificate was valid at `at`."""
    anchors = [x509.load_der_x509_certificate(der) for der in roots]
    for number, one in enumerate(chain):
        if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
            return False
        if any(one.public_bytes(Encoding.DER) == der for der in roots) or any(_issued(one, root) for root in anchors):
            return True
        if number + 1 == len(chain) or not _issued(one, chain[number + 1]):
            return False
    return False


def _issued(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def objection(line: anchorlog.Line, roots: Sequence[bytes], tsa_roots: Sequence[bytes]) -> str:
    """What is wrong with a line's signature or timestamp, or an empty text. Raises nothing a file could provoke."""
    at = datetime.fromisoformat(line.said["at"])
    chain = anchorlog.chain_of(settings.ANCHOR_LOG, line.signer)
    if not chain:
        return "the certificate of its signer is not beside the file"
    if not genuine(chain[0].public_key(), line.signature, line.statement):
        return "the signature is not of what it says"
    if not trusted(chain, roots, at):
        return "its signer is not one this installation trusts"
    if line.time and tsa_roots:
        try:
            sealing.check_timestamp(line.time, line.statement, tsa_roots)
        except SigningError as error:
            return str(error)
    return ""
