"""Batches: the list of them, the page of one, preparing a call, the province's desk."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import seats, signed_in
from accounts.authority import Authority
from accounts.roles import ORGANISERS, Role
from approvals import preflight, reassigning
from approvals.acts.seal_use import ASKERS
from approvals.listing import against_the_last, outstanding, parties
from approvals.models.seal_use import SEAL_READERS
from approvals.views.draws import draw_job, draws_of, refused_of
from approvals.views.lists import INSIDE, lines_of
from approvals.views.lists import inside as watches
from approvals.views.progress import progress_of
from notifications.models import Deadline
from pilots.models import ApplicationState, Batch, BatchState, Programme
from pilots.models.application import SETTLED
from pilots.views import flowchart
from pilots.views.look import round_words
from pilots.views.offers import told
from pilots.views.viewer import is_inside
from workflows.offers import log, panel

PAGE = 20
# A national batch of thirty fits on its page; the rest is on the page of the list.
LINES = 30
STATE_TONES = {
    BatchState.DRAFT: "neutral", BatchState.OPEN: "ok", BatchState.REVIEWING: "warn", BatchState.ISSUED: "ok",
    BatchState.CANCELLED: "neutral",
}  # fmt: skip


# What a batch that takes applications without a call is doing meanwhile.
OPEN_WORDS = {"rolling": _("常年受理中"), "commissioned": _("受邀单位填报中")}


class BatchFilter(forms.Form):
    q = forms.CharField(label=_("关键词"), required=False, max_length=60)
    programme = forms.ModelChoiceField(
        label=_("项目"),
        queryset=Programme.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("全部项目"),
    )
    state = forms.ChoiceField(label=_("阶段"), required=False, choices=[("", _("全部阶段")), *BatchState.choices])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = Programme.objects.filter(active=True)


@signed_in
@require_safe
def batches(request):
    """All batches this person may see, newest first."""
    rows = Batch.objects.visible_to(request.user).select_related("programme", "rules_version")
    form = BatchFilter(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    if chosen.get("q"):
        rows = rows.filter(Q(title__icontains=chosen["q"]) | Q(number__icontains=chosen["q"]))
    if chosen.get("programme"):
        rows = rows.filter(programme=chosen["programme"])
    if chosen.get("state"):
        rows = rows.filter(state=chosen["state"])
    rows = rows.annotate(total=Count("applications", filter=~Q(applications__state=ApplicationState.DRAFT)))
    page = Paginator(rows.order_by("-opens_on", "-pk"), PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.tone, row.word = STATE_TONES.get(row.state, "info"), _word(row)
    context = {
        "page": page,
        "form": form,
        "ignored": bool(form.errors),
        "may_open": Authority.of(request.user).has(Role.PROGRAMME_OFFICER),
        "today": clock.today(request.at),
    }
    return render(request, "approvals/batches.html", context)


@signed_in
@require_safe
def batch(request, uuid):
    """One batch: where it is, its list, its signatures, its document, its certificates."""
    row = get_object_or_404(
        Batch.objects.visible_to(request.user)
        .select_related("programme", "rules_version", "signed_by")
        .annotate(to_seal=preflight.number_waiting("pk")),
        uuid=uuid,
    )
    authority = Authority.of(request.user, request.at)
    inside = watches(row, authority)
    counts = dict(
        row.applications.exclude(state=ApplicationState.DRAFT).values_list("state").annotate(n=Count("pk")).order_by()
    )
    items, drawn = lines_of(row) if inside else ([], False)
    draws = draws_of(row) if inside else []
    context = {
        "batch": row,
        "inside": inside,
        "tone": STATE_TONES.get(row.state, "info"),
        "word": _word(row),
        "round": round_words(row.rules, row.round) if row.state not in (BatchState.DRAFT, BatchState.OPEN) else "",
        "invitations": row.invitations.select_related("organisation__place", "by")
        if inside and row.intake == "commissioned"
        else [],
        "chart": flowchart.addresses(row),
        "deadline": Deadline.objects.of(row).open().order_by("due_at").first(),
        "today": clock.today(request.at),
        "steps": _steps(row),
        "offers": told(panel(row, request.user, request.at), is_inside(row, authority)),
        "log": log(row, 12) if inside else [],
        "counts": [(label, counts[state]) for state, label in ApplicationState.choices if counts.get(state)],
        "total": sum(counts.values()),
        "settled": sum(n for state, n in counts.items() if state in SETTLED),
        "items": items[:LINES],
        "lines": len(items),
        "proposed": sum(item.proposed for item in items),
        "drawn": drawn,
        "changed": against_the_last(row, items) if drawn else [],
        "may_edit": row.state == BatchState.LISTED
        and authority.seat((Role.PROGRAMME_OFFICER,), row.scope()) is not None,
        "signoffs": row.signoffs.select_related("by", "on_behalf_of") if inside and row.list_version else [],
        "outstanding": outstanding(row) if inside and row.state == BatchState.COUNTERSIGN else [],
        "documents": _documents(row) if row.document_number else [],
        "jobs": progress_of(row) if inside and row.signed_at else [],
        "to_seal": row.to_seal if authority.has(*SEAL_READERS) else 0,
        "may_seal": authority.seat(ASKERS, row.scope()) is not None,
        "draws": draws,
        "left": reassigning.waiting(row, request.at)
        if row.state in (BatchState.OPEN, BatchState.REVIEWING) and authority.seat(ORGANISERS, row.scope())
        else 0,
        "draw_job": draw_job(row, draws),
        "reopenings": row.reopenings.select_related("place", "by") if row.state != BatchState.DRAFT else [],
        "may_quota": Authority.of(request.user).has(Role.PROGRAMME_OFFICER)
        and row.state in (BatchState.DRAFT, BatchState.OPEN)
        and row.rules.quota.kind in ("absolute", "share"),
        "refused": refused_of(row) if any(one.refused for one in draws) else [],
    }
    return render(request, "approvals/batch.html", context)


def _word(row):
    """The state of a batch, in the words of its intake."""
    return (
        OPEN_WORDS.get(row.intake, row.get_state_display()) if row.state == BatchState.OPEN else row.get_state_display()
    )


def _documents(row):
    return row.documents.select_related("replaced_by", "corrects").prefetch_related("corrections")


def _steps(row):
    rules = row.rules
    road = [BatchState.DRAFT, BatchState.OPEN, BatchState.REVIEWING, BatchState.LISTED]
    if parties(row):
        road.append(BatchState.COUNTERSIGN)
    road.append(BatchState.LEADER)
    if rules.notice:
        road += [BatchState.TO_PUBLISH, BatchState.NOTICE]
    road += [BatchState.DOCUMENT, BatchState.ISSUED]
    here = road.index(row.state) if row.state in road else -1
    over = row.state == BatchState.ISSUED
    return [
        {
            "label": OPEN_WORDS.get(row.intake, BatchState(state).label)
            if state == BatchState.OPEN
            else BatchState(state).label,
            "state": "done" if index < here or over else "now" if index == here else "todo",
            "note": "",
        }
        for index, state in enumerate(road)
    ]


@seats(*INSIDE)
@require_safe
def batch_progress(request, uuid):
    """The progress card alone; 286 tells the page to stop asking."""
    row = get_object_or_404(Batch.objects.visible_to(request.user).select_related("programme"), uuid=uuid)
    if not watches(row, Authority.of(request.user, request.at)):
        raise Http404
    kind = request.GET.get("kind", "approve")
    job = next((found for found in progress_of(row) if found["kind"] == kind), None)
    running = job is not None and job["state"] == "running"
    return render(request, "ui/progress.html", {"job": job}, status=200 if running else 286)
