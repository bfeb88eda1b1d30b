"""What Prometheus asks for. Counters live in the processes; the rest is read when asked, at a cost that does not grow with history.

Several web processes share counters through files when PROMETHEUS_MULTIPROC_DIR is set (docs/deploy/gunicorn.conf.py).
"""

import hmac
import ipaddress
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from accounts import machine
from notifications.beats import ANCHOR
from notifications.models import Heartbeat, Job, Message

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_own = CollectorRegistry(auto_describe=True)
REQUESTS = Counter(
    "pilotage_requests", "Answers, by route, method and status.", ["route", "method", "status"], registry=_own
)
LATENCY = Histogram(
    "pilotage_request_seconds", "How long an answer took.", ["route"], registry=_own,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Through a proxy everybody comes from its address: a request with one of these is nobody's neighbour.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def seen(route: str, method: str, status: int, seconds: float) -> None:
    """Counts an answer. Routes are names out of the code, and methods are known ones: strangers cannot add series."""
    REQUESTS.labels(route, method if method in _METHODS else "other", str(status)).inc()
    LATENCY.labels(route).observe(seconds)


def allowed(request) -> bool:
    """Who may read: a neighbour on this machine or in an allowed network, or whoever bears the token."""
    token = _token()
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    if any(request.META.get(name) for name in _FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback or any(
        address in ipaddress.ip_network(net, strict=False) for net in settings.METRICS_ALLOW
    )


def _token() -> str:
    file = Path(settings.METRICS_TOKEN_FILE) if settings.METRICS_TOKEN_FILE else None
    return file.read_text(encoding="ascii").strip() if file and file.is_file() else ""


def text() -> bytes:
    """Everything, in the text format. Three statements."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)
        counted = generate_latest(registry)
    else:
        counted = generate_latest(_own)
    standing = CollectorRegistry()
    standing.register(_Standing())
    return counted + generate_latest(standing)


class _Standing:
    """How the installation stands at this moment."""

    def describe(self):
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        asked = now = timezone.now()
        began = time.perf_counter()
        rows = list(Heartbeat.objects.values_list("name", "at", Now()))
        beats = {name: at for name, at, _there in rows}
        if beats:
            # Ages are told by the clock that wrote the rows.
            now = rows[0][2]
            # SQLite's clock is this machine's, cut to milliseconds.
            apart = machine.apart(asked, now, timezone.now())
            ahead = apart if connection.vendor == "postgresql" else machine.NONE
            yield _one(
                "pilotage_clock_ahead_seconds",
                "How far this machine's clock is ahead of the database's.",
                ahead.total_seconds(),
            )
        yield _one(
            "pilotage_database_seconds",
            "How long the database took for one small question.",
            time.perf_counter() - began,
        )
        for name, beat, words in (
            ("pilotage_sweep_age_seconds", "sweep", "Since the scheduler was last heard; absent: never."),
            (
                "pilotage_ledger_anchor_age_seconds",
                ANCHOR,
                "Since the ledger was last anchored outside; absent: never.",
            ),
        ):
            if beat in beats:
                yield _one(name, words, (now - beats[beat]).total_seconds())
        yield _one(
            "pilotage_outgoing_held", "1 while outgoing messages are held after a restore.", float("outgoing" in beats)
        )
        yield _one("pilotage_database_vendor_postgresql", "1 on PostgreSQL.", float(connection.vendor == "postgresql"))
        yield from self._queue(
            "pilotage_jobs", "Background jobs", Job, [Job.State.QUEUED, Job.State.RUNNING, Job.State.PARKED], now
        )
        yield from self._queue(
            "pilotage_outbox",
            "Messages",
            Message,
            [Message.State.QUEUED, Message.State.SENDING, Message.State.DEAD],
            now,
        )

    def _queue(self, name, words, model, states, now):
        """Depth and age by state: what is finished, which is nearly everything, is never read (index on state)."""
        rows = (
            model.objects.filter(state__in=states)
            .order_by()
            .values_list("state")
            .annotate(Count("pk"), Min("not_before"))
        )
        found = {state: (number, oldest) for state, number, oldest in rows}
        depth = GaugeMetricFamily(name, f"{words} by state.", labels=["state"])
        age = GaugeMetricFamily(
            f"{name}_oldest_seconds", f"{words}: how long the longest waiting one is due.", labels=["state"]
        )
        for state in states:
            number, oldest = found.get(state, (0, None))
            depth.add_metric([str(state)], number)
            age.add_metric([str(state)], max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
        yield depth
        yield age


def _one(name, words, value):
    family = GaugeMetricFamily(name, words)
    family.add_metric([], value)
    return family
