"""A certificate as data: Open Badges 3.0 on W3C Verifiable Credentials 2.0, signed as a compact JWS.

The JWS says what the page says, in a form programs read. It is signed with the key that signs the file (ES256 for
P-256, RS256 for RSA), and travels inside the PDF as ``credential.json``. Contexts are named and never fetched: who
reads the JSON as plain JSON, as the specification allows (VC-DM 2.0, 6.3), needs no network either.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from uuid import UUID

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from approvals.certificates.signing.base import Signer, SigningError

VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
TYPE = "vc+jwt"  # VC-JOSE-COSE, 3.1
BEIJING = timezone(timedelta(hours=8))
# A list is never shorter than 16 KB of bits, so that the place in it tells nothing (Bitstring Status List, 2.2).
LEAST_BITS = 131_072
REVOCATION, SUSPENSION = "revocation", "suspension"


class CredentialRefused(ValueError):
    """A credential that is not signed by the key it should be, or not whole; the message says which."""


@dataclass(frozen=True)
class Facts:
    """What a certificate says, without the database.

    ``valid_from`` and ``valid_to`` are the first and last day that count (None: no last day); ``status_list`` is the
    address of the published list and ``status_index`` the place in it, -1 where none is published.
    """

    uuid: UUID
    serial: str
    code: str
    programme: str
    title: str
    holder: str
    place: str
    issuer: str
    issuer_url: str
    document_number: str
    grade: str
    issued_on: date
    valid_from: date
    valid_to: date | None
    verify_url: str
    status_list: str = ""
    status_index: int = -1


def build(facts: Facts) -> dict[str, Any]:
    """*facts* as an ``OpenBadgeCredential``. Days begin and end in Beijing: the last day counts to its last second."""
    subject: dict[str, Any] = {
        "type": ["AchievementSubject"],
        "identifier": [
            {"type": "IdentityObject", "identityHash": facts.holder, "identityType": "name", "hashed": False}
        ],
        "achievement": {
            "id": f"urn:uuid:{facts.uuid}",
            "type": ["Achievement"],
            "name": facts.title,
            "description": facts.programme,
            "criteria": {"narrative": facts.document_number or facts.programme},
            "humanCode": facts.serial,
            "inLanguage": "zh-CN",
        },
    }
    if facts.grade:
        subject["result"] = [{"type": ["Result"], "value": facts.grade}]
    credential: dict[str, Any] = {
        "@context": [VC, OB],
        "id": facts.verify_url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts.title,
        "issuer": {"id": facts.issuer_url, "type": ["Profile"], "name": facts.issuer},
        "validFrom": _begin(facts.valid_from),
        "credentialSubject": subject,
        "evidence": [
            {"id": facts.verify_url, "type": ["Evidence"], "name": facts.document_number or facts.serial,
             "description": f"{facts.place} {facts.code} {facts.issued_on.isoformat()}".strip()}
        ],
    }  # fmt: skip
    if facts.valid_to is not None:
        credential["validUntil"] = _end(facts.valid_to)
    if facts.status_list and facts.status_index >= 0:
        credential["credentialStatus"] = [_entry(facts, purpose) for purpose in (REVOCATION, SUSPENSION)]
    return credential


def _entry(facts: Facts, purpose: str) -> dict[str, str]:
    address = f"{facts.status_list}?purpose={purpose}"
    return {
        "id": f"{address}#{facts.status_index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(facts.status_index),
        "statusListCredential": address,
    }


def _begin(day: date) -> str:
    return datetime.combine(day, time.min, BEIJING).isoformat()


def _end(day: date) -> str:
    return datetime.combine(day, time(23, 59, 59), BEIJING).isoformat()


# --- signing --------------------------------------------------------------------------------------------------------


def public_key(certificate: bytes) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    """The public key of a DER certificate. Raises SigningError for other sorts than P-256 and RSA."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey) or (isinstance(key, ec.EllipticCurvePublicKey) and key.key_size == 256):
        return key
    raise SigningError("credentials are signed with P-256 or RSA")


def key_id(certificate: bytes) -> str:
    """The name of a key: its RFC 7638 thumbprint's first eight bytes, base64url. It stays when a certificate is renewed."""
    wanted = {name: value for name, value in _jwk(certificate).items() if name in {"crv", "e", "kty", "n", "x", "y"}}
    canonical = json.dumps(wanted, sort_keys=True, separators=(",", ":")).encode("ascii")
    return b64url(hashlib.sha256(canonical).digest()[:8])


def jwk(certificate: bytes) -> dict[str, str]:
    """The public key of a DER certificate as a JWK (RFC 7517), with ``kid``, ``alg`` and ``use``."""
    return {**_jwk(certificate), "kid": key_id(certificate), "alg": _algorithm(certificate), "use": "sig"}


def jwks(certificates: Collection[bytes]) -> dict[str, list[dict[str, str]]]:
    """The key set a site publishes: the key in use, and older ones whose credentials are still about."""
    return {"keys": [jwk(certificate) for certificate in dict.fromkeys(certificates)]}


def _jwk(certificate: bytes) -> dict[str, str]:
    key = public_key(certificate)
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPublicKey) else jwt.algorithms.ECAlgorithm
    made = algorithm.to_jwk(key, as_dict=True)  # type: ignore[arg-type]
    return {name: value for name, value in made.items() if name in {"crv", "e", "kty", "n", "x", "y"}}


def _algorithm(certificate: bytes) -> str:
    return "RS256" if isinstance(public_key(certificate), rsa.RSAPublicKey) else "ES256"


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def raw_signature(signer: Signer, data: bytes) -> bytes:
    """The signature over *data* as JOSE and WebCrypto want it: r and s side by side, or an RSA signature as it is."""
    signature = signer.sign(data)
    if _algorithm(signer.chain[0]) == "RS256":
        return signature
    r, s = decode_dss_signature(signature)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def jws(credential: Mapping[str, Any], signer: Signer) -> str:
    """*credential* as a compact JWS. The same facts and key give the same text, where the key signs deterministically."""
    own = signer.chain[0]
    header = {"alg": _algorithm(own), "cty": "vc", "kid": key_id(own), "typ": TYPE}
    signed = f"{_part(header)}.{_part(credential)}"
    return f"{signed}.{b64url(raw_signature(signer, signed.encode('ascii')))}"


def _part(value: Mapping[str, Any]) -> str:
    return b64url(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def attachment(facts: Facts, signer: Signer) -> bytes:
    """``credential.json``: the credential to read, and the JWS to check. What counts is inside the JWS."""
    credential = build(facts)
    held = {"credential": credential, "jws": jws(credential, signer), "jwk": jwk(signer.chain[0])}
    return (json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read(text: str, keys: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    """The credential in the JWS *text*, if a key of *keys* (JWKs) signed it. Raises CredentialRefused.

    Keys come from whoever one trusts, never from the JWS or the file. Days are not judged here.
    """
    try:
        header = jwt.get_unverified_header(text)
        known = {str(key["kid"]): key for key in keys}
        key = known.get(str(header.get("kid")))
        if key is None:
            raise CredentialRefused("it is signed by a key that is not known here")
        if header.get("typ") != TYPE:
            raise CredentialRefused("it is not a credential")
        # The algorithm is the key's, whatever the header claims.
        held = jwt.PyJWS().decode(text, jwt.PyJWK(dict(key)).key, algorithms=[str(key["alg"])])
        found = json.loads(held)
    except (jwt.PyJWTError, ValueError) as error:
        if isinstance(error, CredentialRefused):
            raise
        raise CredentialRefused("its signature does not fit") from error
    if not isinstance(found, dict) or "VerifiableCredential" not in found.get("type", ()):
        raise CredentialRefused("it is not a credential")
    return found


# --- status ---------------------------------------------------------------------------------------------------------


def status_list(indices: Collection[int], purpose: str, url: str, issuer_url: str, at: datetime, signer: Signer) -> str:
    """The list of one *purpose* (REVOCATION or SUSPENSION) as a signed ``BitstringStatusListCredential``.

    *indices* are the places of the certificates that are revoked (or suspended); *url* is where the lists are published.
    """
    address = f"{url}?purpose={purpose}"
    return jws(
        {
            "@context": [VC],
            "id": address,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": issuer_url,
            "validFrom": at.astimezone(BEIJING).replace(microsecond=0).isoformat(),
            "credentialSubject": {
                "id": f"{address}#list",
                "type": "BitstringStatusList",
                "statusPurpose": purpose,
                "encodedList": _packed(indices),
            },
        },
        signer,
    )


def _packed(indices: Collection[int]) -> str:
    """Bits, the first one leftmost, compressed and as multibase base64url (Bitstring Status List, 3.3)."""
    size = max(LEAST_BITS, *(index + 1 for index in indices), 0) if indices else LEAST_BITS
    bits = bytearray((size + 7) // 8)
    for index in indices:
        bits[index // 8] |= 0x80 >> index % 8
    # No time in the header: the same list is the same text.
    return "u" + b64url(gzip.compress(bytes(bits), mtime=0))


def is_set(listed: Mapping[str, Any], index: int) -> bool:
    """Whether the bit at *index* is set in a list credential that `read` returned. Raises CredentialRefused."""
    try:
        packed = str(listed["credentialSubject"]["encodedList"])
        if not packed.startswith("u"):
            raise CredentialRefused("the list is not written in base64url")
        bits = gzip.decompress(base64.urlsafe_b64decode(packed[1:] + "=" * (-(len(packed) - 1) % 4)))
    except (KeyError, TypeError, OSError, EOFError) as error:
        raise CredentialRefused("the list cannot be read") from error
    if not 0 <= index < 8 * len(bits):
        raise CredentialRefused("the list has no such place")
    return bool(bits[index // 8] & (0x80 >> index % 8))
