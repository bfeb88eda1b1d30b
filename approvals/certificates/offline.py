"""The fragment of an offline QR code: enough to check a printed certificate without asking anybody.

``#`` and base 32 (RFC 4648, no padding): upper-case letters and digits, which a QR code packs tightest of all forms an
address may hold (base 45 has a space and a per-cent sign). A fragment is never sent to a server. 26 bytes of facts and
64 of signature make 145 characters:

====  =====================================================================================================
byte  what
====  =====================================================================================================
0     version, 1
1-4   key: the first four bytes of the RFC 7638 thumbprint, as in `credential.key_id`
5-11  check code: ten symbols of five bits, 0 in the last six bits
12-13 last day that counts, in days since 1 January 2000, big-endian; 0: no last day
14-25 first twelve bytes of SHA-256 over serial, line feed and holder as printed (NFC, UTF-8)
26-89 ECDSA P-256 over ``pilotage-offline-1``, NUL and bytes 0 to 25; r and s side by side
====  =====================================================================================================

It proves that the certificate was issued; whether it was taken back since is what only the site knows.
"""

import base64
import binascii
import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from approvals.certificates import codes
from approvals.certificates.credential import CredentialRefused, Facts, key_id, public_key, raw_signature
from approvals.certificates.signing.base import Signer, SigningError

VERSION = 1
PURPOSE = b"pilotage-offline-1\0"  # a signature made for this is a signature for nothing else
EPOCH = date(2000, 1, 1)
KEY, CODE, DAY, PRINTED, FACTS = slice(1, 5), slice(5, 12), slice(12, 14), slice(14, 26), slice(0, 26)
LENGTH = 90


@dataclass(frozen=True)
class Offline:
    """What a fragment says. ``printed`` is compared with `fingerprint` of what stands on the paper."""

    code: str
    valid_to: date | None
    printed: bytes


def fingerprint(serial: str, holder: str) -> bytes:
    """Twelve bytes for what is printed: nobody finds other words for them, and they tell no name."""
    text = unicodedata.normalize("NFC", f"{serial.strip()}\n{holder.strip()}")
    return hashlib.sha256(text.encode()).digest()[:12]


def offline_token(facts: Facts, signer: Signer) -> str:
    """The fragment for *facts*, with its ``#``. Raises SigningError where the key is not P-256."""
    own = signer.chain[0]
    if not isinstance(public_key(own), ec.EllipticCurvePublicKey):
        raise SigningError("offline codes need a P-256 key: an RSA signature does not fit into a small QR code")
    days = (facts.valid_to - EPOCH).days if facts.valid_to else 0
    data = bytes([VERSION]) + _thumb(key_id(own)) + _packed(facts.code) + days.to_bytes(2, "big")
    data += fingerprint(facts.serial, facts.holder)
    return "#" + base64.b32encode(data + raw_signature(signer, PURPOSE + data)).rstrip(b"=").decode("ascii")


def read_offline(fragment: str, keys: Collection[Mapping[str, Any]]) -> Offline:
    """What *fragment* says, if a key of *keys* (JWKs) signed it. Raises CredentialRefused. Days are not judged here."""
    try:
        text = fragment.removeprefix("#")
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError) as error:
        raise CredentialRefused("it is not written in base 32") from error
    if len(data) != LENGTH or data[0] != VERSION:
        raise CredentialRefused("it has another form")
    key = next((key for key in keys if _thumb(str(key["kid"])) == data[KEY] and key.get("crv") == "P-256"), None)
    if key is None:
        raise CredentialRefused("it is signed by a key that is not known here")
    r, s = int.from_bytes(data[26:58], "big"), int.from_bytes(data[58:], "big")
    try:
        jwt.PyJWK(dict(key)).key.verify(encode_dss_signature(r, s), PURPOSE + data[FACTS], ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise CredentialRefused("its signature does not fit") from None
    days = int.from_bytes(data[DAY], "big")
    return Offline(_unpacked(data[CODE]), EPOCH + timedelta(days=days) if days else None, data[PRINTED])


def _thumb(kid: str) -> bytes:
    return base64.urlsafe_b64decode(kid + "=" * (-len(kid) % 4))[:4]


def _packed(code: str) -> bytes:
    number = 0
    for symbol in code:
        number = number << 5 | codes.ALPHABET.index(symbol)
    return (number << 6).to_bytes(7, "big")


def _unpacked(data: bytes) -> str:
    number = int.from_bytes(data, "big") >> 6
    return "".join(codes.ALPHABET[number >> 5 * place & 31] for place in reversed(range(codes.LENGTH)))
