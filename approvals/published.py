"""What the installation publishes so that others can check without asking it: its keys and its status lists."""

from django.conf import settings
from django.core.cache import cache

from approvals import sealing
from approvals.certificates import credential
from approvals.models import Certificate, CertificateState

# A list may be this old: it is signed anew at most so often, however many ask.
MINUTES = 5
# A replaced certificate counts no more, as a revoked one does; the page says which of the two it is.
STATES = {
    credential.REVOCATION: (CertificateState.REVOKED, CertificateState.SUPERSEDED),
    credential.SUSPENSION: (CertificateState.SUSPENDED,),
}


def keys():
    """The public keys as a JWK set: the key in use. Raises SigningError."""
    return credential.jwks([sealing.signer().chain[0]])


def address():
    """Where the status lists are published."""
    return f"{settings.SITE_URL}/v/status/"


def status_list(purpose, at):
    """The signed list of one purpose as of *at*, at most `MINUTES` old. Raises KeyError, SigningError."""
    key = f"status:{purpose}"
    made = cache.get(key)
    if made is None:
        rows = Certificate.objects.filter(state__in=STATES[purpose]).exclude(sha256="").values_list("pk", flat=True)
        made = credential.status_list(list(rows), purpose, address(), settings.SITE_URL, at, sealing.signer())
        cache.set(key, made, MINUTES * 60)
    return made
