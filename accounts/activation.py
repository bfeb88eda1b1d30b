"""The first password: no administrator types one. A new account gets a link that ends, and works once.

The link is Django's token for setting a password, with a salt and a time of its own. It is good only while the account has
never had a password and was never signed in with; making another one ends those before.
"""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_bytes
from django.utils.http import base36_to_int, urlsafe_base64_encode

from accounts import events
from accounts.granting import Span, overlap
from accounts.models import AccountEvent, User
from accounts.roles import ADMINISTRATORS

# Whoever was given an account on a Friday can still begin on Monday.
HOURS = 72


class ActivationTokens(PasswordResetTokenGenerator):
    """Tokens bound to the account's (unusable) password, last sign-in and address: any of them changed, it is void."""

    key_salt = "accounts.activation"

    def _make_hash_value(self, user, timestamp):
        return super()._make_hash_value(user, timestamp) + events.last_switched_off(user)

    def check_token(self, user, token):
        """True while the token is this account's, in time, and the account is still new."""
        if user is None or not token or not user.is_active or not is_new(user):
            return False
        stamp, dash, _rest = token.partition("-")
        try:
            made = base36_to_int(stamp)
        except ValueError:
            return False
        if not dash or self._num_seconds(self._now()) - made > HOURS * 3600:
            return False
        secrets = (self.secret, *self.secret_fallbacks)
        return any(
            constant_time_compare(self._make_token_with_timestamp(user, made, secret), token) for secret in secrets
        )


tokens = ActivationTokens()


def is_new(user: User) -> bool:
    """True for an account that has never had a password and never been signed in with."""
    return not user.has_usable_password() and user.last_login is None


def may_be_shown(user: User, at) -> bool:
    """True where the link may be handed over on paper: there is no address, and the account is no administrator's.

    Whoever hands a link over could use it: nobody shall come into two of the three separated roles that way.
    """
    ahead: Span = (at, None)
    held = user.grants.filter(role__in=[str(role) for role in ADMINISTRATORS]).select_related("source")
    return not user.email and not any(overlap(row.span, ahead) for row in held)


def link(user: User) -> str:
    """A new link for a new account, as a whole address; links made before end."""
    # Another unusable password: what was signed over the old one is void.
    user.set_unusable_password()
    user.save(update_fields=["password"])
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return settings.SITE_URL + reverse("activate", args=[uid, tokens.make_token(user)])


def send(user: User, by: User) -> None:
    """Sends a new link to the address of the account. Raises what the mail server answers (OSError, SMTPException)."""
    context = {"user": user, "url": link(user), "days": timedelta(hours=HOURS).days}
    get_adapter().render_mail("account/email/activation", user.email, context).send()
    events.record(user, AccountEvent.Kind.LINK_SENT, note=str(by))


def shown(user: User, by: User | None, note: str = "") -> str:
    """A new link to be handed over by `by` in person; that it was is a line its owner reads."""
    address = link(user)
    events.record(user, AccountEvent.Kind.LINK_SHOWN, note=note or str(by))
    return address
