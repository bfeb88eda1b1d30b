"""A signed certificate to look at, and the authority it is signed by. Made once for all tests of signatures."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from approvals.certificates.render import CertificateText, paragraph, render
from approvals.certificates.signing import authority, pades
from approvals.certificates.signing.base import Signer

AT = datetime(2026, 9, 18, 1, tzinfo=UTC)
LATER = AT + timedelta(days=30)
REASON, NAME = "证书签发", "示例省知识产权试点工作管理办公室"


@dataclass(frozen=True)
class Specimen:
    """An authority with its signer, and one certificate before and after its signature."""

    authority: authority.Authority
    signer: Signer
    plain: bytes
    signed: bytes

    @property
    def roots(self) -> list[bytes]:
        return [self.authority.root()]


def plain(holder: str = "昆明高新技术产业开发区管理委员会", serial: str = "知试验证字〔2026〕第00013号") -> bytes:
    """A certificate without a signature."""
    return render(
        CertificateText(
            title="证书", programme="国家知识产权服务业集聚发展示范区", serial=f"证书编号：{serial}", holder=holder,
            paragraphs=(paragraph("经三年期满验收合格。"),), issuer=NAME, issued_on=date(2026, 9, 18),
            verify_url="https://verify.example.cn/v/076A99B44C/", check_code="076A99B44C",
        )
    )  # fmt: skip


@cache
def specimen() -> Specimen:
    made = authority.ensure(Path(mkdtemp(prefix="pilotage-signing-")) / "authority")
    page, signer = plain(), made.signer()
    return Specimen(made, signer, page, pades.sign(page, signer, AT, reason=REASON, name=NAME))


@cache
def timestamper() -> SimpleNamespace:
    """A timestamping authority (`tsa`) and its `root`, DER. It says that it is LATER."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test TSA")])
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(9)
    )
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(
        datetime(2040, 1, 1, tzinfo=UTC)
    )
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    own = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    tsa = DummyTimeStamper(asn1_x509.Certificate.load(own), asn1_keys.PrivateKeyInfo.load(private), fixed_dt=LATER)
    return SimpleNamespace(tsa=tsa, root=own)
