"""The engine room: what waits, what failed and why, when the scheduler was last heard."""

from datetime import timedelta

from django.db.models import Count, Min
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.access import seats
from accounts.roles import Role
from notifications.models import Deadline, Heartbeat, Job, Message

STAFF = (Role.PROGRAMME_OFFICER, Role.AUDITOR, Role.DIVISION_HEAD)
SHOWN = 50


@seats(*STAFF)
@require_safe
def ops(request):
    """Depth, oldest, failures with reason, stuck deadlines, last beat."""
    # The shell of every page asks for it too.
    beat = request.beat = Heartbeat.objects.filter(name="sweep").first()
    by_state = Job.objects.values("state").annotate(n=Count("pk"), oldest=Min("created_at")).order_by()
    jobs = {row["state"]: row for row in by_state}
    mails = dict(
        Message.objects.filter(channel=Message.Channel.EMAIL).values_list("state").annotate(n=Count("pk")).order_by()
    )
    context = {
        "beat": beat,
        "beat_ok": beat is not None and timezone.now() - beat.at < timedelta(minutes=10),
        "jobs": [(label, jobs.get(state, {}).get("n", 0)) for state, label in Job.State.choices],
        "mails": [(label, mails.get(state, 0)) for state, label in Message.State.choices],
        "oldest": jobs.get(Job.State.QUEUED, {}).get("oldest"),
        "failed_jobs": Job.objects.exclude(error="").exclude(state=Job.State.DONE)[:SHOWN],
        "failed_mails": Message.objects.exclude(error="")
        .exclude(state=Message.State.SENT)
        .select_related("user")[:SHOWN],
        "stuck": Deadline.objects.stuck()[:SHOWN],
        "today": clock.today(request.at),
    }
    return render(request, "notifications/ops.html", context)


@seats(Role.PROGRAMME_OFFICER)
@require_POST
def retry(request, uuid):
    """Puts a failed job or mail back into its queue at once."""
    job = Job.objects.filter(uuid=uuid).exclude(state=Job.State.DONE).first()
    if job is not None:
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.QUEUED, not_before=request.at, lease_until=None, attempts=0
        )
    else:
        row = get_object_or_404(Message.objects.exclude(state=Message.State.SENT), uuid=uuid)
        Message.objects.filter(pk=row.pk).update(state=Message.State.QUEUED, not_before=request.at, lease_until=None)
    return redirect("ops")
