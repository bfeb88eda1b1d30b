"""Running cases and another version of the rules: what it would mean for each, the decision, how it went, the way back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import proof
from accounts.access import seats
from accounts.authority import Authority, Scope
from accounts.roles import Role
from pilots import adopting, inflight
from pilots.models import AdoptionItem, RulesAdoption
from pilots.models.rules_draft import READERS
from pilots.views.look import programme_name, state_of
from pilots.views.programmes import programme_or_404
from workflows.follow import wake

KINDS = (("batch", gettext_lazy("批次")), ("application", gettext_lazy("申报")), ("designation", gettext_lazy("试点")))
VERDICTS = ("unaffected", "mapping", "stranded")
LATEST = 10


def may_decide(authority, programme):
    """Whether this person decides for the programme's running cases."""
    return authority.seat((Role.DIVISION_HEAD,), Scope(programme=programme.code)) is not None


@seats(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request, code):
    """The dry run of one version over everything that runs; POST decides for what was chosen."""
    authority = Authority.of(request.user, request.at)
    programme, versions = programme_or_404(code)
    if authority.seat(READERS, Scope(programme=programme.code)) is None:
        # Everybody who writes rules reads those of others; what runs under them is for those who run it.
        raise Http404
    known = {one.version: one for one in versions}
    version = known.get((request.POST or request.GET).get("version", ""), versions[0] if versions else None)
    if version is None:
        raise Http404
    decides = may_decide(authority, programme)
    if request.method == "POST" and not decides:
        raise PermissionDenied
    rows = inflight.plan(programme, version, request.at)
    context = _context(programme, version, versions, rows, decides)
    context["latest"] = programme.adoptions.select_related("version", "by", "reverts__version").prefetch_related(
        "items"
    )[:LATEST]
    if request.method != "POST":
        if decides and rows and not proof.recently_proven(request):
            context["prove_url"] = proof.prove_url(request)
        return render(request, "rules/adopt.html", context)
    return _decide(request, programme, version, rows, context)


def _context(programme, version, versions, rows, decides):
    needs, count = {}, {}
    for row in rows:
        for need in row.needs if row.verdict == "mapping" else ():
            needs[need.key] = need
            count[need.key] = count.get(need.key, 0) + 1
    return {
        "programme": programme,
        "name": programme_name(programme),
        "version": version,
        "versions": versions,
        "may_decide": decides,
        "groups": [
            {"label": label, "kind": kind, "rows": [_line(row) for row in rows if row.case._meta.model_name == kind]}
            for kind, label in KINDS
        ],
        "counts": {verdict: sum(row.verdict == verdict for row in rows) for verdict in VERDICTS},
        "total": len(rows),
        "needs": [{"need": need, "count": count[key], "chosen": need.choices[0][0]} for key, need in needs.items()],
        "chosen": {str(row.case.uuid) for row in rows if row.verdict != "stranded"},
        "reason": "",
    }


def _line(row):
    case = row.case
    return {
        "row": row, "case": case, "uuid": str(case.uuid), "state": state_of(case), "from": inflight.pinned(case).version,
        "number": case.number,
    }  # fmt: skip


def _decide(request, programme, version, rows, context):
    chosen = set(request.POST.getlist("case"))
    mapping = {item["need"].key: request.POST.get(f"map:{item['need'].key}", "") for item in context["needs"]}
    for item in context["needs"]:
        item["chosen"] = mapping[item["need"].key]
    context |= {"chosen": chosen, "reason": request.POST.get("reason", "").strip()}
    mine = [row for row in rows if str(row.case.uuid) in chosen]
    faults = list(_faults(mine, mapping, context["reason"]))
    if not proof.recently_proven(request):
        context["prove_url"] = proof.prove_url(request)
        faults.append(_("请先验证身份，再按一次。您的选择还在。"))
    if faults or "carry" not in request.POST:
        context |= {"faults": faults, "ready": not faults, "mine": len(mine)}
        return render(request, "rules/adopt.html", context, status=422 if faults else 200)
    adoption = adopting.decide(programme, version, [(row.case, {}) for row in mine], mapping=mapping,
                               reason=context["reason"], by=request.user, at=request.at)  # fmt: skip
    wake()
    return redirect("adoption", adoption.uuid)


def _faults(rows, mapping, reason):
    if not rows:
        yield _("还没有选择要转入的办件。")
    if not reason:
        yield _("请写明理由。")
    for row in rows:
        if row.strands:
            yield _("%(case)s不能转入：%(why)s") % {"case": row.case, "why": row.strands[0]}
        elif row.open_needs(mapping):
            yield _("%(case)s：请选择怎样对应。") % {"case": row.case}


@seats(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def adoption(request, uuid):
    """One decision: how far it has come, what was refused and why; POST takes it back."""
    authority = Authority.of(request.user, request.at)
    row = get_object_or_404(
        RulesAdoption.objects.select_related("programme", "version", "by", "reverts__version").prefetch_related(
            "items__before", "reverted_by"
        ),
        uuid=uuid,
    )
    if authority.seat(READERS, Scope(programme=row.programme.code)) is None:
        raise Http404
    items = list(row.items.all())
    decides, faults = may_decide(authority, row.programme), []
    if request.method == "POST":
        if not decides:
            raise PermissionDenied
        reason = request.POST.get("reason", "").strip()
        if not reason:
            faults.append(_("请写明理由。"))
        if not proof.recently_proven(request):
            return HttpResponseRedirect(proof.prove_url(request))
        if not faults:
            made = adopting.back(row, reason=reason, by=request.user, at=request.at)
            if made:
                wake()
                messages.success(request, _("已决定恢复，逐件办理中。"))
                return redirect("adoption", made[0].uuid)
            faults.append(_("没有可以恢复的办件。"))
    return render(
        request,
        "rules/adoption.html",
        {
            "adoption": row, "name": programme_name(row.programme), "items": items, "job": card(row, items), "faults": faults,
            "refused": [item for item in items if item.state == AdoptionItem.State.REFUSED],
            "may_revert": decides and not row.reverted_by.all() and any(item.state == AdoptionItem.State.DONE for item in items),
        },
        status=422 if faults else 200,
    )  # fmt: skip


@seats(*READERS)
@require_safe
def adoption_progress(request, uuid):
    """The progress card alone; 286 tells the page to stop asking."""
    row = get_object_or_404(RulesAdoption.objects.select_related("programme"), uuid=uuid)
    if Authority.of(request.user, request.at).seat(READERS, Scope(programme=row.programme.code)) is None:
        raise Http404
    job = card(row, list(row.items.all()))
    return render(request, "ui/progress.html", {"job": job}, status=200 if job["state"] == "running" else 286)


def card(row, items):
    """How far a decision has come, in the shape of the progress card."""
    settled = [item for item in items if item.state != AdoptionItem.State.WAITING]
    refused = sum(item.state == AdoptionItem.State.REFUSED for item in items)
    over = len(settled) == len(items)
    return {
        "id": f"adoption-{row.uuid}", "url": reverse("adoption_progress", args=[row.uuid]), "done": len(settled), "total": len(items),
        "label": _("已逐件办理完毕") if over else _("正在逐件转入"), "state": "done" if over else "running",
        "error": _("%(n)s 件没有转入，原因列在下面。") % {"n": refused} if over and refused else "",
        "result_url": reverse("adoption", args=[row.uuid]) if over else "", "result_label": _("查看结果"),
    }  # fmt: skip
