"""PAdES baseline B signatures (ETSI EN 319 142-1): certifying, no changes allowed afterwards, and repeatable.

The same file, key and instant give the same bytes: the instant is an argument, ECDSA is deterministic (RFC 6979), the
file identifier is computed from the content, and no date of the document is touched.
"""

import hashlib
import io
from datetime import datetime, timedelta, timezone

from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from approvals.certificates.signing.base import Signer, SigningError
from approvals.certificates.signing.loops import wait

FIELD = "Seal"
DIGEST = "sha256"
# Attributes, algorithm names and an RSA-4096 signature are below this; certificates are counted.
ROOM = 2048
BEIJING = timezone(timedelta(hours=8))


class PyHankoSigner(signers.Signer):
    """Our signer in the shape pyHanko asks for. Nothing is loaded or checked again for each file."""

    def __init__(self, signer: Signer) -> None:
        certificates = [x509.Certificate.load(der) for der in signer.chain]
        others = SimpleCertificateStore()
        others.register_multiple(certificates[1:])
        # Who checks must have the root from elsewhere anyway; leaving it out keeps the file small.
        super().__init__(signing_cert=certificates[0], cert_registry=others, embed_roots=False)
        self._signer = signer

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != DIGEST:
            raise SigningError(f"signatures are made over {DIGEST}, not {digest_algorithm}")
        return self._signer.sign(data)


class StillWriter(IncrementalPdfFileWriter):
    """Appends without chance and without a clock: the identifier is a hash, and dates stay as they were."""

    @classmethod
    def over(cls, pdf: bytes, seed: bytes) -> "StillWriter":
        """A writer that appends to *pdf*; *seed* tells this addition from another to the same file."""
        writer = cls(io.BytesIO(pdf))
        # pyHanko has just put 16 random bytes there. The first half of an identifier stays, the second names a version.
        first, _random = writer._document_id
        version = generic.ByteStringObject(hashlib.sha256(seed + pdf).digest()[:16])
        kept = first if "/ID" in writer.prev.trailer else version
        writer._document_id = generic.ArrayObject([kept, version])
        return writer

    def _update_meta(self) -> None:
        """Leaves /Info and XMP alone: PDF/A wants them to agree, and the signature has its own time."""


def instant(at: datetime) -> datetime:
    """*at* as it is written: whole seconds, Beijing time. Raises SigningError without a time zone."""
    if at.tzinfo is None:
        raise SigningError("the time of a signature needs a time zone")
    return at.astimezone(BEIJING).replace(microsecond=0)


def sign(pdf: bytes, signer: Signer, at: datetime, *, reason: str = "", name: str = "") -> bytes:
    """*pdf* with a certifying signature appended (DocMDP 1, invisible field, ``ETSI.CAdES.detached``).

    *at* is the time the signature states; *reason* and *name* are shown by readers. The file must not be signed yet.
    Raises SigningError when it is, when it cannot be read, or when the signer fails.
    """
    adapter, moment = PyHankoSigner(signer), instant(at)
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        reason=reason or None,
        name=name or None,
    )
    try:
        writer = StillWriter.over(pdf, f"{moment.isoformat()} {reason} {name}".encode() + signer.chain[0])
        if "/AcroForm" in writer.root and writer.root["/AcroForm"].get("/Fields"):
            raise SigningError("the file has form fields or a signature already; certificates are signed once")
        session = signers.PdfSigner(about, adapter, new_field_spec=fields.SigFieldSpec(FIELD, on_page=0))
        return wait(_sign(session, writer, moment, 2 * (sum(map(len, signer.chain)) + ROOM)))
    except SigningError:
        raise
    except Exception as error:  # pyHanko raises many sorts for files it cannot read
        raise SigningError(f"the file cannot be signed: {error}") from error


async def _sign(pdf_signer: signers.PdfSigner, writer: StillWriter, at: datetime, room: int) -> bytes:
    """What `PdfSigner.async_sign_pdf` does, with the time given instead of read from the clock."""
    session = pdf_signer.init_signing_session(writer)
    session.system_time = at
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=room)
    digest, output = document.digest_tbs_document()
    await document.perform_signature(
        document_digest=digest.document_digest,
        # PAdES states the time in the signature dictionary (EN 319 142-1, 6.3): not a second time in the CMS.
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(),
    )
    return output.getvalue()
