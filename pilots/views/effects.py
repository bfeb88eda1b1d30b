"""What an act will do, said before it is done: next state, who gets the work, who is told, which items."""

from django.utils.translation import gettext as _

from accounts.acts import Question
from accounts.holders import holders
from accounts.roles import Role
from approvals.listing import items_of, preview
from pilots.models import Application, ApplicationState, BatchState
from workflows.flows import FLOWS
from workflows.telling import TO_APPLICANT

MOST_NAMES = 6


def next_state(case, act):
    """The state after the act, or None when it depends on the input or stays the same."""
    if act.transition is None:
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


def effects(case, act, at, *, names=True):
    """Sentences for the confirmation; `names=False` keeps the people of the next step to themselves."""
    lines = []
    target = next_state(case, act)
    if target and target != case.state:
        label = dict(type(case)._meta.get_field("state").choices)[target]
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
    if act.code in TO_APPLICANT and case._meta.model_name in ("application", "designation", "change"):
        lines.append(_("系统将结果通知%(body)s。") % {"body": case.organisation})
    if act.needs_reason:
        lines.append(
            _("您写的理由记入办理记录，并随通知一并告知。")
            if act.code in TO_APPLICANT
            else _("您写的理由记入办理记录。")
        )
    lines.append(_("以您的姓名和角色记入办理记录，不能删除。"))
    return lines


def affected(case, act):
    """[{"label", "note", "url"}] of the cases an act on a batch carries along; empty for other acts."""
    if case._meta.model_name != "batch":
        return []
    if act.code in ("confirm", "countersign", "sign", "send_back"):
        return [_line(item.application, item.proposed, item.reason) for item in items_of(case)]
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


def _line(application, proposed, reason):
    return {
        "label": f"{application.number} {application.place}",
        "note": (_("拟批准") if proposed else _("不列入")) + (f"，{reason}" if reason else ""),
        "url": application.get_absolute_url(),
    }
