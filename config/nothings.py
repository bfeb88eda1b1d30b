"""Invisible zero characters (U+0000), which no database of text takes, are left out of whatever a request says."""

from django.core.exceptions import BadRequest
from django.http import HttpResponseBadRequest, QueryDict, UnreadablePostError

NOTHING = "\x00"


class NothingMiddleware:
    """After the check against forgery, which has read the form. Nothing visible is lost: nobody can type the character."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if NOTHING in request.path_info:
            raise BadRequest("a zero character in the address")
        request.GET = without(request.GET)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST":
            return None
        try:
            request.POST = without(request.POST)
        except UnreadablePostError:
            # Whoever hung up reads no answer.
            return HttpResponseBadRequest()
        return None


def without(said: QueryDict) -> QueryDict:
    """The same form or query without zero characters; itself where there are none."""
    if not any(NOTHING in name or any(NOTHING in value for value in values) for name, values in said.lists()):
        return said
    clean = QueryDict(mutable=True, encoding=said.encoding)
    for name, values in said.lists():
        clean.setlist(name.replace(NOTHING, ""), [value.replace(NOTHING, "") for value in values])
    clean._mutable = False
    return clean
