"""Lines about accounts (`AccountEvent`). Their time is the real one: the demonstration's clock is about cases."""

from allauth.core.internal.httpkit import get_client_ip
from django.utils import timezone

from accounts.models import AccountEvent

# Longer notes are cut; they are for people.
LONGEST = 200


def record(user, kind, request=None, note=""):
    """Writes one line about the account of `user`, and returns it."""
    ip = get_client_ip(request) if request is not None else None
    return AccountEvent.objects.create(user=user, kind=kind, at=timezone.now(), ip=ip or None, note=note[:LONGEST])


def latest(user, number=10):
    """The newest lines about an account."""
    return list(AccountEvent.objects.filter(user=user)[:number])


def last_switched_off(user) -> str:
    """The key of the line that says when the account was last switched off, "" where it never was; one statement. Links
    made before it are void (accounts.links, accounts.activation)."""
    rows = AccountEvent.objects.filter(user=user, kind=AccountEvent.Kind.SWITCHED_OFF)
    return str(rows.order_by("-pk").values_list("pk", flat=True).first() or "")
