"""Batches: the list of them, the page of one, preparing a call, the province's desk."""

from datetime import datetime

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import seats, signed_in
from accounts.authority import Authority
from accounts.roles import Role
from approvals.listing import against_the_last, outstanding, parties
from approvals.views.draws import draw_job, draws_of, refused_of
from approvals.views.lists import INSIDE, lines_of
from approvals.views.lists import inside as watches
from approvals.views.progress import progress_of
from notifications.models import Deadline
from pilots.models import ApplicationState, Batch, BatchState, Programme
from pilots.models.application import SETTLED
from workflows.beginnings import begin_batch
from workflows.offers import log, panel
from workflows.refusals import NotNow

PAGE = 20
# A national batch of thirty fits on its page; the rest is on the page of the list.
LINES = 30
STATE_TONES = {
    BatchState.DRAFT: "neutral", BatchState.OPEN: "ok", BatchState.REVIEWING: "warn", BatchState.ISSUED: "ok",
    BatchState.CANCELLED: "neutral",
}  # fmt: skip


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
        row.tone = STATE_TONES.get(row.state, "info")
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
        Batch.objects.visible_to(request.user).select_related("programme", "rules_version", "signed_by"), uuid=uuid
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
        "deadline": Deadline.objects.of(row).open().order_by("due_at").first(),
        "today": clock.today(request.at),
        "steps": _steps(row),
        "offers": panel(row, request.user, request.at),
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
        "draws": draws,
        "draw_job": draw_job(row, draws),
        "reopenings": row.reopenings.select_related("place", "by") if row.state != BatchState.DRAFT else [],
        "may_quota": Authority.of(request.user).has(Role.PROGRAMME_OFFICER)
        and row.state in (BatchState.DRAFT, BatchState.OPEN)
        and row.rules.quota.kind in ("absolute", "share"),
        "refused": refused_of(row) if any(one.refused for one in draws) else [],
    }
    return render(request, "approvals/batch.html", context)


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
            "label": BatchState(state).label,
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
    kind = request.GET.get("kind", "certificate")
    job = next((found for found in progress_of(row) if found["kind"] == kind), None)
    running = job is not None and job["state"] == "running"
    return render(request, "ui/progress.html", {"job": job}, status=200 if running else 286)


class CallForm(forms.Form):
    """What a new batch needs before its call can go out."""

    programme = forms.ModelChoiceField(label=_("项目"), queryset=Programme.objects.none(), to_field_name="code")
    title = forms.CharField(
        label=_("批次名称"), max_length=120, help_text=_("如：2026年国家知识产权服务业集聚发展试验区申报。")
    )
    call_number = forms.CharField(label=_("通知文号"), max_length=40, required=False)
    opens_on = forms.DateField(label=_("申报开始"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    closes_on = forms.DateField(
        label=_("申报截止日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("截止当日 17:00 关闭。"),
    )  # fmt: skip
    places = forms.IntegerField(
        label=_("本批名额"), min_value=1, max_value=9999, required=False, help_text=_("不填按规则的名额上限。")
    )
    call_text = forms.CharField(label=_("通知正文"), max_length=5000, widget=forms.Textarea(attrs={"rows": 10}))

    def __init__(self, *args, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        codes = {held.programme for held in Authority.of(user).held if held.role == Role.PROGRAMME_OFFICER}
        programmes = Programme.objects.filter(active=True, versions__published_at__isnull=False).distinct()
        self.fields["programme"].queryset = programmes if "" in codes else programmes.filter(code__in=codes)

    def clean(self):
        data = super().clean()
        if data.get("opens_on") and data.get("closes_on") and data["closes_on"] < data["opens_on"]:
            self.add_error("closes_on", _t("截止日期不能早于开始日期。"))
        programme = data.get("programme")
        most = programme.current.rules.cutoff.max_places if programme and programme.current else None
        if most is not None and (data.get("places") or 0) > most:
            self.add_error("places", _t("规则的名额上限为 %(n)s 个。") % {"n": most})
        return data


def _closing(day):
    return datetime(day.year, day.month, day.day, 17, tzinfo=clock.SHANGHAI)


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "POST"])
def batch_new(request):
    """Prepares a batch; publishing is a separate act with its own page."""
    initial = {"opens_on": clock.today(request.at)}
    form = CallForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            outcome = begin_batch(
                data["programme"], by=request.user, at=request.at, title=data["title"], opens_on=data["opens_on"],
                closes_at=_closing(data["closes_on"]), call_text=data["call_text"], call_number=data["call_number"],
                places=data["places"],
            )  # fmt: skip
        except NotNow as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(outcome.obj.get_absolute_url())
    return render(request, "approvals/batch_form.html", {"form": form, "heading": _t("新建批次")})


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "POST"])
def batch_edit(request, uuid):
    """Changes a call that has not gone out yet."""
    row = get_object_or_404(
        Batch.objects.visible_to(request.user).filter(state=BatchState.DRAFT).select_related("programme"), uuid=uuid
    )
    initial = {
        "programme": row.programme.code, "title": row.title, "call_number": row.call_number, "opens_on": row.opens_on,
        "closes_on": clock.today(row.closes_at), "call_text": row.call_text, "places": row.places,
    }  # fmt: skip
    form = CallForm(request.POST or None, user=request.user, initial=initial)
    form.fields["programme"].disabled = True
    form.initial["programme"] = row.programme
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        Batch.objects.filter(pk=row.pk, state=BatchState.DRAFT).update(
            title=data["title"], call_number=data["call_number"], opens_on=data["opens_on"],
            closes_at=_closing(data["closes_on"]), call_text=data["call_text"], places=data["places"],
        )  # fmt: skip
        return redirect(row.get_absolute_url())
    return render(request, "approvals/batch_form.html", {"form": form, "heading": _t("修改批次"), "batch": row})
