"""The demonstration's own certification authority, made at the first signature and never part of the source.

Its names say 样章 and DEMO in every language a reader's program may show: a signature of it proves that bytes did not
change, and nothing about who signed.
"""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from approvals.certificates.signing.base import Kind, SigningError
from approvals.certificates.signing.file import FileSigner, load

ROOT, ROOT_KEY, CHAIN, KEY, CRL = "root.pem", "root.key", "signer.pem", "signer.key", "root.crl"

# A fixed span instead of one from today: the demonstration's clock moves, and its stories begin years ago.
# 2049 is the last year X.509 writes as UTCTime.
FROM, UNTIL = datetime(2010, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)

DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


@dataclass(frozen=True)
class Authority:
    """The files of a demonstration authority; all of them exist."""

    directory: Path

    def signer(self) -> FileSigner:
        """The signer, its chain ending with the authority's root. Raises SigningError."""
        return load(self.directory / KEY, self.directory / CHAIN)

    def root(self) -> bytes:
        """The root certificate, DER: what somebody who checks must trust."""
        return x509.load_pem_x509_certificate((self.directory / ROOT).read_bytes()).public_bytes(Encoding.DER)

    def crl(self) -> bytes:
        """The list of revoked certificates, DER. It is empty: nobody revokes a specimen."""
        return x509.load_pem_x509_crl((self.directory / CRL).read_bytes()).public_bytes(Encoding.DER)


def ensure(directory: Path) -> Authority:
    """The authority kept in *directory*, made there first where there is none.

    Made beside and moved there in one step: two processes at once end with one authority, and a crash leaves nothing
    half made. Keys are readable by their owner only. Raises SigningError where the place cannot be written.
    """
    if (directory / KEY).exists():
        return Authority(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=directory.parent, prefix=".authority-"))
        try:
            _make(made)
            # An empty directory may be replaced; one that somebody else has just filled may not.
            made.rename(directory)
        except OSError:
            if not (directory / KEY).exists():
                raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise SigningError(f"the demonstration's key cannot be made in {directory}: {error.strerror}") from error
    return Authority(directory)


def _name(common: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "试点通 样章／示例 (DEMO)"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "示例用途，无法律效力 NOT FOR REAL USE"),
        (NameOID.COMMON_NAME, common),
    )
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _make(directory: Path) -> None:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("试点通样章根证书 Pilotage demo root")
    root_id = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = (
        _certificate(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(root_id, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    signing = (
        _certificate(_name("试点通样章签名 Pilotage demo signature"), root_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root_name)
        .last_update(FROM)
        .next_update(UNTIL)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    _write(directory / ROOT_KEY, _pem(root_key), 0o600)
    _write(directory / KEY, _pem(key), 0o600)
    _write(directory / ROOT, root.public_bytes(Encoding.PEM), 0o644)
    _write(directory / CHAIN, signing.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM), 0o644)
    _write(directory / CRL, crl.public_bytes(Encoding.PEM), 0o644)


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(FROM).not_valid_after(UNTIL)


def _usage(**wanted: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _write(path: Path, data: bytes, mode: int) -> None:
    path.touch(mode=mode)  # with its mode before there is anything to read
    path.write_bytes(data)


KIND = Kind("demo", lambda options: ensure(options.directory).signer(), demo=True)
