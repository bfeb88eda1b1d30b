"""Who must have a second factor, and the gate before everything else until it is set up.

The factor itself – codes of an app, passkeys, recovery codes – is allauth's.
"""

import base64
import hashlib
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.authority import Authority
from accounts.roles import Role

# People of a body that applies decide about nothing but their own application. Everybody else – offices, leaders,
# experts, contractors, auditors – reads or decides what is not their own.
OPTIONAL = frozenset({Role.APPLICANT_CONTACT, Role.APPLICANT_LEADER, Role.PUBLIC})
REQUIRED = frozenset(Role) - OPTIONAL

# Codes and keys; recovery codes stand in for one of these and are nothing alone.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# True once this very session has shown a factor, False after the last one was taken away.
SHOWN = "second_factor"


def is_required_of(authority: Authority) -> bool:
    """True for holders of any role but an applicant's, and for administrators, where the installation asks for it."""
    if not settings.MFA_REQUIRED:
        return False
    return authority.has(*REQUIRED) or bool(authority.user.is_superuser or authority.user.is_staff)


def is_shown(request) -> bool:
    """True when this session was opened with a second factor, or one was set up in it. Asks no database."""
    mark = request.session.get(SHOWN)
    if mark is not None:
        return bool(mark)
    return any(one.get("method") == "mfa" for one in get_authentication_records(request, request.user))


def is_missing(request, authority: Authority) -> bool:
    """True when this person must set up a second factor before anything else opens."""
    return is_required_of(authority) and not is_shown(request)


def has_factor(user) -> bool:
    """True when a second factor is set up."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


class SecondFactorAdapter(DefaultMFAAdapter):
    """What allauth asks us about second factors."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("验证码不正确，或通行密钥没有通过验证。"),
        "cannot_delete_authenticator": _("您的岗位须启用两步验证：请先添加另一种方式，再移除这一种。"),
        "cannot_generate_recovery_codes": _("请先启用两步验证，再生成恢复码。"),
    }

    def get_totp_issuer(self):
        return self._get_site_name()

    def _get_site_name(self):
        return _t("试点通")

    def _get_user_identifier(self, user):
        return user.get_username()

    def get_public_key_credential_rp_entity(self):
        """Keys belong to the host people know, whatever name a request was sent to."""
        return {"id": urlsplit(settings.SITE_URL).hostname, "name": self._get_site_name()}

    def generate_authenticator_name(self, user, type):  # noqa: A002 - allauth's name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _t("通行密钥 %(n)s") % {"n": number}

    def can_delete_authenticator(self, authenticator):
        if authenticator.type not in FACTORS or not is_required_of(Authority.of(authenticator.user)):
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
        return others.exclude(pk=authenticator.pk).exists()

    # Secrets of apps and recovery codes: not readable in a backup of the database.
    def encrypt(self, text):
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # Another key than then. A secret nobody has matches no code; an empty one would match a known one.
            return generate_totp_secret()


def _box():
    key = hashlib.sha256(b"accounts.second-factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
