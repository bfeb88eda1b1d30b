"""Which deadlines a case must have open in its present state. Everything here comes from the rules."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from accounts import clock
from accounts.roles import Role
from notifications import calendars
from notifications.duties import Duty, fixed
from notifications.workdays.arithmetic import Due, add_months, due

from .models.application import ApplicationState as A
from .models.batch import BatchState as B
from .models.designation import DesignationState as D
from .models.filing import Filing
from .rules.parts import Period
from .rules.stages import STAGE_LABELS, Stage

ONE_DAY = Period(n=1, unit="calendar")
# Windows close at an instant; the last permitted day is the one just before it.
INSTANT = timedelta(microseconds=1)
_APPLICATION_STAGES = {
    A.PREFECTURE_CHECK: "PREF",
    A.PROVINCE_REVIEW: "PROV",
    A.FORMALITY_CHECK: "FORM",
    A.SUPPLEMENT: "SUPP",
}
# What the system does for a stage whose time is over, as the act of that case.
_THEN = {
    ("SUPP", "deemed_withdrawn"): "deem_withdrawn",
    ("PLAN", "deemed_waived"): "deem_waived",
    ("SELF", "deemed_exit"): "deem_exited",
}


def end_of(day: date, *, provisional: bool = False) -> Due:
    """A due date that is fixed, not counted: the whole of `day`, Shanghai time."""
    after = datetime.combine(day + timedelta(days=1), time(0), tzinfo=clock.SHANGHAI)
    return fixed(day, after, provisional=provisional)


def _stage_duty(stage: Stage, start: date, **more) -> Duty:
    zh, en = STAGE_LABELS[stage.code]
    return Duty(
        code=stage.code.lower(),
        label=zh,
        label_en=en,
        role=stage.owner,
        start=start,
        period=stage.due.reckoned(),
        ladder=tuple(stage.ladder),
        then=_THEN.get((stage.code, stage.then), ""),
        basis=stage.due.basis,
        **more,
    )


def _fixed(code: str, zh: str, en: str, role: Role, start: date, moment: Due, **more) -> Duty:
    return Duty(code=code, label=zh, label_en=en, role=role, start=start, period=ONE_DAY.reckoned(), due=moment, **more)


def batch_duties(batch, at: datetime) -> Iterator[Duty]:
    """Deadlines of a batch: closing, list, signatures, notice, document."""
    rules, start = batch.rules, clock.today(batch.since or at)
    if batch.state == B.OPEN:
        closing = fixed(clock.today(batch.closes_at - INSTANT), batch.closes_at)
        yield _fixed("close", "申报截止", "Applications close", Role.PROGRAMME_OFFICER, start, closing,
                     then="close", told=False)  # fmt: skip
    elif batch.state == B.REVIEWING:
        stage = rules.stage("CUT")
        if stage:
            yield _stage_duty(stage, start)
    elif batch.state in (B.LISTED, B.COUNTERSIGN, B.LEADER):
        role, zh, en = {
            B.LISTED: (Role.DIVISION_HEAD, "确认名单", "Confirm the list"),
            B.COUNTERSIGN: (Role.COUNTERSIGNER, "会签", "Countersign"),
            B.LEADER: (Role.LEADER, "签发名单", "Sign the list"),
        }[batch.state]
        stage = rules.stage("SIGN")
        yield Duty(f"sign_{batch.state}", zh, en, role, start, stage.due.reckoned(), tuple(stage.ladder),
                   basis=stage.due.basis)  # fmt: skip
    elif batch.state == B.TO_PUBLISH:
        yield _stage_duty(rules.stage("NOTC"), start)
    elif batch.state == B.NOTICE:
        moment = end_of(batch.notice_to, provisional=batch.notice_provisional)
        yield _fixed("notice", "公示期满", "Public notice ends", Role.PUBLICITY_OFFICER, batch.notice_from, moment,
                     then="close_notice", told=False, basis=rules.notice.period.basis)  # fmt: skip
    elif batch.state == B.DOCUMENT:
        yield _stage_duty(rules.stage("DOC"), start)


def application_duties(application, at: datetime) -> Iterator[Duty]:
    """Deadlines of an application: the applicant's, each office's, each expert's."""
    rules, start = application.rules, clock.today(application.since or at)
    state = application.state
    if state == A.DRAFT:
        closes = application.batch.closes_at
        moment = fixed(clock.today(closes - INSTANT), closes)
        yield _fixed("submit", "提交申报", "Submit the application", Role.APPLICANT_LEADER, start, moment,
                     ladder=(-7, -3, -1, 0))  # fmt: skip
    elif state in _APPLICATION_STAGES:
        yield _stage_duty(rules.stage(_APPLICATION_STAGES[state]), start)
    elif state == A.PANEL_DRAW:
        yield Duty("draw", "分派评审专家", "Assign experts", Role.EXPERT_SECRETARY, start,
                   rules.scoring.draw_within.reckoned(), (-1, 0, 1, 5))  # fmt: skip
    elif state == A.EXPERT_REVIEW:
        stage = rules.stage("EXP")
        reviews = list(application.reviews.select_related("expert"))
        for review in reviews:
            if review.state == "assigned":
                yield _stage_duty(stage, clock.today(review.reopened_at or review.assigned_at), user=review.expert)
        if reviews and not any(review.state == "assigned" for review in reviews):
            # The sheets are in and the review is still open: too few of them, or too far apart.
            given = [review.submitted_at for review in reviews if review.submitted_at]
            yield Duty("settle", "补足或合议后结束评审", "Complete the panel or bring it together", Role.EXPERT_SECRETARY,
                       clock.today(max(given)) if given else start, rules.scoring.settle_within.reckoned(),
                       (-1, 0, 1, 5))  # fmt: skip
        if rules.uses("SITE") and not application.inspections.exists():
            yield _stage_duty(rules.stage("SITE"), start)
        if rules.uses("SURV") and not hasattr(application, "survey"):
            yield _stage_duty(rules.stage("SURV"), start)


def designation_duties(site, at: datetime) -> Iterator[Duty]:
    """Deadlines of a site: plan, reports, the end of the term, acceptance, rectification."""
    rules, start, state = site.rules, clock.today(site.since or at), site.state
    if state == D.PLAN_DUE and rules.uses("PLAN"):
        yield _stage_duty(rules.stage("PLAN"), start)
    elif state == D.BUILDING:
        yield from _report_duties(site)
        if rules.acceptance:
            opens = opening_of_evaluation(site)
            yield _fixed("open_evaluation", "启动期满自评", "Self-evaluation opens", Role.SYSTEM, site.term_start,
                         end_of(opens - timedelta(days=1)), then="open_evaluation", told=False)  # fmt: skip
    elif state == D.SELF_EVALUATION:
        yield from _report_duties(site)
        yield _stage_duty(rules.stage("SELF"), start)
    elif state == D.ACCEPTANCE:
        yield from _acceptance_duty(site, start)
    elif state == D.RECTIFYING:
        period = rules.acceptance.rectification
        yield Duty("rect", "限期整改", "Rectification", Role.APPLICANT_LEADER, start, period.reckoned(),
                   (-30, -7, -1, 0), then="fail_rectification", basis=period.basis)  # fmt: skip


def opening_of_evaluation(site) -> date:
    """The day the self-evaluation opens: the rules' time before the printed end of the term."""
    before = site.rules.acceptance.opens_before
    period = Period(n=before.n, unit=before.unit).reckoned()
    if before.unit == "month":
        return max(add_months(site.term_end, -before.n), site.term_start)
    return max(site.term_end - timedelta(days=period.n), site.term_start)


def _report_duties(site) -> Iterator[Duty]:
    stage = site.rules.stage("ANN")
    if stage is None:
        return
    for filing in site.filings.all():
        if filing.kind == Filing.Kind.REPORT and filing.filed_at is None:
            yield Duty(f"report:{filing.period}", f"{filing.period} 年度报告", f"Report for {filing.period}",
                       stage.owner, clock.today(filing.opened_at), stage.due.reckoned(), tuple(stage.ladder),
                       due=end_of(filing.due_on), basis=stage.due.basis)  # fmt: skip


def _acceptance_duty(site, start: date) -> Iterator[Duty]:
    stage = site.rules.stage("ACC")
    window = site.rules.acceptance.window_after
    after_term = due(site.term_end, window.reckoned(), calendars.current())
    again = due(start, stage.due.reckoned(), calendars.current())
    # A second look after rectification, or a late report, gets its own time.
    moment = after_term if after_term.on >= again.on else again
    zh, en = STAGE_LABELS["ACC"]
    yield Duty("acc", zh, en, stage.owner, start, window.reckoned(), tuple(stage.ladder), due=moment,
               basis=window.basis)  # fmt: skip
