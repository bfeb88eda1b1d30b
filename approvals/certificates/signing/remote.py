"""A key kept by a signing service: the hash is posted, the signature comes back. The file never leaves the house.

Request: ``{"algorithm": "SHA256withECDSA" | "SHA256withRSA", "digest": base64 of SHA-256, "key": name}`` with
``Authorization: Bearer …`` where a token is given. Answer: ``{"signature": base64}``; ECDSA as DER. Every signature is
checked with the certificate before it is used: a service that signs with another key must not spoil a batch.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding

from approvals.certificates.signing.base import Kind, Options, Post, SignerUnavailable, SigningError

REFUSED = range(400, 500)


def read_chain(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file, in order. Raises SigningError."""
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        raise SigningError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SigningError(f"{path} holds no certificates in PEM form") from error


def verified(signature: bytes, data: bytes, certificate: x509.Certificate) -> bytes:
    """*signature* if it is the key's over *data*. Raises SigningError."""
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        else:
            raise SigningError(f"the certificate's key is a {type(key).__name__}; P-256 or RSA is needed")
    except InvalidSignature:
        raise SigningError("what came back is no signature of the certificate's key") from None
    return signature


class RemoteSigner:
    """Signs by asking *url*; *post* carries the request, with the caller's rules about addresses."""

    def __init__(
        self, url: str, chain: tuple[x509.Certificate, ...], post: Post, headers: Mapping[str, str], key: str
    ) -> None:
        self._url, self._certificates, self._post, self._headers, self._key = url, chain, post, dict(headers), key
        self._algorithm = "SHA256withRSA" if isinstance(chain[0].public_key(), rsa.RSAPublicKey) else "SHA256withECDSA"

    @property
    def chain(self) -> tuple[bytes, ...]:
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in self._certificates)

    def sign(self, data: bytes) -> bytes:
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")
        question = {"algorithm": self._algorithm, "digest": digest} | ({"key": self._key} if self._key else {})
        status, body = self._post(self._url, json.dumps(question).encode(), self._headers)
        if status in REFUSED:
            raise SigningError(f"the signing service refused: HTTP {status}")
        if status != 200:
            raise SignerUnavailable(f"the signing service failed: HTTP {status}")
        try:
            signature = base64.b64decode(json.loads(body)["signature"], validate=True)
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise SigningError("the signing service answered without a signature") from error
        return verified(signature, data, self._certificates[0])


def _build(options: Options) -> RemoteSigner:
    token = options.secret("token_file")
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token.decode('ascii', 'replace')}"
    chain = read_chain(Path(options.need("chain_file")))
    return RemoteSigner(options.need("url"), chain, options.post, headers, options.values.get("key_label", ""))


KIND = Kind("remote", _build, ("url", "chain_file", "token_file", "key_label"))
