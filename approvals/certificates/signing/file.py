"""A key in a file: PEM, or PKCS#12 with its certificates. It is read once and kept."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from approvals.certificates.signing.base import Kind, Options, SigningError

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
SMALLEST_RSA = 2048


class FileSigner:
    """Signs with a loaded P-256 or RSA key. Safe to share between threads."""

    def __init__(self, key: PrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
        """Raises SigningError where key and first certificate do not belong together, or the key is of another sort."""
        if not chain:
            raise SigningError("the signer has no certificate")
        if isinstance(key, ec.EllipticCurvePrivateKey):
            if not isinstance(key.curve, ec.SECP256R1):
                raise SigningError(f"the key is on {key.curve.name}; P-256 (secp256r1) or RSA is needed")
        elif not isinstance(key, rsa.RSAPrivateKey):
            raise SigningError(f"the key is a {type(key).__name__}; P-256 or RSA is needed")
        elif key.key_size < SMALLEST_RSA:
            raise SigningError(f"the RSA key has {key.key_size} bits; {SMALLEST_RSA} or more are needed")
        if chain[0].public_key() != key.public_key():
            raise SigningError("the first certificate does not belong to the key")
        self._key = key
        self._chain = tuple(certificate.public_bytes(Encoding.DER) for certificate in chain)

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self._chain

    def sign(self, data: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, PKCS1v15(), hashes.SHA256())
        # RFC 6979: no chance in it, so that a certificate that is made again has the same bytes.
        return self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def load(key_file: Path, chain_file: Path | None = None, password: bytes | None = None) -> FileSigner:
    """The signer of a PEM key with *chain_file* (or certificates in the same file), or of a PKCS#12 file.

    Raises SigningError; the message names the file and never its content.
    """
    try:
        data = key_file.read_bytes()
        if b"-----BEGIN" not in data:
            key, certificate, others = pkcs12.load_key_and_certificates(data, password)
            chain = tuple(item for item in (certificate, *others) if item is not None)
        else:
            key = serialization.load_pem_private_key(data, password)
            chain = tuple(x509.load_pem_x509_certificates(chain_file.read_bytes() if chain_file else data))
    except OSError as error:
        raise SigningError(f"{error.filename} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise SigningError(f"{key_file} is no key with certificates, or its password is another: {error}") from error
    if key is None:
        raise SigningError(f"{key_file} has no private key")
    return FileSigner(key, chain)  # type: ignore[arg-type]  # the constructor refuses other sorts


def _build(options: Options) -> FileSigner:
    chain = options.values.get("chain_file", "")
    return load(Path(options.need("key_file")), Path(chain) if chain else None, options.secret("password_file"))


KIND = Kind("file", _build, ("key_file", "chain_file", "password_file"))
