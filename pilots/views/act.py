"""The page on which every act of every case is done: what will happen, to whom; then the one door."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import proof
from accounts.access import signed_in
from accounts.acts import Question, acts_of
from accounts.authority import Authority
from accounts.digits import version_seen
from approvals.models import Certificate, CertificateTemplate, Expert, GrantRequest, Objection, SealUse
from pilots.models import Application, Batch, Change, Designation, RulesDraft
from pilots.views.effects import affected, effects
from pilots.views.history import changes
from pilots.views.viewer import face, is_inside, viewer_of
from workflows import explain, perform
from workflows.explaining import seatless
from workflows.refusals import Denied, NotNow, Stale

CASES = {
    "application": Application,
    "batch": Batch,
    "designation": Designation,
    "objection": Objection,
    "certificate": Certificate,
    "expert": Expert,
    "change": Change,
    "rulesdraft": RulesDraft,
    "sealuse": SealUse,
    "certificatetemplate": CertificateTemplate,
    "grantrequest": GrantRequest,
}
# Two presses of one button arrive within this time; later it is another paper.
DOUBLE_CLICK = timedelta(minutes=1)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def act(request, model, uuid, code):
    """One act on one case."""
    authority = Authority.of(request.user, request.at)
    case = _case(model, uuid, authority)
    one = acts_of(case).get(code)
    if one is None or not one.offered:
        raise Http404
    if request.method == "POST":
        return _post(request, case, one)
    offer = next((item for item in explain(case, request.user, request.at, all_acts=True) if item.code == code), None)
    if offer is None:
        raise Http404
    if offer.allowed and one.grave and not proof.recently_proven(request):
        return _prove(request)
    # A link may say what it is about ("?number=…"); it fills the form in and decides nothing.
    form = one.form(obj=case, by=request.user, at=request.at, initial=request.GET.dict()) if offer.allowed else None
    return _show(request, case, one, form, offer=offer)


def _case(model, uuid, authority):
    if model not in CASES:
        raise Http404
    rows = CASES[model].objects.visible_to(authority).select_related(*CASES[model].related)
    if model == "application":
        rows = rows.prefetch_related("reviews", "uploads")
    return get_object_or_404(rows, uuid=uuid)


def _prove(request):
    """To the password page and back; with GET first, nothing typed is lost on the way."""
    return HttpResponseRedirect(proof.prove_url(request))


def _post(request, case, one):
    reason = request.POST.get("reason", "")
    if one.grave and not proof.recently_proven(request):
        # What an act would do is shown to those who may do it, before the password as well.
        if (refusal := seatless(case, one, request.user, request.at)) is not None:
            return _denied(request, case, one, refusal)
        form = one.form(request.POST, request.FILES, obj=case, by=request.user, at=request.at)
        return _show(request, case, one, form, expired=True, status=403)
    one.prepare(case)
    try:
        outcome = perform(
            case,
            one.code,
            by=request.user,
            at=request.at,
            reason=reason,
            data=request.POST,
            files=request.FILES,
            version=None if one.side_by_side else version_seen(request.POST),
        )
    except Stale as stale:
        return _stale(request, case, one, stale.changes)
    except Denied as refusal:
        return _denied(request, case, one, refusal)
    except NotNow as refusal:
        return _show(request, case, one, refusal.form, refusal=refusal, status=422)
    messages.success(request, _("已办理：%(done)s。") % {"done": one.done or one.label})
    return redirect(_back(request, outcome.obj))


def _denied(request, case, one, refusal):
    words = _words(request, case, one)
    return render(
        request, "pilots/act_denied.html", words | {"reasons": refusal.reasons, "who": refusal.who}, status=403
    )


def _stale(request, case, one, rows):
    """Somebody was first. When that was this very person with this very act, the button was pressed twice."""
    twice = any(
        row.act == one.code and row.actor_id == request.user.pk and request.at - row.at < DOUBLE_CLICK for row in rows
    )
    if twice:
        messages.success(request, _("已办理：%(done)s。") % {"done": one.done or one.label})
        return redirect(_back(request, case))
    inside = _words(request, case, one)["names"]
    # Outsiders without a seat are told that they have none, whatever number they sent: who tries numbers would count what
    # is done on the case, and a blind reviewer the scores of the others (trust.md A2).
    if not inside and (refusal := seatless(case, one, request.user, request.at)) is not None:
        return _denied(request, case, one, refusal)
    context = {"changes": changes(case, rows, inside=inside), "url": case.get_absolute_url()}
    return render(request, "409.html", context, status=409)


def _back(request, case):
    """The case itself; the desk for those who have just given it out of sight (an expert who withdrew)."""
    case = type(case).objects.filter(pk=case.pk).first()
    return case.get_absolute_url() if case and case.is_visible_to(request.user) else reverse("desk")


def _words(request, case, one):
    """What the page calls the case: blind reviewers read a number only. `names`: whether people and reasons are named;
    neither those a case is about nor those who judge it read who else has to do with it."""
    authority = Authority.of(request.user, request.at)
    name, names = str(case), is_inside(case, authority)
    if case._meta.model_name == "application":
        viewer = viewer_of(case, authority)
        name, names = face(case, viewer), viewer.inside
    return {
        "case": case,
        "case_name": name,
        "names": names,
        "act": one,
        "label": one.label,
        "tone": "bad" if one.tone == "danger" else "primary",
        "back": case.get_absolute_url(),
    }


def _paper(request, case, one):
    """The text put before whoever signs: its first line is its title. None where there is nothing to read."""
    title, _break, text = one.reading(Question(case, request.user, None, request.at)).strip().partition("\n")
    return {"title": title, "text": text.strip()} if title else None


def _fits(case, one, at):
    """True where the act is one of the case's own rules, in its present state."""
    return case.state in one.sources(type(case)) and one.applies(Question(case, None, None, at))


def _show(request, case, one, form, *, offer=None, refusal=None, expired=False, status=200):
    words = _words(request, case, one)
    reasons = list(refusal.reasons) if refusal else []
    named = set(form.fields) | {"reason"} if form else set()
    # What would follow is worked out where it can: an act typed into the address may belong to other rules or states.
    told = (offer is None or offer.allowed) and _fits(case, one, request.at)
    context = {
        **words,
        "form": form,
        "offer": offer,
        "expired": expired,
        "prove_url": proof.prove_url(request),
        # A fault that belongs to an input is shown there; the rest stands above.
        "obstacles": [item.text for item in reasons if item.field not in named],
        "field_faults": {item.field: item.text for item in reasons if item.field in named and item.code != "input"},
        "reason": request.POST.get("reason", ""),
        "version": "" if one.side_by_side else request.POST.get("version") or case.version,
        "effects": effects(case, one, request.at, names=words["names"]) if told else [],
        "affected": affected(case, one) if told else [],
        "paper": _paper(request, case, one) if told else None,
        "multipart": bool(form and form.is_multipart()),
    }
    context["reason_fault"] = context["field_faults"].pop("reason", "")
    context["reason_summary"] = [{"href": "#id_reason", "text": context["reason_fault"]}]
    if form is not None and form.is_bound:
        for name, text in context["field_faults"].items():
            form.add_error(name, text)
    return render(request, "pilots/act.html", context, status=status)
