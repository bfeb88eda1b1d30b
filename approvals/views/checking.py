"""The formality checker's desk: the queue, and one case after another by keys."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import seats
from accounts.acts import acts_of
from accounts.digits import version_seen, version_shown
from accounts.roles import Role
from notifications.models import Deadline
from pilots.models import Application, ApplicationState
from pilots.views import answers
from workflows import explain, perform
from workflows.models import LedgerEntry
from workflows.refusals import Denied, NotNow, Stale

PAGE = 20
CHECKS = ("accept", "ask_supplement", "reject")


def _queue(request):
    return Application.objects.visible_to(request.user).filter(state=ApplicationState.FORMALITY_CHECK)


def _done_today(request):
    day = clock.today(request.at)
    return LedgerEntry.objects.filter(actor=request.user, act__in=CHECKS, at__date=day).count()


@seats(Role.FORMALITY_CHECKER)
@require_safe
def check_queue(request):
    """What waits for the formality check, oldest first, and how much was done today."""
    rows = _queue(request).select_related(*Application.related).defer("answers").order_by("since", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    dues = {row.subject_uuid: row for row in Deadline.objects.open().filter(
        subject_model="pilots.application", code="form", subject_uuid__in=[row.uuid for row in page])}  # fmt: skip
    for row in page:
        row.deadline = dues.get(row.uuid)
    context = {
        "page": page,
        "done": _done_today(request),
        "today": clock.today(request.at),
        "first": next(iter(page), None),
    }
    return render(request, "approvals/check_queue.html", context)


@seats(Role.FORMALITY_CHECKER)
@require_http_methods(["GET", "HEAD", "POST"])
def check_one(request, uuid):
    """One case of the queue: what was submitted, what changed since the supplement was asked for, the checklist."""
    case = get_object_or_404(
        Application.objects.visible_to(request.user).select_related(*Application.related).prefetch_related("revisions"),
        uuid=uuid,
    )
    if case.state != ApplicationState.FORMALITY_CHECK:
        messages.info(request, _("%(case)s已不在形式审查环节。") % {"case": case.number})
        return redirect("check_queue")
    order = list(_queue(request).order_by("since", "pk").values_list("uuid", flat=True))
    here = order.index(case.uuid) if case.uuid in order else 0
    form, faults, status = None, [], 200
    if request.method == "POST":
        form, faults, status = _decide(request, case)
        if status == 302:
            left = [one for one in order if one != case.uuid]
            return redirect("check_one", left[min(here, len(left) - 1)]) if left else redirect("check_queue")
    form = form or _form(request, case)
    offers = {offer.code: offer for offer in explain(case, request.user, request.at) if offer.code in CHECKS}
    revisions = list(case.revisions.all())
    last = revisions[-1] if revisions else None
    before = revisions[-2] if len(revisions) > 1 else None
    return render(
        request,
        "approvals/check_one.html",
        {
            "case": case,
            "form": form,
            "lines": [
                {"item": item, "tick": form[f"item_{index}"], "detail": form[f"detail_{index}"]}
                for index, item in enumerate(case.rules.checklist)
            ],
            "faults": faults,
            "version": version_shown(request.POST, case.version, late=status == 409),
            "offers": offers,
            "reasons": list(dict.fromkeys(
                reason.text for offer in offers.values() for reason in offer.reasons if reason.code != "no_seat")),
            "sections": answers.read(
                case.rules, last.answers if last else case.answers, before=before.answers if before else None
            ),
            "files": answers.files(case.rules, last.files if last else [], before.files if before else None),
            "before": before,
            "asked": case.checks.filter(result="supplement").last(),
            "position": here + 1,
            "total": len(order),
            "done": _done_today(request),
            "previous": reverse("check_one", args=[order[here - 1]]) if here else "",
            "following": reverse("check_one", args=[order[here + 1]]) if here + 1 < len(order) else "",
            "deadline": Deadline.objects.of(case).open().filter(code="form").first(),
            "today": clock.today(request.at),
        },
        status=status,
    )  # fmt: skip


def _form(request, case, data=None):
    return acts_of(case)["ask_supplement"].form(data, obj=case, by=request.user, at=request.at)


def _decide(request, case):
    """(bound form, faults, status); 302 when it was done."""
    code = request.POST.get("act", "")
    form = _form(request, case, request.POST)
    if code not in CHECKS:
        return form, [{"href": "#main", "text": _("请选择受理、告知补正或不予受理。")}], 422
    try:
        outcome = perform(
            case, code, by=request.user, at=request.at, data=request.POST,
            reason=request.POST.get("note", "") if code == "reject" else "",
            version=version_seen(request.POST),
        )  # fmt: skip
    except Stale:
        return form, [{"href": "#main", "text": _("此件刚被别人办理过，请核对后再办。您填写的内容还在。")}], 409
    except (NotNow, Denied) as refusal:
        return form, [
            {"href": "#id_note" if item.field in ("note", "reason") else "#main", "text": item.text}
            for item in refusal.reasons
        ], 422  # fmt: skip
    done = acts_of(outcome.obj)[code].done
    messages.success(request, _("已办理：%(number)s %(done)s。") % {"number": case.number, "done": done})
    return form, [], 302
