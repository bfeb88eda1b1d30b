"""The sign-in page: allauth's, with role cards where the installation is a demonstration, and single sign-on."""

from allauth.account.views import LoginView
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from requests import RequestException

from accounts.access import public
from accounts.sessions import ENDED, IDLE, TOO_LONG
from accounts.sso import CheckedAdapter

OVER = {
    IDLE: _("您有一段时间没有操作，登录已自动结束。请重新登录，之后回到刚才的页面。"),
    TOO_LONG: _("登录已满最长时间，自动结束。请重新登录，之后回到刚才的页面。"),
    ENDED: _("此次登录已被结束。请重新登录。"),
}


class SignIn(LoginView):
    """Adds why one is asked again, the button of single sign-on, and `demo_cards` in demo mode, and only there."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["over"] = OVER.get(self.request.GET.get("over", ""), "")
        context["sso"] = _single_sign_on(context.get("redirect_field_value"))
        if settings.DEMO:
            from config.demo.story import cards  # noqa: PLC0415 - production never loads the demonstration

            context["demo_cards"] = cards()
        return context


def _single_sign_on(back):
    """`name` and `url` of single sign-on, or None where there is none."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    if not apps:
        return None
    url = reverse("openid_connect_login", args=[apps[0]["provider_id"]])
    return {"name": apps[0]["name"], "url": f"{url}?{urlencode({'next': back})}" if back else url}


sign_in = public(SignIn.as_view())


def _through(view):
    def page(request, provider_id):
        adapter = CheckedAdapter(request, provider_id)
        try:
            return view.adapter_view(adapter)(request)
        except SocialApp.DoesNotExist:
            raise Http404 from None
        except (OAuth2Error, RequestException) as error:
            # Before anybody is sent there: the other house is away, or is not who it should be.
            return render_authentication_error(request, adapter.get_provider(), exception=error)

    return public(page)


sso_login = _through(OAuth2LoginView)
sso_callback = _through(OAuth2CallbackView)
