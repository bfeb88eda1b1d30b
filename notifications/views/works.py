"""Background work: how far it is, since when it waits, why it failed; stop it, go on with it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import seats
from accounts.authority import Authority
from accounts.roles import Role
from notifications import jobs
from notifications.models import Job
from notifications.views import overseen
from notifications.views.overseen import STAFF
from pilots.models import Batch


class WorkForm(forms.Form):
    """Which work: its kind and its group."""

    kind = forms.CharField(max_length=40)
    group = forms.CharField(max_length=80, required=False)


def cards(authority):
    """Every unfinished work in the shape of the page, with the batch it belongs to, and the ways to stop it and go on for
    those who may; four queries."""
    found = jobs.works()
    cases = overseen.cases_of(one.group for one in found)
    return [_card(one, cases.get(one.group), authority) for one in found]


def _card(work, case, authority):
    batch = case if isinstance(case, Batch) else None
    query = urlencode({"kind": work.kind, "group": work.group})
    return {
        "may": overseen.looks_after(authority, case, Role.PROGRAMME_OFFICER),
        "label": jobs.LABELS.get(work.kind, work.kind), "of": batch.title if batch else "", "kind": work.kind, "group": work.group,
        "url": batch.get_absolute_url() if batch else "", "total": work.total, "done": work.done, "parked": work.parked,
        "stopped": work.stopped, "moving": work.moving, "oldest": work.oldest,
        "error": work.error if overseen.looks_after(authority, case, *STAFF) else "",
        "stop": f"{reverse('work_stop')}?{query}" if work.moving or work.parked else "",
        "resume": f"{reverse('work_resume')}?{query}" if work.stopped or work.parked else "",
    }  # fmt: skip


@seats(*STAFF)
@require_safe
def works(request):
    """All unfinished work; the page asks again while something moves."""
    rows = cards(Authority.of(request.user, request.at))
    counts = dict(Job.objects.exclude(state=Job.State.DONE).values_list("state").order_by().annotate(n=Count("pk")))
    context = {
        "rows": rows, "moving": any(row["moving"] for row in rows),
        "stats": [(label, counts.get(state, 0)) for state, label in Job.State.choices if state != Job.State.DONE],
    }  # fmt: skip
    return render(request, "notifications/works.html", context)


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def work_stop(request):
    """Says what stops and what does not, then stops it."""
    return _act(request, "stop")


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def work_resume(request):
    """Says what goes on, then goes on with it."""
    return _act(request, "resume")


def _act(request, what):
    form = WorkForm(request.GET)
    if not form.is_valid():
        raise Http404
    kind, group = form.cleaned_data["kind"], form.cleaned_data["group"]
    rows = cards(Authority.of(request.user, request.at))
    card = next((row for row in rows if (row["kind"], row["group"]) == (kind, group)), None)
    if card is not None and not card["may"]:
        raise PermissionDenied
    if request.method == "POST" and card is not None:
        if what == "stop":
            number = jobs.stop(kind, group, request.user)
            messages.success(request, _t("已停止 %(n)s 项；正在办理的一项会办完。") % {"n": number})
        else:
            number = jobs.resume(kind, group, request.at)
            messages.success(request, _t("%(n)s 项已继续。") % {"n": number})
        return redirect("works")
    if card is None or not card[what]:
        messages.info(request, _t("这项作业已经办完，或状态已变。"))
        return redirect("works")
    return render(request, "notifications/work_act.html", {"card": card, "what": what})
