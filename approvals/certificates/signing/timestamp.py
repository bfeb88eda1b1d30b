"""Copies for the archive: an issued file with validation data and a timestamp behind its signature (PAdES B-LTA).

The issued bytes never change; an extended file is another file with another hash, kept beside it. It is extended again
before the certificate of its last timestamp expires.
"""

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime

from asn1crypto import cms, crl, tsp
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from approvals.certificates.signing.base import SigningError
from approvals.certificates.signing.loops import wait
from approvals.certificates.signing.pades import DIGEST, StillWriter, instant
from approvals.certificates.signing.verdict import check, parsed

REQUEST_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
# What proves the timestamp's authority goes in before it, so that the file ends with the timestamp.
BEFORE = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)


class PostedTimeStamper(TimeStamper):
    """A timestamping authority (RFC 3161) behind *send*, which takes a query and returns the answer's bytes."""

    def __init__(self, send: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._send = send

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._send(req.dump()))


def extend(
    pdf: bytes, tsa: TimeStamper, roots: Collection[bytes], at: datetime, *,
    tsa_roots: Collection[bytes], crls: Collection[bytes] = (), chain: Collection[bytes] = (),
) -> bytes:  # fmt: skip
    """*pdf* with the certificates and *crls* that prove it, and a timestamp over all of it.

    *roots*, *tsa_roots*, *crls* and *chain* (the signer's, see `Signer.chain`) are DER; *at* is the instant at which
    the authorities are judged. Nothing is fetched but the timestamp. Raises SigningError where the file is not sound,
    or where the timestamp is not of an authority of *tsa_roots*.
    """
    before = check(pdf, roots, crls=crls, tsa_roots=tsa_roots)
    if not before.ok:
        raise SigningError(f"a file that is not sound is not archived: {', '.join(before.reasons)}")
    try:
        extended = wait(_extend(pdf, tsa, before.later, at, [*chain, *roots], tsa_roots, crls))
    except SigningError:
        raise
    except Exception as error:  # pyHanko and the answer of a stranger
        raise SigningError(f"no timestamp: {error}") from error
    after = check(extended, roots, crls=crls, tsa_roots=tsa_roots)
    if not after.ok:
        raise SigningError(f"the timestamp does not hold: {', '.join(after.reasons)} {after.detail}".strip())
    return extended


async def _extend(
    pdf: bytes, tsa: TimeStamper, number: int, at: datetime,
    certificates: Collection[bytes], tsa_roots: Collection[bytes], crls: Collection[bytes],
) -> bytes:  # fmt: skip
    writer = StillWriter.over(pdf, f"archive {instant(at).isoformat()}".encode())
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[parsed(der) for der in dict.fromkeys(certificates)],
        crls=[crl.CertificateList.load(der) for der in crls],
    )
    trust = ValidationContext(
        trust_roots=[parsed(root) for root in tsa_roots], moment=at, allow_fetching=False, revocation_mode="soft-fail"
    )
    stamper = PdfTimeStamper(tsa, field_name=f"Archive{number + 1}")
    output = await stamper.async_timestamp_pdf(writer, DIGEST, validation_context=trust, dss_settings=BEFORE)
    return output.getvalue()


def token(tsa: TimeStamper, data: bytes) -> bytes:
    """A timestamp token (RFC 3161, DER) over SHA-256 of *data*. Raises SigningError."""
    try:
        return wait(tsa.async_timestamp(hashlib.sha256(data).digest(), DIGEST)).dump()
    except SigningError:
        raise
    except Exception as error:  # pyHanko and the answer of a stranger
        raise SigningError(f"no timestamp: {error}") from error


def check_token(der: bytes, data: bytes, tsa_roots: Collection[bytes]) -> datetime:
    """The instant a token names, aware. Raises SigningError unless it is over *data* and of an authority of *tsa_roots*."""
    try:
        signed = cms.ContentInfo.load(der)["content"]
        moment = signed["encap_content_info"]["content"].parsed["gen_time"].native
        trust = ValidationContext(
            trust_roots=[parsed(root) for root in tsa_roots], moment=moment, allow_fetching=False,
            revocation_mode="soft-fail",
        )  # fmt: skip
        facts = wait(validate_tst_signed_data(signed, trust, lambda name: hashlib.new(name, data).digest()))
        status = TimestampSignatureStatus(**facts)
    except Exception as error:  # pyHanko and the bytes of a stranger
        raise SigningError(f"the timestamp cannot be read: {error}") from error
    if not (status.intact and status.valid):
        raise SigningError("the timestamp is not over what it stands beside")
    if not status.trusted:
        raise SigningError("the timestamp is not of a trusted authority")
    return moment
