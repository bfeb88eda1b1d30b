"""What can be said about a signed file from the file and the roots one trusts. Nothing is fetched.

Whether a certificate still counts is another question: that is in the database, and a signature stays valid when a
certificate is revoked.
"""

import io
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import DiffResult, FormUpdatingRule, ModificationLevel
from pyhanko.sign.diff_analysis.policies import StandardDiffPolicy
from pyhanko.sign.diff_analysis.rules.file_structure_rules import (
    CatalogModificationRule,
    ObjectStreamRule,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.rules.form_field_rules import (
    DSSCompareRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
)
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
    read_certification_data,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from approvals.certificates.signing import container
from approvals.certificates.signing.loops import wait


class Reason(StrEnum):
    """Why a file is not what it claims to be. The words for people are where pages are made."""

    UNREADABLE = "unreadable"  # no PDF, or broken before a signature was found
    UNSIGNED = "unsigned"
    ALTERED = "altered"  # signed bytes changed, or the signature is not the key's
    CONTAINER = "container"  # the signature itself is broken, or bytes that no hash covers changed
    EXTENDED = "extended"  # something was added behind the signature
    NOT_CERTIFIED = "not_certified"  # signed, but not as a file nobody may change
    UNTRUSTED = "untrusted"  # the signer's certificate is of no authority we trust
    EXPIRED = "expired"  # the signer's certificate did not count at that time
    REVOKED = "revoked"  # the signer's certificate was taken back


@dataclass(frozen=True)
class Verdict:
    """What is known about one file; `ok` is all of it together.

    ``signed_at`` is the time the signer states, no proof by itself. ``later`` counts revisions behind the signature;
    ``archival`` says that they hold timestamps and validation data only, which `timestamp.extend` adds; the first ``covered``
    bytes are then the file as it was issued. ``detail`` is what the library said, in English, for a log.
    """

    reasons: tuple[Reason, ...] = ()
    signed: bool = False
    intact: bool = False
    whole: bool = False
    certified: bool = False
    trusted: bool = False
    signer: str = ""
    signed_at: datetime | None = None
    later: int = 0
    archival: bool = False
    covered: int = 0
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Intact, whole (or only archived since), certified and of a signer we trust."""
        return self.signed and not self.reasons

    @property
    def reason(self) -> Reason | None:
        """The first thing that is wrong, or None."""
        return self.reasons[0] if self.reasons else None


# What an archival copy may add: a store of validation data, and fields that hold timestamps. Not what pyHanko allows
# besides, dates and metadata: our own files gain nothing else. (Objects that nothing leads to are let pass.)
ARCHIVAL = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
    ],
    form_rule=FormUpdatingRule(field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]),
)
# Certificates for documents carry one of the two, seldom both.
USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)


@lru_cache(maxsize=64)
def parsed(der: bytes) -> x509.Certificate:
    """The certificate of *der*; parsing the same roots for every file would cost as much as checking it."""
    return x509.Certificate.load(der)


def check(
    pdf: bytes,
    roots: Collection[bytes],
    at: datetime | None = None,
    *,
    crls: Collection[bytes] = (),
    tsa_roots: Collection[bytes] = (),
) -> Verdict:
    """The verdict on *pdf* by the DER *roots* one trusts; *tsa_roots* are those of timestamps. Where *crls* are given, one of
    them must speak about the signer's certificate and not name it.

    The signer's certificate must count at *at*; without it, at the time the signature states: certificates of the
    product are printed for years and outlive the key they were signed with, and what was issued when is in the ledger.
    Raises nothing: a file that cannot be read is a verdict, too.
    """
    signed = False
    try:  # a file from anywhere may break any part of a parser
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        signed = "/Perms" in reader.root
        found = reader.embedded_regular_signatures
        if not found:
            return Verdict((Reason.UNSIGNED,))
        return wait(_judge(_Case(pdf, reader, roots, tsa_roots, crls), found, at))
    except Exception as error:
        reason = Reason.CONTAINER if signed else Reason.UNREADABLE
        return Verdict((reason,), signed=signed, detail=f"{type(error).__name__}: {error}"[:300])


@dataclass(frozen=True)
class _Case:
    """A file and what one knows when looking at it."""

    pdf: bytes
    reader: PdfFileReader
    roots: Collection[bytes]
    tsa_roots: Collection[bytes]
    crls: Collection[bytes]

    def trust(
        self, roots: Collection[bytes], moment: datetime | None, crls: Collection[bytes] = ()
    ) -> ValidationContext:
        # pyHanko asks lists of revoked certificates only where a certificate names one, unless they are required.
        return ValidationContext(
            trust_roots=[parsed(root) for root in roots], moment=moment, crls=crls, allow_fetching=False,
            revocation_mode="require" if crls else "soft-fail", retroactive_revinfo=True,
        )  # fmt: skip


async def _judge(case: _Case, found: list[EmbeddedPdfSignature], at: datetime | None) -> Verdict:
    signature, reader = found[0], case.reader
    signed_at = signature.self_reported_timestamp
    status = await async_validate_pdf_signature(
        signature,
        signer_validation_context=case.trust(case.roots, at or signed_at, case.crls),
        ts_validation_context=case.trust(case.tsa_roots, at or signed_at),
        diff_policy=ARCHIVAL,
        key_usage_settings=USAGE,
    )
    odd = container.problem(case.pdf, signature.byte_range, _path(status, case.roots))
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    archival = not whole and _archival(status) and await _sealed_by_time(case, at)
    author = read_certification_data(reader)
    certified = (
        author is not None and author.author_sig is signature.sig_object and author.permission == MDPPerm.NO_CHANGES
    )
    verdict = Verdict(
        signed=True,
        intact=status.intact and status.valid and not odd,
        whole=whole,
        certified=certified,
        trusted=status.trusted and _counts(signature.signer_cert, at or signed_at),
        signer=_name(signature.signer_cert),
        signed_at=signed_at,
        later=reader.xrefs.total_revisions - 1 - signature.signed_revision,
        archival=archival,
        covered=sum([int(number) for number in signature.byte_range][2:]),
        detail=odd or (str(status.diff_result) if not whole and not archival else ""),
    )
    return replace(verdict, reasons=_reasons(verdict, status, odd, len(found)))


def _reasons(verdict: Verdict, status: PdfSignatureStatus, odd: str, signatures: int) -> tuple[Reason, ...]:
    faults = {
        Reason.ALTERED: not (status.intact and status.valid),
        Reason.CONTAINER: bool(odd),
        Reason.EXTENDED: signatures > 1 or not (verdict.whole or verdict.archival),
        Reason.NOT_CERTIFIED: not verdict.certified,
        # Who signed is not looked for where the signature does not fit.
        _distrust(status): status.intact and status.valid and not verdict.trusted,
    }
    return tuple(reason for reason, found in faults.items() if found)


def _distrust(status: PdfSignatureStatus) -> Reason:
    if status.revoked:
        return Reason.REVOKED
    late = status.trusted or status.trust_problem_indic == AdESIndeterminate.OUT_OF_BOUNDS_NO_POE
    return Reason.EXPIRED if late else Reason.UNTRUSTED


def _counts(certificate: x509.Certificate, moment: datetime | None) -> bool:
    """Whether *moment* lies in its span. Asked by us as well: a path of one, a root that signs, is not asked for it."""
    return moment is not None and certificate.not_valid_before <= moment <= certificate.not_valid_after


def _archival(status: PdfSignatureStatus) -> bool:
    result = status.diff_result
    return (
        status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
        and isinstance(result, DiffResult)
        and result.modification_level <= ModificationLevel.LTA_UPDATES
        and not result.changed_form_fields
    )


async def _sealed_by_time(case: _Case, at: datetime | None) -> bool:
    """Whether a timestamp we trust covers the file to its last byte: otherwise anything could stand at its end."""
    stamps = case.reader.embedded_timestamp_signatures
    if not stamps:
        return False
    made = stamps[-1].signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    status = await async_validate_pdf_timestamp(stamps[-1], case.trust(case.tsa_roots, at or made))
    fault, _der = container.unpack(case.pdf, stamps[-1].byte_range)
    entire = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return entire and status.intact and status.valid and status.trusted and not fault


def _path(status: PdfSignatureStatus, roots: Collection[bytes]) -> set[bytes]:
    """The DER certificates the container may carry. Where no path was found its signer's is one of them."""
    known = {status.signing_cert.dump(), *roots}
    if status.validation_path is not None:
        known |= {certificate.dump() for certificate in status.validation_path.iter_certs(include_root=True)}
    return known


def _name(certificate: Any) -> str:
    """The common name of a certificate's subject, or all of it."""
    return certificate.subject.native.get("common_name") or certificate.subject.human_friendly
