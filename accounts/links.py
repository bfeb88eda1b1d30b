"""Links to another password are void for good once the account was off. Imported by allauth alone, in the middle of itself.

Django binds them to the password, the last sign-in and the address; none of these changes while an account is off, so a
link from before would work again on the day it comes back.
"""

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator

from accounts.events import last_switched_off


class ResetTokens(EmailAwarePasswordResetTokenGenerator):
    """Tokens of the links in letters about another password."""

    def _make_hash_value(self, user, timestamp):
        return super()._make_hash_value(user, timestamp) + last_switched_off(user)
