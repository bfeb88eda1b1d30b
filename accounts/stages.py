"""Steps between the password and the first page."""

from allauth.mfa.stages import AuthenticateStage

from accounts.sso import vouched


class SecondFactorStage(AuthenticateStage):
    """Asks for the second factor, unless the other side of single sign-on vouches for one."""

    def _should_handle(self, request):
        return not vouched(getattr(request, "sso_claims", {})) and super()._should_handle(request)
