"""From a certificate row to the words the engine prints."""

from dataclasses import replace
from datetime import date

from django.conf import settings

from approvals.certificates.render import CertificateText, paragraph, render


def verify_url(certificate):
    """The address in the QR code, where anybody may ask how a certificate stands."""
    return f"{settings.SITE_URL}/v/{certificate.code}/"


def certificate_text(certificate):
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
        verify_url=verify_url(certificate),
        check_code=certificate.code,
    )


def preview(certificate):
    """A pending certificate as PDF, marked as a preview; nobody can take it for an issued one."""
    return render(replace(certificate_text(certificate), mark="预览／未签发"))
