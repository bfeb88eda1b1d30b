"""Whether it is really this person who is about to bind the office: asked again before grave acts (trust.md A7)."""

import time

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, get_reauthentication_flows
from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

# When the other house asked for the password last (claim `auth_time`), in the session.
ASKED_AT = "sso_asked_at"


def recently_proven(request) -> bool:
    """True when the person has given password or second factor again a short while ago.

    Who has neither here, because another house signs them in, has proven it by coming from there a short while ago.
    """
    if get_reauthentication_flows(request.user):
        return did_recently_reauthenticate(request)
    came = [one["at"] for one in get_authentication_records(request, request.user) if one["method"] == "socialaccount"]
    if not came:
        return False
    # The other house says when it asked last; where it does not, the moment somebody came counts.
    asked = request.session.get(ASKED_AT) or came[-1]
    return time.time() - min(asked, came[-1]) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def must_come_again(request) -> bool:
    """True for who is signed in without a password or factor of ours, and came from the other house longer ago.

    For them allauth asks nothing before its pages on which a password or a factor is set up: an open desk would be enough.
    """
    if not request.user.is_authenticated or get_reauthentication_flows(request.user):
        return False
    return not recently_proven(request)


def prove_url(request) -> str:
    """Where one proves it, and comes back to this page."""
    back = {"next": request.get_full_path()}
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    if apps and not get_reauthentication_flows(request.user):
        # max_age=0: the other house asks again, instead of nodding somebody through who left the desk open.
        again = {"auth_params": urlencode({"prompt": "login", "max_age": "0"})}
        return f"{reverse('openid_connect_login', args=[apps[0]['provider_id']])}?{urlencode(back | again)}"
    return f"{reverse('account_reauthenticate')}?{urlencode(back)}"
