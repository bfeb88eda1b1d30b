"""The engine room: what waits, what failed and why, when the scheduler was last heard."""

from django.db.models import Count, Min
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority
from accounts.roles import Role
from notifications import epoch, sending
from notifications.beats import ANCHOR, beats, is_alive
from notifications.channels import registry
from notifications.jobs import LABELS
from notifications.models import Deadline, Job, Message
from notifications.views import overseen
from notifications.views.overseen import STAFF
from workflows import outside

SHOWN = 50


@seats(*STAFF)
@require_safe
def ops(request):
    """Depth, oldest, failures with reason, stuck deadlines, last beat."""
    # The shell of every page asks for them too.
    request.beats = beats(request.at)
    beat, hold = request.beats.get("sweep"), request.beats.get(epoch.MARK)
    by_state = Job.objects.values("state").annotate(n=Count("pk"), oldest=Min("created_at")).order_by()
    jobs = {row["state"]: row for row in by_state}
    counted = Message.objects.exclude(channel=Message.Channel.INBOX).order_by()
    by_channel = {
        (row["channel"], row["state"]): row["n"] for row in counted.values("channel", "state").annotate(n=Count("pk"))
    }
    states = [Message.State.QUEUED, Message.State.SENDING, Message.State.SENT, Message.State.DEAD]
    authority = Authority.of(request.user, request.at)
    context = {
        "beat": beat,
        "beat_ok": is_alive(beat),
        "anchor": request.beats.get(ANCHOR),
        "anchor_ok": not outside.stale(request.beats.get(ANCHOR), request.at),
        "jobs": [(label, jobs.get(state, {}).get("n", 0)) for state, label in Job.State.choices],
        "hold": epoch.WORDS.get(hold.note) if hold else "",
        "states": [state.label for state in states],
        "channels": [
            {"channel": channel, "cells": [(state.label, by_channel.get((code, state), 0)) for state in states]}
            for code, channel in registry.every().items()
            if code == Message.Channel.EMAIL or any(code == used for used, _state in by_channel)
        ],
        "dead": sum(n for (_code, state), n in by_channel.items() if state == Message.State.DEAD),
        "may_retry": authority.has(Role.PROGRAMME_OFFICER),
        "oldest": jobs.get(Job.State.QUEUED, {}).get("oldest"),
        "failed_jobs": _failed(authority),
        # Those still being tried; the given-up have a page of their own.
        "failed_mails": overseen.messages(authority, Message.objects.outgoing())
        .exclude(error="")
        .select_related("user", "endpoint")[:SHOWN],
        "stuck": overseen.deadlines(authority, Deadline.objects.stuck())[:SHOWN],
        "today": clock.today(request.at),
    }
    return render(request, "notifications/ops.html", context)


def _failed(authority):
    """Work of the reader's programmes that failed and is tried again, with its label."""
    rows = list(Job.objects.exclude(error="").exclude(state=Job.State.DONE)[:SHOWN])
    cases = overseen.cases_of(row.group for row in rows)
    mine = [row for row in rows if overseen.looks_after(authority, cases.get(row.group), *STAFF)]
    for row in mine:
        row.label = LABELS.get(row.kind, row.kind)
    return mine


@seats(Role.PROGRAMME_OFFICER)
@require_POST
def retry(request, uuid):
    """Puts a failed job or mail back into its queue at once."""
    authority = Authority.of(request.user, request.at)
    job = Job.objects.filter(uuid=uuid).exclude(state=Job.State.DONE).first()
    if job is not None:
        case = overseen.cases_of([job.group]).get(job.group)
        if not overseen.looks_after(authority, case, Role.PROGRAMME_OFFICER):
            raise Http404
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.QUEUED, not_before=request.at, lease_until=None, attempts=0
        )
    else:
        rows = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.DEAD])
        row = get_object_or_404(overseen.messages(authority, rows), uuid=uuid)
        sending.again(Message.objects.filter(pk=row.pk), request.at)
        if row.state == Message.State.DEAD:
            return redirect("dead")
    return redirect("ops")
