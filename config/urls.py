"""All addresses. Each page declares who may open it (`accounts.access`); one that does not is refused."""

from allauth.socialaccount import views as social
from django.conf import settings
from django.urls import include, path

from config import views
from config.signin import sign_in, sso_callback, sso_login

urlpatterns = [
    path("", include("pilots.urls")),
    path("", include("approvals.urls")),
    path("", include("notifications.urls")),
    path("", include("accounts.urls")),
    path("accounts/login/", sign_in, name="account_login"),
    # allauth's pages one by one: its list of sessions, its OpenID pages without a nonce, and the page on which
    # identities of other houses are connected are not among them.
    path("accounts/oidc/<str:provider_id>/login/", sso_login, name="openid_connect_login"),
    path("accounts/oidc/<str:provider_id>/login/callback/", sso_callback, name="openid_connect_callback"),
    path("accounts/oidc/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/oidc/error/", social.login_error, name="socialaccount_login_error"),
    # Addresses are an administrator's to type: who sits down at an open desk must not lead the letters of a forgotten
    # password to themselves, or have us write to strangers (ASVS 7.5.1).
    path("accounts/email/", views.nowhere, name="nowhere"),
    path("accounts/confirm-email/<path:key>", views.nowhere, name="nowhere"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/", include("allauth.account.urls")),
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
