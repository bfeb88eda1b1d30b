"""What follows from allauth's news about an account: lines for its owner, sessions that end."""

from accounts import events, sessions
from accounts.models import AccountEvent
from accounts.second_factor import FACTORS, SHOWN, has_factor


def factor_added(sender, request, user, authenticator, **kwargs):
    """This session has shown a factor; the others have not, and were opened with less."""
    if authenticator.type not in FACTORS:
        return
    request.session[SHOWN] = True
    sessions.end(user, keep=request.session.session_key)
    events.record(user, AccountEvent.Kind.FACTOR_ADDED, request)


def factor_removed(sender, request, user, authenticator, **kwargs):
    if authenticator.type not in FACTORS:
        return
    if not has_factor(user):
        request.session[SHOWN] = False
    events.record(user, AccountEvent.Kind.FACTOR_REMOVED, request)


def codes_made(sender, request, user, authenticator, **kwargs):
    events.record(user, AccountEvent.Kind.CODES_MADE, request)


def password_changed(sender, request, user, **kwargs):
    events.record(user, AccountEvent.Kind.PASSWORD_CHANGED, request)


def connect():
    """Called once, when all apps are there."""
    from allauth.account import signals as account  # noqa: PLC0415 - allauth's signals need the app registry
    from allauth.mfa import signals as mfa  # noqa: PLC0415
    from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415

    user_logged_in.connect(sessions.begin, dispatch_uid="accounts.sessions")
    account.authentication_step_completed.connect(sessions.renew, dispatch_uid="accounts.renew")
    mfa.authenticator_added.connect(factor_added, dispatch_uid="accounts.factor_added")
    mfa.authenticator_removed.connect(factor_removed, dispatch_uid="accounts.factor_removed")
    mfa.authenticator_reset.connect(codes_made, dispatch_uid="accounts.codes_made")
    for signal in (account.password_changed, account.password_reset, account.password_set):
        signal.connect(password_changed, dispatch_uid="accounts.password_changed")
