"""A signed certificate to look at, and the authority it is signed by. Made once for all tests of signatures."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from approvals.certificates.render import CertificateText, paragraph, render
from approvals.certificates.signing import authority, pades
from approvals.certificates.signing.base import Signer

AT = datetime(2026, 9, 18, 1, tzinfo=UTC)
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
