"""Deny by default. Every page says who may open it; one that does not say is not served to anybody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import URLResolver, get_resolver, get_urlconf, reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from accounts import clock, proof, second_factor, typed, wall
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
    # Signing in with a passkey; the pages about one's own keys guard themselves.
    "allauth.mfa.webauthn.views": PUBLIC,
    "allauth.socialaccount": PUBLIC,
    "django.views.i18n": PUBLIC,
    "django.views.static": PUBLIC,
    "django.contrib.staticfiles.views": PUBLIC,
}


# Allauth's pages on which one sets up what one is known by from then on.
PROTECTING = frozenset({
    "account_set_password", "mfa_activate_totp", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes", "mfa_download_recovery_codes",
})  # fmt: skip


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


def rule_named(name: str) -> Rule | None:
    """The rule of the page of that name, or None when there is no such page here. The address book is read once."""
    return _rules(get_urlconf() or settings.ROOT_URLCONF).get(name)


@cache
def _rules(book: str) -> dict[str, Rule]:
    """{name: rule} of every page of an address book."""
    found: dict[str, Rule] = {}
    waiting = [get_resolver(book)]
    while waiting:
        for entry in waiting.pop().url_patterns:
            if isinstance(entry, URLResolver):
                waiting.append(entry)
            elif entry.name and (rule := rule_of(entry.callback)) is not None:
                found.setdefault(entry.name, rule)
    return found


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
        if request.resolver_match.url_name in PROTECTING and proof.must_come_again(request):
            return redirect(proof.prove_url(request))
        if rule is PUBLIC:
            return None
        request.at = clock.now()
        wall.answer(request.user, request.at)
        if request.user.is_authenticated:
            # One reading of the grants serves the whole request.
            Authority.of(request.user, request.at)
        if not rule.admits(request.user, request.at):
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            raise PermissionDenied
        if not _of_allauth(view) and second_factor.is_missing(request, Authority.of(request.user)):
            return redirect("mfa_index")
        return None


def _of_allauth(view) -> bool:
    """True for the pages on which a second factor is set up."""
    return getattr(getattr(view, "view_class", view), "__module__", "").startswith("allauth.")


def _to_sign_in(request):
    """To the sign-in page and back. What was typed into a session that had ended meanwhile is not lost."""
    over = getattr(request, "session_over", "")
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        # The editor keeps what it could not save, and says so.
        return JsonResponse({"error": "signed out"}, status=401)
    back = request.get_full_path()
    if request.htmx:
        back = request.htmx.current_url_abs_path or back
    elif over and request.method == "POST" and hasattr(request, "session_of") and typed.keep(request):
        back = reverse("typed_too_late")
    if request.htmx:
        return HttpResponseClientRedirect(f"{reverse('account_login')}?{urlencode({'next': back, 'over': over})}")
    answer = redirect_to_login(back)
    if over:
        answer.headers["Location"] += f"&{urlencode({'over': over})}"
    return answer
