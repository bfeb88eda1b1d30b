import os
from contextlib import suppress
from importlib import import_module

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("pilotage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["workflows"])

# WeasyPrint with pango, the compiled path, pyHanko: some 90 MB a process. And every address, for links in messages.
_SHARED = (
    "approvals.certificates.signing.batch",
    "approvals.certificates.engine",
    "approvals.certificates.compiled.compiler",
    "config.urls",
)


@worker_init.connect
def load(**_more):
    """What certificates need, once before the worker forks: its children share it instead of loading it each.

    Where pango is missing the worker goes on without; the job that needs it says which packages are wanted.
    """
    with suppress(OSError):
        for module in _SHARED:
            import_module(module)
