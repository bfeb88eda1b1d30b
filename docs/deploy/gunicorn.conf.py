"""How the web processes run: `gunicorn --config docs/deploy/gunicorn.conf.py config.wsgi:application`."""

import os
from pathlib import Path

# Under systemd the socket is handed over and this is not used.
bind = os.environ.get("PILOTAGE_BIND", "127.0.0.1:8000")
workers, threads = 3, 4
timeout, graceful_timeout, keepalive = 60, 30, 5
# A leak of a library is somebody else's problem after so many requests.
max_requests, max_requests_jitter = 5000, 500
# A request's line and headers, before anything of ours looks at them.
limit_request_line, limit_request_fields, limit_request_field_size = 4094, 60, 8190
# Only the proxy may say who asked.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
# Our own lines say more, and no addresses with keys in them.
accesslog, errorlog = None, "-"

_COUNTERS = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


def on_starting(server):
    """Counters of processes that are gone would be added to for ever."""
    if _COUNTERS:
        Path(_COUNTERS).mkdir(parents=True, exist_ok=True)
        for file in Path(_COUNTERS).glob("*.db"):
            file.unlink()


def child_exit(server, worker):
    """A process that ended has no gauges any more; what it counted stays."""
    if _COUNTERS:
        from prometheus_client import multiprocess  # noqa: PLC0415 - only where counters are shared

        multiprocess.mark_process_dead(worker.pid)
