"""The sign-in page: allauth's, with role cards where the installation is a demonstration."""

from allauth.account.views import LoginView
from django.conf import settings

from accounts.access import public


class SignIn(LoginView):
    """Adds `demo_cards` in demo mode, and only there."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            from config.demo.story import cards  # noqa: PLC0415 - production never loads the demonstration

            context["demo_cards"] = cards()
        return context


sign_in = public(SignIn.as_view())
