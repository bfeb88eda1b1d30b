"""Pages about the installation itself: health, source, the component gallery."""

import sys
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import machine, trail
from accounts.access import public
from config import metrics
from notifications import epoch
from notifications.beats import beats, is_alive
from templates import gallery as samples


@public
@require_safe
def healthz(request):
    """200 while the database answers, the scheduler has been heard within ten minutes, and this machine's clock is right; else 503.

    Messages that are held after a restore are told, but are no reason to take the installation out of service.
    """
    found, ahead = beats(timezone.now()), machine.skew()
    beat, right = found.get("sweep"), not machine.fault(ahead)
    alive = is_alive(beat)
    body = {"database": True, "scheduler": alive, "last_beat": beat.at.isoformat() if beat else None,
            "clock": right, "clock_ahead_seconds": round(ahead.total_seconds(), 3),
            "outgoing": "held" if epoch.MARK in found else "open"}  # fmt: skip
    return JsonResponse(body, status=200 if alive and right else 503)


@public
@require_safe
def readyz(request):
    """200 when the schema is complete: a load balancer may send people here."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return JsonResponse({"migrations_waiting": len(waiting)}, status=503 if waiting else 200)


@public
@require_safe
def prometheus(request):
    """Metrics in Prometheus' text format, for neighbours and bearers of the token; for everybody else there is no such page."""
    if not metrics.allowed(request):
        raise Http404
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


@public
def nowhere(_request, **_key):
    """A page of a package that is none of ours."""
    raise Http404


@public
def server_error(request):
    """The page of a fault of ours: nothing of the fault, but its name, by which the log can be searched.

    503 where the database is gone or asks to be tried again: that mends itself, and nothing of the request was saved
    (trust.md F3).
    """
    context = {"request_id": trail.here().get("request", "")}
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponseServerError(render_to_string("500.html", context))
    answer = HttpResponse(render_to_string("503.html", context), status=503)
    answer.headers["Retry-After"] = "30"
    return answer


@public
@require_safe
def source(request):
    """Where the source of this very installation is (AGPL section 13)."""
    return render(request, "config/source.html", {"licence": Path(settings.BASE_DIR / "LICENSE").name})


@public
@require_safe
def licence(request):
    """The licence in full."""
    return HttpResponse(
        Path(settings.BASE_DIR / "LICENSE").read_text(encoding="utf-8"), content_type="text/plain; charset=utf-8"
    )


@public
@require_safe
def gallery(request):
    """Every component of the kit with sample data; only where nothing counts."""
    if not settings.DEMO:
        raise Http404
    return render(request, "gallery.html", samples.sample_context())
