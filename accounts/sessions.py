"""How long a session lasts, and which sessions a person has.

Times here are real ones: the demonstration's clock is about cases and would sign everybody out with each leap.
"""

import re
import time
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext as _

OPENED, SEEN, OVER = "opened", "seen", "over"
# Written at most so often (seconds): a page is not a write.
STEP = 60
IDLE, TOO_LONG, ENDED = "idle", "long", "ended"

# Pages that ask by themselves, with nobody there: they keep no session alive.
BY_ITSELF = re.compile(r"_(progress|presence)$")


class SessionLimits:
    """Ends a session that lay idle, is too old, or whose person may not sign in any more. After authentication."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.session_over = ""
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            _end_if_over(request)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or SESSION_KEY not in request.session:
            return
        if not BY_ITSELF.search(request.resolver_match.url_name or ""):
            _seen(request)


def begin(sender, request, user, **kwargs):
    """Receiver of Django's `user_logged_in`: the two clocks start."""
    request.session[OPENED] = request.session[SEEN] = time.time()
    request.session.pop(OVER, None)


def renew(sender, request, **extra):
    """Receiver of allauth's `authentication_step_completed`: who has proven it again goes on under a new key (ASVS 7.2.4).

    Whoever knew the key of before, and waited at it for more than it opened, is out. The row of the list follows.
    """
    if not extra.get("reauthenticated"):
        # At sign-in Django itself makes a new key.
        return
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def _end_if_over(request):
    session = request.session
    if SESSION_KEY not in session:
        if OVER in session:
            # Another tab heard of it first.
            request.session_over, request.session_of = session[OVER]
        return
    if not request.user.is_authenticated:
        # Deactivated, deleted, or another password since. Gone for good, also when the account comes back.
        session.flush()
        request.user = AnonymousUser()
        request.session_over = ENDED
        return
    now = time.time()
    if OPENED not in session:
        # Opened before there were limits.
        session[OPENED] = session[SEEN] = now
    if now - session[OPENED] >= settings.SESSION_HOURS * 3600:
        over = TOO_LONG
    elif now - session[SEEN] >= settings.IDLE_MINUTES * 60:
        over = IDLE
    else:
        return
    request.session_over, request.session_of = over, request.user.pk
    UserSession.objects.filter(session_key=session.session_key).delete()
    logout(request)
    # Only this is left: why it ended and whose it was, so that what they still send is kept for them.
    request.session[OVER] = [over, request.session_of]


def _seen(request):
    now = time.time()
    if now - request.session.get(SEEN, 0) < STEP:
        return
    request.session[SEEN] = now
    UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())


# --- the list


def sessions_of(user) -> list[UserSession]:
    """The sessions of a person that still open something, newest first."""
    found = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda row: row.last_seen_at, reverse=True)


def end(user, *, pk=None, keep=None) -> int:
    """Ends the session `pk` of `user`, or all of them but the one with the key `keep`; returns how many."""
    rows = UserSession.objects.filter(user=user)
    if pk is not None:
        rows = rows.filter(pk=pk)
    if keep is not None:
        rows = rows.exclude(session_key=keep)
    rows = list(rows)
    for row in rows:
        row.end()
    return len(rows)


def forget(now: datetime) -> int:
    """Deletes rows of sessions whose day is over (`SESSION_COOKIE_AGE`) at the real moment `now`; returns how many."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]


# What a browser calls itself, most telling first: each names those before it.
_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
    ("360SE", "360"), ("QQBrowser", "QQ"), ("Chrom", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Kylin", "Kylin"), ("UOS", "UOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_words(agent: str) -> str:
    """「Chrome · Windows」 from what a browser says of itself; good for recognising one's own, proof of nothing."""
    browser = next((words for mark, words in _BROWSERS if mark in agent), "")
    system = next((words for mark, words in _SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (str(browser), system) if part) or _("未知设备")
