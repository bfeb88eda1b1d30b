"""What the hash of a signature does not cover: the signature itself, and the room kept for it.

A reader's program may skip what it does not need there. Ours does not: whatever is not exactly as a signer writes it
counts as altered, so that a verdict stands for every byte of a file.
"""

import re
from collections.abc import Collection
from typing import Any

from asn1crypto import cms

from approvals.certificates.signing.der import is_der

# Written by signers; a timestamp that is added later (B-T) replaces the whole file and is an unsigned attribute.
UNSIGNED_ALLOWED = frozenset({"signature_time_stamp_token"})


def gap(pdf: bytes, byte_range: Any) -> bytes | None:
    """What stands between the two signed ranges, or None where there are not two ranges with one gap."""
    ranges = [int(number) for number in byte_range]
    if len(ranges) != 4:
        return None
    start, before, after, rest = ranges
    if start != 0 or before <= 0 or rest <= 0 or not before < after <= after + rest <= len(pdf):
        return None
    return pdf[before:after]


def problem(pdf: bytes, byte_range: Any, known: Collection[bytes]) -> str:
    """What is wrong with the bytes that no hash covers, in English; "" when every one of them is accounted for.

    *known* are the DER certificates of the signer's path: others have no business in the container.
    """
    fault, der = unpack(pdf, byte_range)
    return fault or _odd(cms.ContentInfo.load(der), der, known)


def unpack(pdf: bytes, byte_range: Any) -> tuple[str, bytes]:
    """What is wrong with the way a signature or timestamp is written, and the message itself (DER)."""
    between = gap(pdf, byte_range)
    if between is None:
        return "the signed ranges are not the whole file but the signature", b""
    if not re.fullmatch(rb"<(?:[0-9a-f]{2})+>|<(?:[0-9A-F]{2})+>", between):
        return "the signature is not written as one hexadecimal string", b""
    raw = bytes.fromhex(between[1:-1].decode("ascii"))
    der = cms.ContentInfo.load(raw).dump()
    if raw[len(der) :].strip(b"\0"):
        return "there is something in the room behind the signature", der
    return "", der


def _odd(message: cms.ContentInfo, der: bytes, known: Collection[bytes]) -> str:
    if not is_der(der):
        return "the signature is not written in its one normal form (DER)"
    data = message["content"]
    infos = data["signer_infos"]
    if message["content_type"].native != "signed_data" or len(infos) != 1 or data["crls"]:
        return "the signature is not one signature"
    info, content = infos[0], data["encap_content_info"]
    if any(_crowded(part) for part in (message, data, content, info, info["sid"].chosen)):
        return "the signature carries something that nothing reads"
    if content["content_type"].native != "data" or content["content"].native:
        return "the signature carries content of its own"
    return _states(data, info) or _carries(data, info, known)


def _states(data: cms.SignedData, info: cms.SignerInfo) -> str:
    """What is said beside the hash and nobody would miss if it were wrong."""
    if data["version"].native != "v1" or info["version"].native != "v1":
        return "the signature states another version"
    if info["signature_algorithm"]["parameters"].native is not None:
        return "the signature's algorithm has parameters"
    if [item.dump() for item in data["digest_algorithms"]] != [info["digest_algorithm"].dump()]:
        return "the signature names its hash twice, and differently"
    if not _names_signer(info["sid"], data["certificates"]):
        # Names are compared without regard to case (RFC 5280, 7.1), so a changed letter would still find its signer.
        return "the signature spells its signer's issuer differently"
    return ""


def _carries(data: cms.SignedData, info: cms.SignerInfo, known: Collection[bytes]) -> str:
    if not {choice.chosen.dump() for choice in data["certificates"]} <= set(known):
        return "the signature carries a certificate that is not of its signer's path"
    if not {item["type"].native for item in info["unsigned_attrs"]} <= UNSIGNED_ALLOWED:
        return "the signature carries something unsigned"
    return ""


def _crowded(sequence: Any) -> bool:
    """Whether a sequence is longer than its fields: parsers pass over what they do not know."""
    fields = getattr(sequence, "_fields", None)
    return bool(fields) and sum(len(sequence[field[0]].dump()) for field in fields) != len(sequence.contents)


def _names_signer(sid: Any, certificates: Any) -> bool:
    if sid.name != "issuer_and_serial_number":
        return True  # a key identifier is compared byte by byte anyway
    asked = (sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native)
    return any((one.chosen.issuer.dump(), one.chosen.serial_number) == asked for one in certificates)
