"""All addresses. Each page declares who may open it (`accounts.access`); one that does not is refused."""

from allauth.account import views as account
from allauth.socialaccount import views as social
from django.conf import settings
from django.urls import include, path, re_path

from config import views
from config.signin import sign_in, sso_callback, sso_login

urlpatterns = [
    path("", include("pilots.urls")),
    path("", include("approvals.urls")),
    path("", include("notifications.urls")),
    path("", include("accounts.urls")),
    path("accounts/login/", sign_in, name="account_login"),
    # allauth's pages one by one: its list of sessions, its OpenID pages without a nonce, the page on which identities of
    # other houses are connected, and those on which anybody at the desk gives the account another address are not among
    # them. The address on file is an administrator's to write down: new passwords are sent there.
    path("accounts/oidc/<str:provider_id>/login/", sso_login, name="openid_connect_login"),
    path("accounts/oidc/<str:provider_id>/login/callback/", sso_callback, name="openid_connect_callback"),
    path("accounts/oidc/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/oidc/error/", social.login_error, name="socialaccount_login_error"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.prometheus, name="metrics"),
    path("source/", views.source, name="source"),
    path("source/licence/", views.licence, name="licence"),
    path("ui/", views.gallery, name="gallery"),
]

handler500 = "config.views.server_error"

if settings.DEMO:
    urlpatterns.append(path("demo/", include("config.demo.urls")))
