"""Chinese first. English is chosen with the switch (a cookie) or in one's profile, never guessed from the browser:
office machines often carry a browser whose language nobody ever set."""

from django.conf import settings
from django.utils import translation


class LanguageMiddleware:
    """Activates the chosen language; runs after authentication."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        translation.activate(_chosen(request))
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


def _chosen(request):
    known = dict(settings.LANGUAGES)
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if cookie in known:
        return cookie
    own = getattr(request.user, "language", "")
    return own if own in known else settings.LANGUAGE_CODE
