"""A button that begins something may be pressed twice, or sent again by a proxy: one thing begins, both get its answer.

Acts on a case are guarded by its version; what is only about to exist has none. So the page puts a one-time key into its
form (`{% once %}`), and the first press writes itself down in the same transaction as what it begins; a second one waits
for it and is led to the same place (trust.md R3).
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.http import HttpResponseRedirect

from workflows.models import Press
from workflows.retry import retried

FIELD = "once"
# How long a second press waits for the first one; a browser waits longer.
WAIT = "25s"
# A second press arrives in seconds. Who comes back to the page later and sends the same again means it.
COUNTS = timedelta(minutes=10)
_KEPT = timedelta(days=1)


def once(view: Callable[..., Any] | None = None, *, press: str = "") -> Any:
    """The view of a form that begins something. A form without the key, or sent by a passer-by, is as before.

    `press` names the field of the button that begins, where others on the page only show: those need no guard, and hold no
    transaction while something large is looked at.
    """
    if view is None:
        return partial(once, press=press)

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        begins = request.method == "POST" and (not press or request.POST.get(press))
        if not begins or not request.user.is_authenticated or not _is_key(request.POST.get(FIELD, "")):
            return view(request, *args, **kwargs)
        printed = _print(request)
        return retried(lambda: _first(request, printed, lambda: view(request, *args, **kwargs)), request.FILES)

    return guarded


def _first(request: Any, printed: str, answer: Callable[[], Any]) -> Any:
    with transaction.atomic():
        Press.objects.filter(user=request.user, print=printed, at__lte=request.at - COUNTS).delete()
        try:
            with transaction.atomic(), _patience():
                # Where the first press is not done yet the database lets this one wait here.
                press = Press.objects.create(user=request.user, print=printed, at=request.at)
        except IntegrityError:
            known = Press.objects.get(user=request.user, print=printed)
            return HttpResponseRedirect(known.answer)
        given = answer()
        if given.status_code == HttpResponseRedirect.status_code:
            Press.objects.filter(pk=press.pk).update(answer=given.url)
        else:
            # Nothing began: what was wrong is mended and sent again.
            press.delete()
        return given


@contextmanager
def _patience() -> Iterator[None]:
    """PostgreSQL's locks are waited for three seconds; what a first press begins may take longer, and 503 would be wrong."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [WAIT])
        before = cursor.fetchone()[0]
        yield
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _print(request: Any) -> str:
    """What was sent, to which page: another word in it is another press, also from a page that was gone back to."""
    said = [("", request.get_full_path())]
    said += sorted((name, value) for name, values in request.POST.lists() for value in values)
    said += sorted((name, f"{file.name} {_content(file)}") for name, files in request.FILES.lists() for file in files)
    return hashlib.sha256(repr([one for one in said if one[0] != "csrfmiddlewaretoken"]).encode()).hexdigest()


def _content(file: Any) -> str:
    """SHA-256 of a file that was sent, which is then read from its beginning again."""
    found = hashlib.sha256()
    for part in file.chunks():
        found.update(part)
    file.seek(0)
    return found.hexdigest()


def forget(at: datetime) -> int:
    """Deletes what no second press can mean any more; returns how many."""
    return Press.objects.filter(at__lt=at - _KEPT).delete()[0]
