"""What durable jobs do. Each is idempotent: a lease may run out and a second worker may come."""

from datetime import date, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import F

from approvals.acts.signing import settle
from approvals.certificates.render import CertificateText, paragraph, render
from approvals.models import Certificate, CertificateState, ListItem
from notifications.jobs import handles
from pilots import storage
from pilots.models import Application, ApplicationState
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


@handles("settle_list")
def settle_items(job: Any, at: datetime) -> None:
    """Carries out lines of a signed list. Lines that have been carried out are passed over."""
    waiting = Application.objects.filter(pk__in=job.payload["items"], state=ApplicationState.READY)
    for item in ListItem.objects.filter(
        application__in=waiting, version=F("batch__list_version"), batch=F("application__batch")
    ).select_related("application"):
        settle(item, item.application, partial(consequence, at=at))


@handles("approve")
def approve_items(job: Any, at: datetime) -> None:
    """Approves items of an issued document; what was approved, or is held by now, is passed over."""
    for row in Application.objects.filter(pk__in=job.payload["items"], state=ApplicationState.LISTED):
        consequence(row, "approve", at=at)
