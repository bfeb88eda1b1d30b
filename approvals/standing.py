"""How a certificate stands on a day, and in what words: the same on the verify page, inside, and on the command line."""

from django.utils.translation import gettext as _

from approvals.models import Certificate, CertificateState


def valid_to(certificate):
    """The last day a certificate counts: the printed one, or a later one if the term was made longer or renewed; None
    for a title without a last day."""
    site = certificate.designation
    if certificate.valid_to is None:
        return None
    if certificate.kind == Certificate.Kind.DESIGNATION:
        return max(certificate.valid_to, site.term_end or certificate.valid_to)
    return max(certificate.valid_to, site.valid_until or certificate.valid_to)


def standing(certificate, today):
    """How a certificate stands on a day: valid, expired, suspended, revoked, superseded, or None where there is none to show."""
    if certificate is None or not certificate.sha256:
        # Waiting, or taken back before there was a paper: nobody can hold it.
        return None
    if certificate.state == CertificateState.REVOKED:
        return "revoked"
    if certificate.state == CertificateState.SUPERSEDED:
        return "superseded"
    if certificate.state == CertificateState.SUSPENDED:
        return "suspended"
    last = valid_to(certificate)
    return "expired" if last is not None and today > last else "valid"


def validity(certificate):
    """「2018-03-06 — 2021-03-06」 or 「2018-03-06 起」."""
    last = valid_to(certificate)
    if last is None:
        return _("%(day)s 起长期有效") % {"day": certificate.valid_from}
    return f"{certificate.valid_from:%Y-%m-%d} — {last:%Y-%m-%d}"


def replaced(certificate):
    """Why a newer certificate stands in place of this one: another title, a renewal, or a new edition."""
    newer = certificate.superseded_by
    if newer.designation_id != certificate.designation_id:
        return _("本称号已由“%(title)s”承接，证书由新称号的证书替换。") % {"title": newer.designation.title}
    if newer.cause == Certificate.Cause.REISSUE:
        return _("原证已补发，本证书由新证替换。")
    if newer.cause == Certificate.Cause.CORRECTION:
        return _("原证文字有误，已更正换发，本证书由新证替换。")
    if newer.kind == Certificate.Kind.RENEWAL:
        return _("称号经复核续期，本证书已由续期证书替换。")
    return _("本证书已由新证替换。")
