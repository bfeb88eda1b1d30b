"""How often somebody may try a password: five wrong ones per account and half an hour, fifty per address (trust.md A5).

Counted by allauth's rate limits in the shared cache, so the limits hold over any number of web processes. A try is
counted before the password is looked at and given back when it was right: a hundred at once are no way round.

A browser from which a person has signed in before has a count of its own (OWASP, "device cookies"): whoever tries
passwords under a stranger's name locks themselves out, and not that person at their own desk.
"""

import secrets
import time
from dataclasses import dataclass

from allauth.account.internal.userkit import get_user_by_username
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.core.cache import cache

APP = "allauth.account"
PASSWORDS = "login_failed"
ADDRESS = "signin_address"
ADDRESS_RATES = {ADDRESS: "50/30m/ip"}
RESET = "reset_account"
RESET_RATES = {RESET: "3/h/key"}
# The longest of the limits on tries, in seconds: what is older counts for nothing.
WINDOW = 30 * 60

KNOWN_SALT = "accounts.known-browser"
KNOWN_DAYS = 90
# People who share a desk; the one who came first is forgotten.
KNOWN_PEOPLE = 5


class TooMany(Exception):
    """No more tries. `seconds` until one counts again; `first` is True once per lock."""

    def __init__(self, seconds: int, *, first: bool, user=None):
        super().__init__(seconds)
        self.seconds, self.first, self.user = seconds, first, user


@dataclass
class Try:
    """One counted try; `rollback` (allauth's name for it) gives it back when the password was right."""

    counts: list

    def rollback(self) -> None:
        for count in self.counts:
            count.rollback()


def take(request, username: str) -> Try:
    """Counts a try at `username` from the address and browser of `request`. Raises TooMany."""
    user = get_user_by_username(username)
    key = account_key(user, username, _known(request))
    wanted = ((PASSWORDS, None, key), (ADDRESS, ADDRESS_RATES, None))
    # Asked first, so that a try refused by one limit is not counted by the other.
    for action, config, its_key in wanted:
        if not ratelimit.consume(request, app=APP, action=action, config=config, key=its_key, dry_run=True):
            raise _too_many(request, action, config, its_key, user)
    taken = []
    for action, config, its_key in wanted:
        count = ratelimit.consume(request, app=APP, action=action, config=config, key=its_key)
        if not count:
            # Somebody was faster between the question and the count.
            Try(taken).rollback()
            raise _too_many(request, action, config, its_key, user)
        taken.append(count)
    return Try(taken)


def take_reset(request, user) -> bool:
    """Counts a mail about a forgotten password to `user`; False when it is one too many (trust.md A6)."""
    return bool(ratelimit.consume(request, app=APP, action=RESET, config=RESET_RATES, key=f"reset:{user.pk}"))


def unlock(user) -> None:
    """Forgets all wrong tries at the password and the second factor of `user`, from any browser."""
    cache.set(_era_key(user.pk), secrets.token_hex(8), WINDOW)
    ratelimit.clear(None, app=APP, action=PASSWORDS, key=f"mfa-auth-user-{user.pk}")
    ratelimit.clear(None, app=APP, action=RESET, config=RESET_RATES, key=f"reset:{user.pk}")


def account_key(user, username: str, known: dict[str, str]) -> str:
    """What tries are counted under: the account where there is one, the name as typed where there is none."""
    # Read in both cases: who is unknown must not be told by the number of look-ups.
    era = cache.get(_era_key(user.pk if user else 0), "")
    if user is None:
        return f"name:{username.strip().lower()}"
    return f"user:{user.pk}:{era}:{known.get(str(user.pk), '')}"


def _era_key(pk) -> str:
    return f"signin:era:{pk}"


def _too_many(request, action, config, key, user):
    wait = 0
    for rate in ratelimit.get_rates(app=APP, action=action, config=config):
        name = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key)
        history = cache.get(name, [])
        if len(history) >= rate.amount:
            wait = max(wait, int(history[-1] + rate.duration - time.time()) + 1)
    told = f"signin:told:{action}:{key}"
    first = action == PASSWORDS and cache.add(told, True, max(wait, 1))
    return TooMany(max(wait, 1), first=first, user=user)


# --- browsers that were here before


def _known(request) -> dict[str, str]:
    """{key of a person: secret of this browser} for everybody who has signed in here."""
    try:
        found = signing.loads(
            request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=KNOWN_SALT, max_age=KNOWN_DAYS * 86400
        )
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def remember(request, response, user) -> None:
    """Marks the browser as one from which `user` has signed in."""
    known = {pk: mark for pk, mark in _known(request).items() if pk != str(user.pk)}
    known[str(user.pk)] = secrets.token_urlsafe(9)
    known = dict(list(known.items())[-KNOWN_PEOPLE:])
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        signing.dumps(known, salt=KNOWN_SALT),
        max_age=KNOWN_DAYS * 86400,
        httponly=True,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        samesite="Lax",
    )
