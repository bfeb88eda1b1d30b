"""The address and number an account is reached at: changed by two administrators, never from somebody's open desk.

New passwords are sent to the address, so whoever could change it alone could come in as somebody else.
"""

import logging
from collections.abc import Iterable
from functools import partial
from smtplib import SMTPException

from allauth.account.adapter import get_adapter
from django.db import transaction

from accounts import events
from accounts.models import AccountEvent, User

log = logging.getLogger(__name__)


def taken(mail: str, besides: Iterable[int] = ()) -> bool:
    """True where another account names this address: whoever reads a mailbox can set the password of every such account."""
    return bool(mail) and User.objects.filter(email__iexact=mail).exclude(pk__in=list(besides)).exists()


def change(user: User, *, email: str, phone: str, note: str) -> None:
    """Writes them down with a line its owner reads; once it stands, the address until now hears of it by mail.

    Links that were sent to the old address are void: their signature is over the address.
    """
    before = user.email
    user.email, user.phone = email, phone
    user.save(update_fields=["email", "phone"])
    events.record(user, AccountEvent.Kind.CONTACT_CHANGED, note=note)
    if before and before.lower() != email.lower():
        transaction.on_commit(partial(_tell_old, user, before), robust=True)


def _tell_old(user: User, address: str) -> None:
    try:
        get_adapter().render_mail("account/email/address_changed", address, {"user": user}).send()
    except (OSError, SMTPException):
        # The change stands, and the account's own record says so.
        log.exception("an address that is no longer an account's could not be told")
