"""Passers-by may ask a few times a minute; machines that guess codes or pour in forms are told to wait."""

from allauth.core.internal.httpkit import get_client_ip
from django.core.cache import cache

# Ten a minute from one address (trust.md A10).
TRIES, MINUTE = 10, 60


def _key(request, what):
    """Per caller: behind a proxy everybody has the proxy's address (PILOTAGE_PROXIES)."""
    return f"{what}:{get_client_ip(request) or ''}"


def has_asked_too_often(request, what):
    """True when this address is over its number for `what`; asking this does not count. For pages where only misses
    count, so that one address may read many things it knows and guess none."""
    return cache.get(_key(request, what), 0) > TRIES


def too_many(request, what):
    """True when this address has asked for `what` more than TRIES times within the minute."""
    key = _key(request, what)
    cache.add(key, 0, MINUTE)
    try:
        return cache.incr(key) > TRIES
    except ValueError:
        # It ran out between the two calls: a new minute.
        return False
