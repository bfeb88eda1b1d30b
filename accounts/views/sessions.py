"""Where I am signed in, what happened to my account, and what I typed when I was not signed in any more."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import events, proof, sessions, typed
from accounts.access import signed_in
from accounts.digits import whole
from accounts.models import AccountEvent
from accounts.second_factor import has_factor


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def my_sessions(request):
    """My sessions; ends one of them, or all others."""
    current = request.session.session_key
    if request.method == "POST":
        if not proof.recently_proven(request):
            # Whoever sits down at an open desk must not shut its owner out elsewhere (ASVS 7.5.2).
            return redirect(proof.prove_url(request))
        number = _end(request, current)
        if number:
            events.record(request.user, AccountEvent.Kind.SESSION_ENDED, request)
            messages.success(request, _("已结束 %(n)s 个登录会话。") % {"n": number})
        else:
            messages.info(request, _("没有可以结束的会话：它可能已经结束。"))
        return redirect("usersessions_list")
    rows = [
        {"row": row, "device": sessions.device_words(row.user_agent), "current": row.session_key == current}
        for row in sessions.sessions_of(request.user)
    ]
    context = {
        "rows": rows,
        "others": any(not row["current"] for row in rows),
        "events": events.latest(request.user),
        "factor": has_factor(request.user),
        "prove_url": "" if proof.recently_proven(request) else proof.prove_url(request),
    }
    return render(request, "accounts/sessions.html", context)


def _end(request, current):
    if request.POST.get("do") == "others":
        return sessions.end(request.user, keep=current)
    pk = whole(request.POST.get("session", ""))
    return 0 if pk is None else sessions.end(request.user, pk=pk, keep=current)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def typed_too_late(request):
    """What was sent after the session had ended, to be sent again or thrown away."""
    kept = typed.take(request)
    if request.method == "POST":
        typed.forget(request)
        messages.info(request, _("已放弃未提交的内容。"))
        return redirect("desk")
    if kept is None:
        return redirect("desk")
    texts = [value for name, values in kept["fields"] for value in values if value.strip() and name != "version"]
    return render(request, "accounts/typed.html", {"kept": kept, "texts": texts})
