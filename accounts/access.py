"""Deny by default. Every page says who may open it; one that does not say is not served to anybody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied

from accounts import clock
from accounts.authority import Authority
from accounts.roles import Role


@dataclass(frozen=True)
class Rule:
    """Who may open a page. What they see in it is cut down by `visible_to` besides."""

    name: str
    roles: frozenset[Role] = frozenset()

    def admits(self, user, at: datetime) -> bool:
        """True when `user` may open the page at `at`."""
        if self.name == "public":
            return True
        if not user.is_authenticated:
            return False
        if self.name == "signed_in":
            return True
        return Authority.of(user, at).has(*self.roles)


PUBLIC = Rule("public")
SIGNED_IN = Rule("signed_in")


def public(view: Callable) -> Callable:
    """Anybody may open this page."""
    view.access = PUBLIC
    return view


def signed_in(view: Callable) -> Callable:
    """Anybody with an account may open this page."""
    view.access = SIGNED_IN
    return view


def seats(*roles: Role) -> Callable[[Callable], Callable]:
    """Only holders of one of these roles may open this page."""

    def declare(view: Callable) -> Callable:
        view.access = Rule("seats", frozenset(roles))
        return view

    return declare


# Pages of installed packages, by the module their views come from; allauth guards its own personal pages besides.
FOREIGN = {
    "allauth.account.views": PUBLIC,
    "allauth.account.decorators": PUBLIC,
    "allauth.mfa": SIGNED_IN,
    "allauth.mfa.base.views": PUBLIC,
    "allauth.socialaccount": PUBLIC,
    "django.views.i18n": PUBLIC,
    "django.views.static": PUBLIC,
    "django.contrib.staticfiles.views": PUBLIC,
}


def rule_of(view: Callable) -> Rule | None:
    """The rule of a view function, or None when nobody declared one."""
    inner = getattr(view, "view_class", view)
    for candidate in (view, inner, getattr(view, "__wrapped__", None)):
        rule = getattr(candidate, "access", None)
        if isinstance(rule, Rule):
            return rule
    module = getattr(inner, "__module__", "")
    while module:
        if module in FOREIGN:
            return FOREIGN[module]
        module = module.rpartition(".")[0]
    return None


class AccessMiddleware:
    """Asks every page's rule before the page is made."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        rule = rule_of(view)
        if rule is None:
            raise PermissionDenied(f"no access rule for {request.resolver_match.view_name or request.path}")
        if rule is PUBLIC:
            return None
        request.at = clock.now()
        if request.user.is_authenticated:
            # One reading of the grants serves the whole request.
            Authority.of(request.user, request.at)
        if rule.admits(request.user, request.at):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise PermissionDenied
