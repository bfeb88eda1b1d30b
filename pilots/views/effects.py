"""What an act will do, said before it is done: next state, who gets the work, who is told, which items."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acts import Question
from accounts.holders import holders
from accounts.roles import Role
from approvals.acts.ranking import rounds_ahead, split
from approvals.listing import items_of, preview
from approvals.models import GrantRequest
from approvals.views.hanging import hanging
from pilots.agreements import others_to_sign
from pilots.models import Application, ApplicationState, BatchState, Designation
from workflows.flows import FLOWS
from workflows.telling import TO_APPLICANT

MOST_NAMES = 6


def next_state(case, act):
    """The state after the act, or None when it depends on the input or stays the same."""
    if act.transition is None or (act.code == "sign_agreement" and others_to_sign(case)):
        return None
    found = getattr(type(case), act.transition)._django_fsm.transitions.get(case.state)
    if found is None:
        return None
    target = found.target
    if isinstance(target, str):
        return target
    try:
        return target.func(case)
    except TypeError:
        # The target asks for more than the case, e.g. the panel's conclusion.
        return None


def role_at(case, state):
    """The seat whose turn it is in a state of the case's flow, or None."""
    labels = {type(case)._meta.model_name}
    for flow in FLOWS:
        for node in flow.instance.nodes():
            acts = getattr(node, "acts", None)
            if acts is None or getattr(node, "state", None) != state:
                continue
            if _model_of(flow) in labels:
                return node.role_for(case)
    return None


def _model_of(flow):
    return {
        "ApplyFlow": "application",
        "DecideFlow": "batch",
        "BuildFlow": "designation",
        "EvaluateFlow": "designation",
        "ObjectionFlow": "objection",
        "AppealFlow": "objection",
        "PromoteFlow": "application",
        "ChangeFlow": "change",
    }[flow.__name__]


def state_name(case, state):
    """What a state of this case is called, in the words of its programme."""
    if isinstance(case, Designation):
        return case.words_of(state)
    return dict(type(case)._meta.get_field("state").choices).get(state, state)


# What follows beyond the new state, where the act itself does not say it.
_BEYOND = {
    "add_sub_site": gettext_lazy("登记为本试点的下设点，列在试点页；不另立称号。"),
    "close_sub_site": gettext_lazy("下设点记为已撤并，写明日期和原因；记录保留。"),
    "invite_units": gettext_lazy("选定的单位可以看到本批次并填报；其他单位看不到。"),
    "end_empty": gettext_lazy("本批次不产生名单，也不发文；已办结的申报各自保留结果。"),
    "restrict": gettext_lazy("称号保留，限制其业务；整改后由司局负责人解除。"),
    "lift_restriction": gettext_lazy("恢复正常运行，此后仍按年考核。"),
    "assess_renewal": gettext_lazy("得分所在的分数段决定续期或失效；续期的生成新证书，旧证书由新证替换。"),
    "release_tranche": gettext_lazy("所选一期记为已拨付，凭证号记入试点页。"),
    "recover_tranche": gettext_lazy("所选一期记为已收回；收回金额可以少于已拨付金额。"),
    "convert": gettext_lazy("旧证书由新称号的证书替换。"),
}


def effects(case, act, at, *, names=True):
    """Sentences for the confirmation; `names=False` keeps the people of the next step to themselves."""
    lines = []
    target = next_state(case, act)
    if target and target != case.state:
        label = state_name(case, target)
        lines.append(_("状态由“%(old)s”变为“%(new)s”。") % {"old": case.get_state_display(), "new": label})
        role = role_at(case, target)
        if role:
            people = holders([Role(role)], case.scope(), at).get(Role(role), []) if names else []
            shown = _("、").join(user.name for user in people[:MOST_NAMES])
            lines.append(
                _("下一步由%(role)s办理：%(names)s。") % {"role": Role(role).label, "names": shown}
                if shown
                else _("下一步由%(role)s办理。") % {"role": Role(role).label}
            )
    lines.extend(act.foretell(Question(case, None, None, at)))
    if act.code == "confirm_grant" and case.size == 1 and case.kind in GrantRequest.SHRINKING:
        line = case.lines.select_related("user", "grant__source").get()
        lines += [_("%(what)s %(n)s 项：%(to)s。") % vars(item) for item in hanging(line.user, at, line.grant)]
    if act.code in _BEYOND:
        lines.append(str(_BEYOND[act.code]))
    if act.code in TO_APPLICANT and case._meta.model_name in ("application", "designation", "change"):
        lines.append(_("系统将结果通知%(body)s。") % {"body": case.organisation})
    if act.hearers:
        lines.append(_("系统将结果通知%(body)s。") % {"body": act.hearers})
    if act.needs_reason:
        lines.append(
            _("您写的理由记入办理记录，并随通知一并告知。")
            if act.code in TO_APPLICANT or act.hearers
            else _("您写的理由记入办理记录。")
        )
    lines.append(_("以您的姓名和角色记入办理记录，不能删除。"))
    return lines


def affected(case, act):
    """[{"label", "note", "url"}] of the cases an act on a batch carries along; empty for other acts."""
    if case._meta.model_name == "grantrequest":
        return [_seat(line) for line in case.lines.select_related("user", "place", "organisation")]
    if case._meta.model_name == "sealuse":
        return [_paper(item) for item in case.items.select_related("certificate")]
    if case._meta.model_name != "batch":
        return []
    if act.code in ("confirm", "countersign", "sign", "send_back"):
        return [_line(item.application, item.proposed, item.reason) for item in items_of(case)]
    if act.code == "next_round" and case.state == BatchState.REVIEWING and rounds_ahead(case):
        on, out = split(case)
        return [_goes(row, _("进入下一轮")) for row in on] + [_goes(row, _("不进入")) for row in out]
    if act.code == "draw_list":
        return [_line(item.application, item.proposed, item.reason) for item in preview(case)]
    state = {"close": ApplicationState.DRAFT, "issue": ApplicationState.LISTED}.get(act.code)
    if state is None or case.state not in (BatchState.OPEN, BatchState.DOCUMENT):
        return []
    rows = Application.objects.filter(batch=case, state=state).select_related("place", "organisation").defer("answers")
    if act.code == "close":
        # Drafts are counted, not named: they are nobody's business but the applicants'.
        return []
    return [
        {"label": f"{row.number} {row.place}", "note": str(row.organisation), "url": row.get_absolute_url()}
        for row in rows.order_by("list_rank")
    ]


def _paper(item):
    """A certificate in a request, with what the pre-flight said of it."""
    row = item.certificate
    return {
        "label": f"{row.serial} {row.words['holder']}",
        "note": " ".join(finding["text"] for finding in item.findings),
        "url": row.get_absolute_url(),
    }


def _seat(line):
    """One line of a request about rights: whose, and what."""
    return {"label": str(line.user), "note": line.words, "url": reverse("person", args=[line.user_id])}


def _goes(application, note):
    return {
        "label": f"{application.number} {application}",
        "note": f"{note}，{application.score}" if application.score is not None else note,
        "url": application.get_absolute_url(),
    }


def _line(application, proposed, reason):
    return {
        "label": f"{application.number} {application.place}",
        "note": (_("拟批准") if proposed else _("不列入")) + (f"，{reason}" if reason else ""),
        "url": application.get_absolute_url(),
    }
