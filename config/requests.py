"""Every request has a name: in its answer, in every line that is logged because of it, and on the page of a fault."""

import logging
import time

from accounts import trail
from accounts.access import PUBLIC, rule_of
from config import metrics

log = logging.getLogger("pilotage.request")
HEADER = "X-Request-ID"
# Asked every few seconds by machines; they are counted, and not worth a line each.
QUIET = frozenset({"healthz", "readyz", "metrics"})


class RequestMiddleware:
    """The outermost layer: names the request, counts it, writes its line."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        request.id = trail.accepted(request.headers.get(HEADER, ""))
        with trail.bind(request=request.id):
            response = self.get_response(request)
            response.headers[HEADER] = request.id
            took = time.perf_counter() - began
            match = request.resolver_match
            # The route's name, never the address: addresses carry keys of feeds and codes of certificates.
            route = (match.view_name or match.route) if match else "none"
            metrics.seen(route, request.method, response.status_code, took)
            if route not in QUIET:
                log.info("request", extra={"method": request.method, "route": route, "status": response.status_code,
                                           "ms": round(took * 1000)})  # fmt: skip
        return response


class PersonMiddleware:
    """After authentication: lines say whose request it is, by key and never by name; what only they may see is not kept."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "private", False) and not response.has_header("Cache-Control"):
            # An office's machine is used by the next person; pages that may be kept say so themselves.
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def process_view(self, request, view, args, kwargs):
        # A public page that never looks at the session must not be made to.
        request.private = rule_of(view) is not PUBLIC
        if request.private:
            trail.note(user=request.user.pk)
