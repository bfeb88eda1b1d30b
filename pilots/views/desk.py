"""The work desk: what waits for me, and how my part of the programme is doing."""

import logging

from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.roles import HOUSE, REACH, Reach, Role
from pilots.acts.application import APPLICANT
from pilots.views import todo, widgets
from pilots.views.look import greeting, url_or_none
from pilots.views.work import Work

log = logging.getLogger(__name__)

SHOWN = 6


def face_of(authority):
    """Which desk a person gets: "national", "local", "applicant", "expert", "house", or "" without any seat."""
    roles = authority.roles
    if roles & HOUSE:
        return "house"
    if any(REACH[role] is Reach.PROGRAMME for role in roles):
        return "national"
    if any(REACH[role] is Reach.PLACE for role in roles):
        return "local"
    if roles.intersection(APPLICANT):
        return "applicant"
    return "expert" if Role.EXPERT in roles else ""


# What stands on each desk: (wide column, side column), by name of the widget.
DESKS = {
    "national": (("nobody", "funnel", "terms", "tile_map"), ("ranking",)),
    "local": (("nobody", "incoming", "terms"), ("quotas",)),
    "applicant": (("nobody", "own_applications", "own_sites"), ("calls",)),
    "expert": (("reviews",), ()),
    "house": (("nobody", "grant_requests"), ("new_accounts",)),
    "": ((), ("calls",)),
}


def drawn(name, work):
    """One widget as HTML. One that fails becomes a card that says so; the page stays."""
    try:
        context = getattr(widgets, name)(work)
        return mark_safe(render_to_string(f"pilots/desk/{name}.html", context)) if context else ""
    except Exception:
        log.exception("desk widget %s failed", name)
        return mark_safe(render_to_string("pilots/desk/_failed.html"))


@signed_in
@require_safe
def desk(request):
    """The first page after signing in."""
    authority = Authority.of(request.user, request.at)
    face = face_of(authority)
    main, side = DESKS[face]
    tasks, counts = _tasks(request, authority)
    work = Work(authority, request.at, face, counts["nobody"] if counts else None)
    moment = request.at.astimezone(clock.SHANGHAI)
    return render(
        request,
        "pilots/desk.html",
        {
            "greeting": _("%(greeting)s，%(name)s") % {"greeting": greeting(moment), "name": request.user},
            "day": date_format(moment, _("Y年n月j日 l")),
            "week": counts
            and ngettext("本周有 %(n)d 个期限到期", "本周有 %(n)d 个期限到期", counts["week"]) % {"n": counts["week"]},
            "counts": counts,
            "stats": drawn("stats", work),
            "tasks": tasks,
            # Those who watch a whole programme read its picture first; everybody else starts with their work.
            "tasks_aside": face == "national",
            "main": [drawn(name, work) for name in main],
            "side": [drawn(name, work) for name in side],
            "today": clock.today(request.at),
            "may_call": authority.has(Role.PROGRAMME_OFFICER) and url_or_none("batch_new"),
        },
    )


def _tasks(request, authority):
    """(the first to-dos, their counts), or (None, None) when the widget fails."""
    try:
        counts = todo.counts(authority, request.at)
        request.todo_count = counts["all"]
        return todo.as_rows(todo.todo(authority)[:SHOWN]), counts
    except Exception:
        log.exception("desk to-dos failed")
        return None, None
