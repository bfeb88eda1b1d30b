"""A key in a token or HSM, through PKCS#11. The key never leaves it; python-pkcs11 is needed and not shipped.

The signer opens one session and keeps it. A session serves one thread at a time, so calls wait for each other.
"""

from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from approvals.certificates.signing.base import Kind, Options, SignerUnavailable, SigningError
from approvals.certificates.signing.remote import read_chain, verified

MISSING = "The signer pkcs11 needs the Python package python-pkcs11, which is not installed."


class Pkcs11Signer:
    """Signs with *key*, a private key object of python-pkcs11; *library* is that package."""

    def __init__(self, library: Any, key: Any, chain: tuple[x509.Certificate, ...]) -> None:
        self._library, self._key, self._certificates, self._lock = library, key, chain, Lock()
        self._rsa = isinstance(chain[0].public_key(), rsa.RSAPublicKey)

    @property
    def chain(self) -> tuple[bytes, ...]:
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in self._certificates)

    def sign(self, data: bytes) -> bytes:
        mechanisms = self._library.Mechanism
        mechanism = mechanisms.SHA256_RSA_PKCS if self._rsa else mechanisms.ECDSA_SHA256
        try:
            with self._lock:
                raw = bytes(self._key.sign(data, mechanism=mechanism))
        except self._library.PKCS11Error as error:
            raise SignerUnavailable(f"the token did not sign: {type(error).__name__} {error}".strip()) from error
        return verified(raw if self._rsa else _der(raw), data, self._certificates[0])


def _der(raw: bytes) -> bytes:
    """PKCS#11 gives r and s side by side (§6.3.1 of the mechanisms); CMS wants them in a sequence."""
    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))


def _build(options: Options) -> Pkcs11Signer:
    module, token, label = options.need("module"), options.need("token_label"), options.need("key_label")
    chain = read_chain(Path(options.need("chain_file")))
    try:
        library = import_module("pkcs11")
    except ImportError as error:
        raise SigningError(MISSING) from error
    pin = options.secret("pin_file")
    try:
        session = library.lib(module).get_token(token_label=token).open(user_pin=pin.decode() if pin else None)
        key = session.get_key(object_class=library.ObjectClass.PRIVATE_KEY, label=label)
    except (library.PKCS11Error, RuntimeError) as error:
        raise SignerUnavailable(f"the token cannot be used: {type(error).__name__} {error}".strip()) from error
    return Pkcs11Signer(library, key, chain)


KIND = Kind("pkcs11", _build, ("module", "token_label", "key_label", "pin_file", "chain_file"))
