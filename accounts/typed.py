"""What somebody typed and sent after their session had ended: kept until they are back, then shown to be sent again."""

from django.http import QueryDict

KEY = "typed_too_late"
# Longer texts are drafts, and drafts are saved while they are typed.
LONGEST = 200_000
# Secrets, and what belongs to the sending rather than to the text.
LEFT_OUT = ("csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2", "code", "credential")


def keep(request) -> bool:
    """Keeps the fields of a POST in the new, anonymous session, for the person it was. False: nothing to keep."""
    fields = [(name, values) for name, values in request.POST.lists() if name not in LEFT_OUT]
    size = sum(len(name) + sum(map(len, values)) for name, values in fields)
    if not fields or size > LONGEST:
        return False
    request.session[KEY] = {
        "of": request.session_of,
        "path": request.get_full_path(),
        "fields": fields,
        "files": sorted(request.FILES),
    }
    return True


def take(request):
    """What was kept for the person of `request`, without forgetting it; None when there is nothing of theirs.

    Somebody else at the same desk does not see it: it is thrown away.
    """
    kept = request.session.get(KEY)
    if kept is None:
        return None
    if kept["of"] != request.user.pk:
        forget(request)
        return None
    return kept


def forget(request) -> None:
    """Throws away what was kept."""
    request.session.pop(KEY, None)


def as_post(kept) -> QueryDict:
    """The kept fields as they were sent."""
    found = QueryDict(mutable=True)
    for name, values in kept["fields"]:
        found.setlist(name, values)
    return found
