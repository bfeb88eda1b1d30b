"""A programme's road as a swimlane picture and as BPMN, and where on it a case stands."""

import re

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import public
from pilots.agreements import next_party
from pilots.models import Application, Batch, Programme
from pilots.models import ApplicationState as A
from pilots.models import BatchState as B
from pilots.models import DesignationState as D
from pilots.views.look import programme_name

# Nodes of workflows.charts on which a state stands; several where parties act one after the other.
_OF_APPLICATION = {
    A.DRAFT: "draft", A.PREFECTURE_CHECK: "pref", A.PROVINCE_REVIEW: "prov", A.FORMALITY_CHECK: "form",
    A.SUPPLEMENT: "supp", A.PANEL_DRAW: "panel", A.EXPERT_REVIEW: "exp", A.READY: "cut", A.LISTED: "doc",
    A.HELD: "investigate", A.APPROVED: "doc", A.NOT_SELECTED: "not_selected", A.NOT_RECOMMENDED: "not_recommended",
    A.REJECTED: "rejected", A.REMOVED: "removed",
}  # fmt: skip
_OF_BATCH = {
    B.DRAFT: "call", B.OPEN: "draft", B.REVIEWING: "cut", B.LISTED: "confirm", B.COUNTERSIGN: "countersign_0",
    B.LEADER: "sign", B.TO_PUBLISH: "notc", B.NOTICE: "notice", B.DOCUMENT: "doc", B.ISSUED: "doc",
}  # fmt: skip
_OF_SITE = {
    D.PLAN_DUE: "plan", D.BUILDING: "term", D.SELF_EVALUATION: "self", D.PRE_ACCEPTANCE: "pacc", D.ACCEPTANCE: "acc",
    D.RECTIFYING: "rect", D.HOLDING: "term", D.SUCCEEDED: "upgraded",
}  # fmt: skip
_BANDS = {D.ACCEPTED: "accept", D.OPERATING: "operate", D.RESTRICTED: "operate", D.NEW_ROUND: "new_round",
          D.REVOKED: "revoke", D.LAPSED: "lapse"}  # fmt: skip
_NODE = re.compile(r"[a-z][a-z0-9_]{0,60}")


def marks(case):
    """Ids of the chart's nodes on which a case stands; empty where the picture has no place for its state."""
    if isinstance(case, Application):
        if case.state == A.LISTED and case.batch.state in (B.TO_PUBLISH, B.NOTICE):
            return ["notice"]
        return _known(_OF_APPLICATION.get(case.state))
    if isinstance(case, Batch):
        return _known(_OF_BATCH.get(case.state))
    return _of_site(case)


def _known(node):
    return [node] if node else []


def _of_site(site):
    rules, state = site.rules, site.state
    if state == D.AGREEMENT_DUE:
        turn = next_party(site)
        return [f"agr_{turn[0]}"] if turn else []
    if state == D.HOLDING and site.renewal_filed_at is not None:
        return ["rex"]
    if rules.acceptance is None:
        ends = ["lapsed", "expired"] if state == D.LAPSED else []
        return ends or _known(_OF_SITE.get(state))
    if state in _BANDS:
        return [f"end_{band.code}" for band in rules.acceptance.bands
                if band.consequence == _BANDS[state] and site.grade in ("", band.name.zh)][:1]  # fmt: skip
    return _known(_OF_SITE.get(state))


def addresses(case):
    """{"svg", "bpmn", "alt"} of the chart of a case's programme, with the case's place marked."""
    programme = case.programme if isinstance(case, Batch) else case.batch.programme
    here = marks(case)
    query = f"?{urlencode({'now': here}, doseq=True)}" if here else ""
    return {
        "svg": reverse("programme_flow", args=[programme.code]) + query,
        "bpmn": reverse("programme_bpmn", args=[programme.code]),
        "alt": _("%(programme)s流程图，当前：%(state)s") % {
            "programme": programme_name(programme), "state": case.get_state_display()},
    }  # fmt: skip


def _rules(request, code):
    """The rules in force of a programme that people may know of."""
    programme = get_object_or_404(Programme, code=code, active=True)
    version = programme.current
    if version is None or (version.rules.confidential and not request.user.is_authenticated):
        raise Http404
    return version.rules


@public
@require_safe
def flow_svg(request, code):
    """The swimlane picture; `?now=exp` marks where a case stands."""
    from workflows.charts import svg  # noqa: PLC0415 - drawn on demand

    rules = _rules(request, code)
    now = frozenset(name for name in request.GET.getlist("now")[:8] if _NODE.fullmatch(name))
    response = HttpResponse(svg.draw(rules, now), content_type="image/svg+xml; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@public
@require_safe
def flow_bpmn(request, code):
    """The BPMN 2.0 document, to open in a process tool."""
    from workflows.charts import bpmn  # noqa: PLC0415 - drawn on demand

    response = HttpResponse(bpmn.export(_rules(request, code)), content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}.bpmn"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
