"""The flows. Read them beside programmes.md §3; a stage the rules do not use is passed without a row."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from viewflow import this
from viewflow.workflow import Flow
from viewflow.workflow.lock import SelectForUpdateLock

from accounts.roles import Role
from approvals.models import ObjectionState
from pilots.agreements import next_party
from pilots.models import ApplicationState as A
from pilots.models import BatchState as B
from pilots.models import ChangeState
from pilots.models import DesignationState as D
from pilots.models.application import ENDED
from pilots.models.designation import OVER
from workflows.models import CaseProcess, CaseTask
from workflows.nodes import Act, Begin, Condition, Finish, Route, Wait, cancel_open

# Blocking, one attempt: the case row is locked already, and a web worker must not sleep (trust.md §3.5).
LOCK = SelectForUpdateLock(nowait=False, attempts=1)


def uses(code: Any) -> Condition:
    """True when the pinned rules use the stage."""
    return lambda process: process.case.rules.uses(code)


def passes(code: Any) -> Condition:
    """True when the application goes through the stage (a province-level applicant has nobody above it)."""
    return lambda process: process.case.passes(code)


def state_is(*states: str) -> Condition:
    return lambda process: process.case.state in states


def reviewers(process: Any) -> Iterable[int]:
    """Experts with an open review of the application."""
    return [review.expert_id for review in process.case.sheets if review.state == "assigned"]


def members(process: Any) -> Iterable[int]:
    """Members of the panel of a site whose round is open; nobody before it is appointed."""
    return list(process.case.member_ids())


def signatory(case: Any) -> Role:
    """The seat whose signature under the agreement is next."""
    turn = next_party(case)
    return Role(turn[1].role) if turn else Role.APPLICANT_LEADER


# A title may be taken away, replaced or merged at any time.
ENDS_OF_A_TITLE = frozenset({"revoke", "succeed", "merge", "convert"})


class CaseFlow(Flow):
    """Base of our flows: our rows, our lock."""

    process_class = CaseProcess
    task_class = CaseTask
    lock_impl = LOCK
    # Acts that end the run from anywhere.
    ends: frozenset[str] = frozenset()
    # Acts beside the road that open or close tasks: {act: function(process, deed)}.
    beside: dict[str, Callable[[Any, Any], None]] = {}


def _add_reviews(process: Any, deed: Any) -> None:
    """An expert added later gets a task of their own."""
    _open_reviews(process, deed.facts["experts"])


def _hand_reviews_on(process: Any, deed: Any) -> None:
    """What nobody can do any more is closed, and opened for those who do it instead."""
    cancel_open(process, ApplyFlow.review, deed.facts["left"])
    _open_reviews(process, deed.facts["experts"])


def _hand_opinions_on(process: Any, deed: Any) -> None:
    """The same on the panel at the end of a term."""
    cancel_open(process, EvaluateFlow.opinion, deed.facts["left"])
    _add_opinions(process, deed)


def _open_reviews(process: Any, experts: Iterable[int]) -> None:
    opened = process.tasks.filter(finished__isnull=True, flow_task=ApplyFlow.collect).get()
    opened.process = process
    collecting = ApplyFlow.collect.activation_class(opened)
    ApplyFlow.review.open_for(collecting, experts)


def _reopen_reviews(process: Any, deed: Any) -> None:
    """A discussion may give sheets back to their experts."""
    if deed.facts["reopened"]:
        _open_reviews(process, deed.facts["reopened"])


def _lead_past(process: Any, deed: Any) -> None:
    """New rules may not know the station an application was in: its task is done, and the road goes on."""
    for task in process.tasks.filter(finished__isnull=True):
        if task.flow_task.state != process.case.state:
            task.process = process
            activation = task.flow_task.activation_class(task)
            activation.start(deed.by)
            activation.execute()


class ApplyFlow(CaseFlow):
    """申报 Apply: from the draft to the list, or out of it."""

    ends = frozenset({"withdraw"})
    beside = {
        "adopt_rules": _lead_past,
        "add_expert": _add_reviews,
        "hold_discussion": _reopen_reviews,
        "reassign": _hand_reviews_on,
    }

    begin = Begin().Next(this.draft)

    draft = Act("submit", "deem_withdrawn", role=Role.APPLICANT_LEADER, state=A.DRAFT, title=_("填报")).Next(
        this.after_draft
    )
    after_draft = Route().Case(this.end, state_is(*ENDED)).Default(this.prefecture)

    prefecture = (
        Act("pass_prefecture", "return_to_applicant", role=Role.PREFECTURE_OFFICER, state=A.PREFECTURE_CHECK,
            title=_("市级审核"))
        .When(uses("PREF")).Next(this.after_prefecture)
    )  # fmt: skip
    after_prefecture = Route().Case(this.draft, state_is(A.DRAFT)).Default(this.province)

    province = (
        Act("recommend", "decline", "return_to_applicant", role=Role.PROVINCE_OFFICER, state=A.PROVINCE_REVIEW,
            title=_("省级推荐"))
        .For(lambda case: case.recommender).When(passes("PROV")).Next(this.after_province)
    )  # fmt: skip
    after_province = (
        Route().Case(this.draft, state_is(A.DRAFT)).Case(this.end, state_is(*ENDED)).Default(this.formality)
    )

    formality = (
        Act("accept", "ask_supplement", "reject", "deem_accept", role=Role.FORMALITY_CHECKER, state=A.FORMALITY_CHECK,
            title=_("形式审查"))
        .When(uses("FORM")).Next(this.after_formality)
    )  # fmt: skip
    after_formality = (
        Route().Case(this.supplement, state_is(A.SUPPLEMENT)).Case(this.end, state_is(*ENDED)).Default(this.panel)
    )
    supplement = Act("supplement", "deem_withdrawn", role=Role.APPLICANT_LEADER, state=A.SUPPLEMENT,
                     title=_("补正")).Next(this.after_supplement)  # fmt: skip
    after_supplement = Route().Case(this.end, state_is(*ENDED)).Default(this.formality)

    panel = (
        Act("assign_experts", role=Role.EXPERT_SECRETARY, state=A.PANEL_DRAW, title=_("分派专家"))
        .When(uses("EXP")).Next(this.after_panel)
    )  # fmt: skip
    # Without experts the panel is passed and so is the collecting of scores.
    after_panel = Route().Case(this.collect, state_is(A.EXPERT_REVIEW)).Default(this.listing)
    collect = (
        Act("conclude_review", role=Role.EXPERT_SECRETARY, state=A.EXPERT_REVIEW, title=_("汇总评分"))
        .Opens(this.review, reviewers).Cancels(this.review).Next(this.listing)
    )  # fmt: skip
    review = Act("score", "recuse", role=Role.EXPERT, state=A.EXPERT_REVIEW, title=_("专家评审"))

    listing = Wait("list_as_proposed", "not_select", "go_on", state=A.READY, title=_("待列名单"),
                   role=Role.PROGRAMME_OFFICER).Next(this.after_listing)  # fmt: skip
    # A prize is reviewed in rounds.
    after_listing = (
        Route().Case(this.end, state_is(*ENDED)).Case(this.panel, state_is(A.PANEL_DRAW)).Default(this.decision)
    )
    decision = Wait("approve", "hold", state=A.LISTED, title=_("待批复"), role=Role.DOCUMENT_CLERK).Next(
        this.after_decision
    )
    after_decision = Route().Case(this.objection, state_is(A.HELD)).Default(this.end)
    objection = Wait("release", "remove", state=A.HELD, title=_("异议核查"), role=Role.OBJECTION_HANDLER).Next(
        this.after_objection
    )
    after_objection = Route().Case(this.decision, state_is(A.LISTED)).Default(this.end)

    end = Finish()


class PromoteFlow(CaseFlow):
    """递补 Promote: a place that fell free, from its own notice to the document."""

    begin = Begin().Next(this.decision)

    decision = Wait("approve", "hold", state=A.LISTED, title=_("待批复"), role=Role.DOCUMENT_CLERK).Next(
        this.after_decision
    )
    after_decision = Route().Case(this.objection, state_is(A.HELD)).Default(this.end)
    objection = Wait("release", "remove", state=A.HELD, title=_("异议核查"), role=Role.OBJECTION_HANDLER).Next(
        this.after_objection
    )
    after_objection = Route().Case(this.decision, state_is(A.LISTED)).Default(this.end)

    end = Finish()


class DecideFlow(CaseFlow):
    """决定 Decide: one call, one list, one chain of signatures, one notice, one document."""

    ends = frozenset({"cancel", "end_empty"})

    begin = Begin().Next(this.call)

    call = Act("publish", "open_intake", role=Role.PROGRAMME_OFFICER, state=B.DRAFT, title=_("发布通知")).Next(
        this.window
    )
    window = Wait("close", state=B.OPEN, title=_("申报窗口")).Next(this.draw)
    draw = Act("draw_list", role=Role.PROGRAMME_OFFICER, state=B.REVIEWING, title=_("拟定名单")).Next(this.head)

    head = Act("confirm", "send_back", role=Role.DIVISION_HEAD, state=B.LISTED, title=_("司局确认")).Next(
        this.after_head
    )
    after_head = (
        Route().Case(this.draw, state_is(B.REVIEWING)).Case(this.countersign, state_is(B.COUNTERSIGN))
        .Default(this.leader)
    )  # fmt: skip
    countersign = Act("countersign", "send_back", role=Role.COUNTERSIGNER, state=B.COUNTERSIGN,
                      title=_("会签")).Next(this.after_countersign)  # fmt: skip
    after_countersign = (
        Route().Case(this.draw, state_is(B.REVIEWING)).Case(this.head, state_is(B.LISTED))
        .Case(this.countersign, state_is(B.COUNTERSIGN)).Default(this.leader)
    )  # fmt: skip
    leader = Act("sign", "send_back", role=Role.LEADER, state=B.LEADER, title=_("局领导签发")).Next(this.after_leader)
    after_leader = (
        Route().Case(this.draw, state_is(B.REVIEWING)).Case(this.head, state_is(B.LISTED))
        .Case(this.leader, state_is(B.LEADER)).Default(this.notice)
    )  # fmt: skip

    notice = Act("publish_notice", role=Role.PUBLICITY_OFFICER, state=B.TO_PUBLISH, title=_("发布公示")).When(
        uses("NOTC")
    ).Next(this.notice_period)  # fmt: skip
    notice_period = Wait("close_notice", state=B.NOTICE, title=_("公示期")).When(uses("NOTC")).Next(this.document)

    document = Act("issue", role=Role.DOCUMENT_CLERK, state=B.DOCUMENT, title=_("编号发文")).Next(this.end)

    end = Finish()


class BuildFlow(CaseFlow):
    """建设 Build: the agreement, the plan, then the years of building or of holding a title, with their reports."""

    ends = ENDS_OF_A_TITLE

    begin = Begin().Next(this.agreement)

    agreement = (
        Act("sign_agreement", "deem_waived", role=Role.APPLICANT_LEADER, state=D.AGREEMENT_DUE, title=_("签订协议"))
        .For(signatory).When(uses("AGR")).Next(this.after_agreement)
    )  # fmt: skip
    # One party after the other.
    after_agreement = (
        Route().Case(this.end, state_is(*OVER)).Case(this.agreement, state_is(D.AGREEMENT_DUE)).Default(this.plan)
    )
    plan = (
        Act("file_plan", "deem_waived", role=Role.APPLICANT_LEADER, state=D.PLAN_DUE, title=_("报送建设方案"))
        .When(uses("PLAN")).Next(this.after_plan)
    )  # fmt: skip
    after_plan = Route().Case(this.end, state_is(*OVER)).Case(this.holding, state_is(D.HOLDING)).Default(this.building)
    # Reports are filed beside the road; the term itself is a wait.
    building = Wait("open_evaluation", state=D.BUILDING, title=_("建设期")).Next(this.end)
    # A title without acceptance waits for its last day, or for each re-examination.
    holding = Wait(
        "expire", "lapse", "renew", "assess_renewal", "refuse_renewal", state=D.HOLDING, title=_("称号有效期"),
        role=Role.APPLICANT_LEADER,
    ).Next(this.after_holding)  # fmt: skip
    after_holding = Route().Case(this.holding, state_is(D.HOLDING)).Default(this.end)

    end = Finish()


def _add_opinions(process: Any, deed: Any) -> None:
    """Each member of the panel gets a task of their own."""
    opened = process.tasks.filter(finished__isnull=True, flow_task=EvaluateFlow.acceptance).get()
    opened.process = process
    judging = EvaluateFlow.acceptance.activation_class(opened)
    EvaluateFlow.opinion.open_for(judging, deed.facts["members"])


class EvaluateFlow(CaseFlow):
    """验收 Evaluate: the site looks back, a panel judges, what can be mended is mended once."""

    ends = ENDS_OF_A_TITLE
    beside = {"open_panel": _add_opinions, "add_member": _add_opinions, "replace_members": _hand_opinions_on}

    begin = Begin().Next(this.self_evaluation)

    self_evaluation = Act("file_self_evaluation", "deem_exited", role=Role.APPLICANT_LEADER,
                          state=D.SELF_EVALUATION, title=_("自评总结")).Next(this.after_self_evaluation)  # fmt: skip
    after_self_evaluation = Route().Case(this.end, state_is(*OVER)).Default(this.preliminary)
    preliminary = (
        Act("pre_accept", "return_self_evaluation", role=Role.PROVINCE_OFFICER, state=D.PRE_ACCEPTANCE,
            title=_("省级初验"))
        .When(uses("PACC")).Next(this.after_preliminary)
    )  # fmt: skip
    after_preliminary = Route().Case(this.self_evaluation, state_is(D.SELF_EVALUATION)).Default(this.acceptance)
    acceptance = (
        Act("conclude", role=Role.ACCEPTANCE_LEAD, state=D.ACCEPTANCE, title=_("验收"))
        .Opens(this.opinion, members).Cancels(this.opinion).Next(this.after_acceptance)
    )  # fmt: skip
    opinion = Act("give_opinion", "stand_aside", role=Role.EXPERT, state=D.ACCEPTANCE, title=_("验收意见"))
    after_acceptance = Route().Case(this.rectification, state_is(D.RECTIFYING)).Default(this.end)
    rectification = Act("rectify", "fail_rectification", role=Role.APPLICANT_LEADER, state=D.RECTIFYING,
                        title=_("限期整改")).Next(this.after_rectification)  # fmt: skip
    after_rectification = Route().Case(this.end, state_is(*OVER)).Default(this.acceptance)

    end = Finish()


class ObjectionFlow(CaseFlow):
    """异议 Objection: registered, investigated by somebody not on the case, answered."""

    begin = Begin().Next(this.registered)

    registered = Act("investigate", "keep_as_lead", role=Role.OBJECTION_HANDLER,
                     state=ObjectionState.REGISTERED, title=_("受理异议")).Next(this.after_registered)  # fmt: skip
    after_registered = Route().Case(this.end, state_is(ObjectionState.LEAD)).Default(this.investigation)
    investigation = Act("reject", "uphold", role=Role.DIVISION_HEAD, state=ObjectionState.INVESTIGATING,
                        title=_("核查异议")).Next(this.end)  # fmt: skip

    end = Finish()


class AppealFlow(CaseFlow):
    """复核 Appeal: a leader looks again at an objection that was not upheld."""

    begin = Begin().Next(this.appeal)

    appeal = Act("dismiss_appeal", "uphold_appeal", role=Role.LEADER, state=ObjectionState.APPEALED,
                 title=_("复核异议")).Next(this.end)  # fmt: skip

    end = Finish()


class ChangeFlow(CaseFlow):
    """变更 Change: filed by the site, confirmed by the province, decided by the division."""

    ends = frozenset({"withdraw"})

    begin = Begin().Next(this.road)

    # A new contact is only filed: its effect is there at once.
    road = (
        Route().Case(this.end, state_is(ChangeState.DECIDED)).Case(this.division, state_is(ChangeState.CONFIRMED))
        .Default(this.province)
    )  # fmt: skip
    province = Act("confirm", "refuse", role=Role.PROVINCE_OFFICER, state=ChangeState.FILED,
                   title=_("省局确认")).Next(this.after_province)  # fmt: skip
    after_province = Route().Case(this.end, state_is(ChangeState.REFUSED)).Default(this.division)
    division = Act("decide", "refuse", role=Role.DIVISION_HEAD, state=ChangeState.CONFIRMED,
                   title=_("司局决定")).Next(this.end)  # fmt: skip

    end = Finish()


# Which flow an act starts: the first act of every case, and the one that hands a site from flow to flow.
STARTS: dict[tuple[str, str], type[CaseFlow]] = {
    ("pilots.application", "begin"): ApplyFlow,
    ("pilots.batch", "begin"): DecideFlow,
    ("pilots.designation", "begin"): BuildFlow,
    ("pilots.designation", "open_evaluation"): EvaluateFlow,
    ("approvals.objection", "begin"): ObjectionFlow,
    ("approvals.objection", "lodge_appeal"): AppealFlow,
    ("pilots.application", "promote"): PromoteFlow,
    ("pilots.change", "begin"): ChangeFlow,
}
FLOWS: tuple[type[CaseFlow], ...] = (
    ApplyFlow, DecideFlow, BuildFlow, EvaluateFlow, ObjectionFlow, AppealFlow, PromoteFlow, ChangeFlow,
)  # fmt: skip
