"""Single sign-on (OpenID Connect): only accounts that are there already, named by one claim of the ID token.

allauth speaks the protocol (code flow, PKCE, state). Added here: the provider must call itself what it is configured as,
the token's signature is checked although it came over TLS, and only in ways that need the provider's own key, a nonce
binds it to this browser, the address to come back to is ours, and an account is tied to the subject it was first used
with.
"""

import hashlib
import logging

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _t

from accounts import events
from accounts.models import AccountEvent, User
from accounts.proof import ASKED_AT
from accounts.second_factor import SHOWN

log = logging.getLogger(__name__)
# By a key pair of the provider's; not "none", and not by a secret that both sides know (RFC 8725, 3.1 and 3.2).
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})


def nonce_of(state: str) -> str:
    """The nonce that belongs to a state. The state is random, kept in the session and used once; so is its hash."""
    return hashlib.sha256(f"nonce:{state}".encode()).hexdigest()


class NonceClient(OAuth2Client):
    """Asks for a token that carries our nonce."""

    def get_redirect_url(self, authorization_url, scope, extra_params):
        return super().get_redirect_url(authorization_url, scope, extra_params | {"nonce": nonce_of(self.state)})


class CheckedAdapter(OpenIDConnectOAuth2Adapter):
    """The protocol with everything checked that a token says."""

    client_class = NonceClient

    def get_provider(self):
        found = super().get_provider()
        # The way there is built by the provider, with an adapter of its own making.
        found.oauth2_adapter_class = CheckedAdapter
        return found

    @property
    def openid_config(self):
        """What the provider says of itself, under the name it was configured by and no other (RFC 8414, 3.3)."""
        found = super().openid_config
        if str(found.get("issuer", "")).rstrip("/") != self.get_provider().app.settings["server_url"].rstrip("/"):
            raise OAuth2Error(f"the provider calls itself {found.get('issuer')!r}")
        return found

    def get_callback_url(self, request, app):
        return settings.SITE_URL + reverse("openid_connect_callback", args=[self.provider_id])

    def complete_login(self, request, app, token, **kwargs):
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no ID token")
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app, id_token):
        _signed_as_agreed(id_token)
        claims = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if claims.get("nonce") != nonce_of(self.request.GET.get("state", "")):
            raise OAuth2Error("wrong nonce")
        # Of several audiences the one it was made for is named.
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("made for somebody else")
        return claims


def _signed_as_agreed(id_token):
    """The header of a token chooses how it is checked; what it may choose from is ours."""
    try:
        header = jwt.get_unverified_header(id_token)
    except jwt.PyJWTError as error:
        raise OAuth2Error("no token") from error
    if header.get("alg") not in ALGORITHMS or not header.get("kid"):
        raise OAuth2Error(f"signed with {header.get('alg')!r}, key {header.get('kid')!r}")


class KnownAccountsAdapter(DefaultSocialAccountAdapter):
    """Nobody gets an account by single sign-on; whoever has one may come in that way."""

    def is_open_for_signup(self, request, sociallogin):
        return False

    def pre_social_login(self, request, sociallogin):
        """Finds the account, or refuses with a page that says why."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise _refused(request, _t("此处只能用于登录。"))
        claims = sociallogin.account.extra_data.get("id_token", {})
        name = claims.get(settings.OIDC_CLAIM)
        user = User.objects.filter(username=name).first() if isinstance(name, str) and name else None
        if user is None or not user.is_active or (settings.OIDC_CLAIM == "email" and not claims.get("email_verified")):
            log.warning("single sign-on: nobody here is %r", name)
            raise _refused(request, _t("本系统没有与此身份对应的账号，请联系系统管理员。"))
        if sociallogin.is_existing:
            if sociallogin.user.pk != user.pk:
                log.warning("single sign-on: the subject of %s came back as %s", sociallogin.user.pk, user.pk)
                raise _refused(request, _t("此身份已与另一个账号关联，请联系系统管理员核对。"))
        elif SocialAccount.objects.filter(user=user, provider=sociallogin.account.provider).exists():
            # The name went to another person over there.
            log.warning("single sign-on: another subject came as %s", user.pk)
            raise _refused(request, _t("您的账号已与另一个身份关联，请联系系统管理员核对。"))
        else:
            sociallogin.connect(request, user)
            events.record(user, AccountEvent.Kind.SSO_LINKED, request)
        request.sso_claims = claims

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        log.warning("single sign-on failed: %s %s", error, exception)


def vouched(claims: dict) -> bool:
    """True when the other side says by one of the agreed claims that it asked for a second factor."""
    for wanted in settings.OIDC_MFA:
        claim, _sign, value = wanted.partition(":")
        said = claims.get(claim)
        if value and (said == value or (isinstance(said, list) and value in said)):
            return True
    return False


def mark(request) -> None:
    """After signing in: a second factor shown over there counts as shown here, where the installation says so."""
    claims = getattr(request, "sso_claims", {})
    if vouched(claims):
        request.session[SHOWN] = True
    if isinstance(claims.get("auth_time"), int | float):
        request.session[ASKED_AT] = claims["auth_time"]


def _refused(request, text):
    return ImmediateHttpResponse(render(request, "accounts/sso_refused.html", {"text": text}, status=403))
