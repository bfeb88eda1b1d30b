"""用印审批 in the browser: what waits to be sealed, what is wrong with it, who agreed, how far it is."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock, events
from accounts.access import seats
from accounts.authority import Authority
from accounts.models import AccountEvent
from approvals import preflight
from approvals.acts.seal_use import ASKERS, SEAL
from approvals.models import Certificate, CertificateState, SealUse, SealUseState
from approvals.models.seal_use import SEAL_READERS
from approvals.printing import preview
from approvals.views.bundle import zipped
from approvals.views.drawn import drawn
from notifications.models import Job
from pilots import storage
from pilots.models import Batch, Programme
from pilots.views.attachment import disposition
from pilots.views.look import state_of
from workflows.beginnings import begin_seal_use
from workflows.offers import log, panel
from workflows.once import once
from workflows.refusals import Denied, NotNow

PAGE = 50
AT_WORK = ("stop", "go_on", "print_file")
# More names than this are not read in a confirmation; they stand in the table above it.
MOST_NAMES = 30


@seats(*SEAL_READERS)
@require_safe
def seal_uses(request):
    """What waits to be asked for, by programme; then the requests, newest first."""
    authority = Authority.of(request.user, request.at)
    waiting = (
        preflight.waiting(authority)
        .order_by()
        .values("designation__batch__programme")
        .annotate(n=Count("pk", distinct=True))
        .values_list("designation__batch__programme", "n")
    )
    counts = dict(waiting)
    programmes = Programme.objects.filter(pk__in=counts).order_by("code")
    rows = SealUse.objects.visible_to(authority).select_related("programme", "asked_by", "decided_by")
    chosen = request.GET.get("state", "")
    if chosen in SealUseState.values:
        rows = rows.filter(state=chosen)
    page = Paginator(rows.order_by("-pk"), 20).get_page(request.GET.get("page"))
    for row in page:
        row.look = state_of(row)
    context = {
        "page": page, "chosen": chosen, "states": SealUseState.choices,
        "waiting": [(programme, counts[programme.pk]) for programme in programmes],
        "may_ask": authority.has(*ASKERS),
    }  # fmt: skip
    return render(request, "approvals/seal_uses.html", context)


class AskForm(forms.Form):
    """Which certificates, and a word for whoever decides."""

    certificates = forms.ModelMultipleChoiceField(
        queryset=Certificate.objects.none(), to_field_name="uuid", error_messages={
            "required": _("请至少选择一份证书。"), "invalid_choice": _("有的证书已不待签发，请核对后重新选择。"),
            "invalid_pk_value": _("有的证书已不待签发，请核对后重新选择。")},
    )  # fmt: skip
    note = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


@seats(*ASKERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once(press="ask")
def seal_use_new(request):
    """Pre-flight of what waits in one programme; then the names once more; then the request."""
    authority = Authority.of(request.user, request.at)
    programme = get_object_or_404(Programme, code=request.GET.get("programme", ""))
    if not authority.seat(ASKERS, SealUse(programme=programme).scope()):
        raise Http404
    rows = preflight.waiting(authority).filter(designation__batch__programme=programme)
    batches = Batch.objects.filter(pk__in=rows.values("designation__batch")).order_by("-pk")
    if number := request.GET.get("batch", ""):
        rows = rows.filter(designation__batch__number=number)
    rows = rows.select_related(*Certificate.printed).order_by("serial")
    lines = preflight.inspect(rows)
    form = AskForm(request.POST if request.method == "POST" else None)
    form.fields["certificates"].queryset = Certificate.objects.filter(pk__in=[line.certificate.pk for line in lines])
    chosen, obstacles = [], []
    if request.method == "POST" and form.is_valid():
        chosen = sorted(form.cleaned_data["certificates"], key=lambda row: row.serial)
        if "ask" in request.POST:
            try:
                made = begin_seal_use(chosen, by=request.user, at=request.at, note=form.cleaned_data["note"]).obj
                return redirect(made)
            except (NotNow, Denied) as refusal:
                obstacles = [reason.text for reason in refusal.reasons]
    elif request.method == "POST":
        obstacles = [text for faults in form.errors.values() for text in faults]
    picked = {str(row.pk) for row in chosen} if request.method == "POST" else None
    for line in lines:
        line.picked = str(line.certificate.pk) in picked if picked is not None else not line.blocked
    context = {
        "programme": programme, "lines": lines, "form": form, "obstacles": obstacles, "batches": batches, "batch": number,
        "good": sum(not line.findings for line in lines), "warned": sum(bool(line.findings) and not line.blocked for line in lines),
        "blocked": sum(line.blocked for line in lines), "note": request.POST.get("note", ""),
        "chosen": chosen if not obstacles else [], "names": chosen[:MOST_NAMES], "more": len(chosen) - MOST_NAMES,
    }  # fmt: skip
    return render(request, "approvals/seal_use_new.html", context, status=422 if obstacles else 200)


def _request(request, uuid):
    rows = SealUse.objects.visible_to(request.user).select_related(*SealUse.related)
    return get_object_or_404(rows, uuid=uuid)


@seats(*SEAL_READERS)
@require_safe
def seal_use(request, uuid):
    """One request: its certificates with their findings and where each of them is."""
    row = _request(request, uuid)
    items = row.items.select_related("certificate__designation__place", "certificate__seal_use").order_by("position")
    only = request.GET.get("only", "")
    if only == "findings":
        items = items.exclude(findings=[])
    elif only == "open":
        items = items.filter(certificate__state=CertificateState.PENDING)
    page = Paginator(items, PAGE).get_page(request.GET.get("page"))
    jobs = {
        job.payload["certificate"]: job
        for job in Job.objects.filter(key__in=[f"certificate:{item.certificate.uuid}" for item in page])
    }
    for item in page:
        item.word, item.tone = _where(row, item.certificate, jobs.get(item.certificate_id))
        item.error = getattr(jobs.get(item.certificate_id), "error", "") if item.tone == "bad" else ""
    context = {
        "request_": row, "page": page, "look": state_of(row), "only": only, "job": progress(row, request.at),
        # What would do nothing is not worth a line that says so.
        "offers": [one for one in panel(row, request.user, request.at) if one["allowed"] or one["code"] not in AT_WORK],
        "log": log(row),
        "warned": row.items.exclude(findings=[]).count(), "print_job": _print_job(row),
        "issued": row.state == SealUseState.APPROVED
        and row.items.exclude(certificate__sha256="").exists(),
    }  # fmt: skip
    return render(request, "approvals/seal_use.html", context)


_JOB_WORDS = {
    Job.State.QUEUED: (_("排队中"), "info"), Job.State.RUNNING: (_("正在生成"), "info"),
    Job.State.STOPPED: (_("已停止"), "warn"), Job.State.PARKED: (_("生成失败"), "bad"),
}  # fmt: skip


def _where(row, certificate, job):
    """(word, tone): where a certificate of a request is."""
    if certificate.state != CertificateState.PENDING:
        tone = "ok" if certificate.state == CertificateState.ISSUED else "bad"
        return certificate.get_state_display(), "neutral" if certificate.state == CertificateState.SUPERSEDED else tone
    if certificate.seal_use_id != row.pk:
        return _t("未签发"), "neutral"
    if job is None:
        return _t("待审批"), "warn"
    # A job that failed once and waits for its next try says so.
    if job.state == Job.State.QUEUED and job.error:
        return _t("出错，将重试"), "bad"
    return _JOB_WORDS.get(job.state, (job.get_state_display(), "info"))


@seats(*SEAL_READERS)
@require_safe
def seal_use_progress(request, uuid):
    """The progress card alone; 286 tells the page to stop asking."""
    row = _request(request, uuid)
    job = progress(row, request.at)
    running = job is not None and job["state"] == "running"
    return render(request, "ui/progress.html", {"job": job}, status=200 if running else 286)


def progress(row, at):
    """How far the certificates of an approved request are, in the shape of the progress card; None before."""
    if row.state != SealUseState.APPROVED:
        return None
    found = Job.objects.filter(kind=SEAL, group=row.group)
    states = dict(found.order_by().values_list("state").annotate(n=Count("pk")))
    total, done = sum(states.values()), states.get(Job.State.DONE, 0)
    parked, stopped = states.get(Job.State.PARKED, 0), states.get(Job.State.STOPPED, 0)
    moving = total - done - parked - stopped
    last = (
        row.certificates.filter(issued_at__isnull=False).order_by("-issued_at", "-pk")
        .values_list("serial", "words__holder", "issued_at").first()
    )  # fmt: skip
    label = _t("已签发 %(n)s 份证书") % {"n": done} if not moving and done == total else _t("正在生成并签发证书")
    if not moving and stopped:
        label = _t("已停止，还有 %(n)s 份没有生成") % {"n": stopped}
    notes = []
    if moving and last:
        notes.append(_t("刚签发：%(serial)s %(holder)s") % {"serial": last[0], "holder": last[1]})
    if moving and done:
        notes.append(_remaining(row, done, moving, at))
    failed = found.filter(state=Job.State.PARKED).order_by("pk")[:10] if parked else []
    names = {
        pk: (serial, holder, uuid)
        for pk, serial, holder, uuid in Certificate.objects.filter(
            pk__in=[job.payload["certificate"] for job in failed]
        ).values_list("pk", "serial", "words__holder", "uuid")
    }
    return {
        "id": row.uuid, "url": reverse("seal_use_progress", args=[row.uuid]), "label": label, "done": done, "total": total,
        "state": "running" if moving else "done" if done == total else "failed",
        "note": "　".join(note for note in notes if note),
        "error": _t("%(n)s 份生成失败，其余不受影响；改正后点“继续生成”只重试失败的。") % {"n": parked} if parked else "",
        "failed": [_failed(names.get(job.payload["certificate"]), job) for job in failed],
        "result_url": "" if moving else f"{row.get_absolute_url()}#list", "result_label": _t("查看证书"),
    }  # fmt: skip


def _failed(name, job):
    serial, holder, uuid = name or (job.key, "", None)
    url = reverse("certificate", args=[uuid]) if uuid else ""
    return {"label": f"{serial} {holder}：{job.error}", "url": url}


def _remaining(row, done, moving, at):
    """「预计还需 3 分钟」 from the pace since the first one of this run was issued; empty while it cannot be told."""
    began = row.decided_at
    seconds = (at - began).total_seconds()
    if seconds < 1:
        return ""
    left = seconds / done * moving
    minutes = max(1, round(left / 60))
    return ngettext("预计还需 %(n)d 分钟", "预计还需 %(n)d 分钟", minutes) % {"n": minutes}


def _print_job(row):
    """The job that joins the pages, while it is not done."""
    return Job.objects.filter(group=f"print:{row.uuid}").exclude(state=Job.State.DONE).first()


@seats(*SEAL_READERS)
@require_safe
def seal_use_zip(request, uuid):
    """Every issued file of a request, streamed: memory does not grow with their number."""
    row = _request(request, uuid)
    files = row.certificates.exclude(sha256="").order_by("serial").values_list("serial", "words__holder", "sha256")
    if not files.exists():
        raise Http404
    events.record(request.user, AccountEvent.Kind.EXPORTED, request, note=f"{row.number}.zip {files.count()}")
    names = ((f"{serial}_{holder}.pdf", sha256) for serial, holder, sha256 in files.iterator(chunk_size=200))
    response = StreamingHttpResponse(zipped(names, clock.today(row.decided_at)), content_type="application/zip")
    response["Content-Disposition"] = disposition(f"{row.number}.zip")
    return response


@seats(*SEAL_READERS)
@require_safe
def seal_use_print(request, uuid):
    """The joined file for the printer."""
    row = _request(request, uuid)
    if not row.print_sha256:
        raise Http404
    file = storage.path_of(row.print_sha256).open("rb")
    return FileResponse(file, as_attachment=True, filename=f"{row.number}.pdf", content_type="application/pdf")


@seats(*SEAL_READERS)
@require_safe
def certificate_preview(request, uuid):
    """How a certificate that is not sealed yet will look: marked as a preview, without seal and signature."""
    rows = Certificate.objects.visible_to(request.user).select_related(*Certificate.printed)
    row = get_object_or_404(rows, uuid=uuid, state=CertificateState.PENDING)
    return drawn(lambda: preview(row), "preview.pdf")
