"""What the next page says once ("saved"), in a cookie that is as careful as the others."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class _Cookie(CookieStorage):
    """Django's, whose name is fixed, under one that browsers refuse from a sister host (ASVS 3.3.3)."""

    cookie_name = "__Host-messages" if settings.SESSION_COOKIE_SECURE else "messages"


class Flash(FallbackStorage):
    """In a cookie, so that a passer-by needs no session; what does not fit there is kept in the session."""

    storage_classes = (_Cookie, SessionStorage)
