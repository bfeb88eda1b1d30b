"""All addresses. Each page declares who may open it (`accounts.access`); one that does not is refused."""

from django.conf import settings
from django.urls import include, path

from config import views
from config.signin import sign_in

urlpatterns = [
    path("", include("pilots.urls")),
    path("", include("approvals.urls")),
    path("", include("notifications.urls")),
    path("", include("accounts.urls")),
    path("accounts/login/", sign_in, name="account_login"),
    path("accounts/", include("allauth.urls")),
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
