"""What durable jobs do. Each is idempotent: a lease may run out and a second worker may come."""

from datetime import date, datetime
from typing import Any

from django.conf import settings

from approvals.certificates.render import CertificateText, paragraph, render
from approvals.models import Certificate, CertificateState
from notifications.jobs import handles
from pilots import storage
from workflows.door import consequence


def certificate_text(certificate: Certificate) -> CertificateText:
    """The words of a certificate row as the renderer wants them; frozen when the row was made."""
    words = certificate.words
    return CertificateText(
        title=words["title"],
        programme=words["programme"],
        serial=f"证书编号：{certificate.serial}",
        holder=words["holder"],
        paragraphs=(paragraph(words["paragraph"]),),
        issuer=words["issuer"],
        issued_on=date.fromisoformat(words["issued_on"]),
        verify_url=f"{settings.SITE_URL}/v/{certificate.code}/",
        check_code=certificate.code,
    )


@handles("certificate")
def make_certificate(job: Any, at: datetime) -> None:
    """Renders, stores the bytes under their hash, then issues. A second run finds it issued and does nothing."""
    certificate = Certificate.objects.select_related(*Certificate.related).get(pk=job.payload["certificate"])
    if certificate.state != CertificateState.PENDING:
        return
    pdf = render(certificate_text(certificate))
    digest = storage.store(pdf)
    consequence(certificate, "issue", at=at, data={"sha256": digest, "size": len(pdf)})
