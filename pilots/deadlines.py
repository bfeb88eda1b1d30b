"""Which deadlines a case must have open in its present state. Everything here comes from the rules."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from accounts import clock
from accounts.roles import Role
from notifications import calendars
from notifications.duties import Duty, fixed
from notifications.workdays.arithmetic import Due, due

from .agreements import next_party
from .models.application import ApplicationState as A
from .models.batch import BatchState as B
from .models.change import ChangeState
from .models.designation import COUNTING, ENTERING, HELD, RUNNING
from .models.designation import DesignationState as D
from .models.filing import Filing
from .rules.parts import Period
from .rules.stages import STAGE_LABELS, Stage
from .timing import after, end_of_upgrade, opening_of_evaluation, opening_of_mid_term

# Time to be heard where a programme does not use stage REV (X).
HEARD = Period(n=10, unit="working")
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
    ("FORM", "deemed_accepted"): "deem_accept",
    ("SUPP", "deemed_withdrawn"): "deem_withdrawn",
    ("PLAN", "deemed_waived"): "deem_waived",
    ("AGR", "deemed_waived"): "deem_waived",
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
        yield from _reopening_duties(batch)
    elif batch.state == B.REVIEWING:
        stage = rules.stage("CUT")
        if stage:
            yield _stage_duty(stage, start)
        yield from _reopening_duties(batch)
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


def _reopening_duties(batch) -> Iterator[Duty]:
    """The end of each window opened again for one province."""
    for row in batch.reopenings.filter(ended_at__isnull=True).select_related("place"):
        yield _fixed(f"reopened:{row.place_id}", f"补报截止（{row.place.name}）", f"Late window closes ({row.place.name_en})",
                     Role.PROGRAMME_OFFICER, clock.today(row.at), end_of(row.until), then="end_reopening",
                     told=False)  # fmt: skip


def application_duties(application, at: datetime) -> Iterator[Duty]:
    """Deadlines of an application: the applicant's, each office's, each expert's."""
    rules, start = application.rules, clock.today(application.since or at)
    state = application.state
    if state == A.DRAFT:
        closes = application.batch.closing_for(application.province_id)
        moment = fixed(clock.today(closes - INSTANT), closes)
        yield _fixed("submit", "提交申报", "Submit the application", Role.APPLICANT_LEADER, start, moment,
                     ladder=(-7, -3, -1, 0))  # fmt: skip
    elif state in _APPLICATION_STAGES:
        duty = _stage_duty(rules.stage(_APPLICATION_STAGES[state]), start)
        # Who recommends depends on the channel that was chosen.
        yield replace(duty, role=application.recommender) if state == A.PROVINCE_REVIEW else duty
    elif state == A.LISTED and (application.batch.state == B.ISSUED or application.own_notice_to):
        yield _approval_duty(application, start)
    elif state == A.PANEL_DRAW:
        yield Duty("draw", "分派评审专家", "Assign experts", Role.EXPERT_SECRETARY, start,
                   rules.scoring.draw_within.reckoned(), (-1, 0, 1, 5))  # fmt: skip
    elif state == A.EXPERT_REVIEW:
        yield from _review_duties(application, start)


def _review_duties(application, start: date) -> Iterator[Duty]:
    """Each expert's sheet, the secretary's part when they are in, the inspection and the survey."""
    rules = application.rules
    stage = rules.stage("EXP")
    reviews = list(application.reviews.filter(round=application.round).select_related("expert"))
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


def _approval_duty(application, start: date) -> Duty:
    """What the batch's document left out — released late, or promoted — is approved by the clerk afterwards."""
    stage = application.rules.stage("DOC")
    since = max(start, application.own_notice_to) if application.own_notice_to else start
    return Duty("approve", "补发批复", "Approve afterwards", Role.DOCUMENT_CLERK, since, stage.due.reckoned(),
                tuple(stage.ladder), basis=stage.due.basis)  # fmt: skip


def designation_duties(site, at: datetime) -> Iterator[Duty]:
    """Deadlines of a site: plan, reports, mid-term, the end of the term, acceptance, rectification, and after."""
    start, state = clock.today(site.since or at), site.state
    if state in ENTERING:
        yield from _entering_duties(site, start)
    elif state in HELD:
        yield from _report_duties(site)
        yield from _title_duties(site)
    elif state in RUNNING:
        yield from _building_duties(site, start)
    else:
        yield from _duties_after(site)
    if state in RUNNING - ENTERING:
        yield from _figure_duty(site)
    if state in COUNTING:
        yield from _revocation_duties(site)
    yield from _money_duties(site)


def _entering_duties(site, start: date) -> Iterator[Duty]:
    """The agreement, then the plan."""
    if site.state == D.AGREEMENT_DUE:
        yield from _agreement_duty(site, start)
    elif site.rules.uses("PLAN"):
        yield _plan_duty(site, start)


def _building_duties(site, start: date) -> Iterator[Duty]:
    """From the years of building to the conclusion of the acceptance."""
    rules, state = site.rules, site.state
    if state == D.BUILDING:
        yield from _report_duties(site)
        yield from _mid_term_duties(site)
        if rules.acceptance:
            opens = opening_of_evaluation(site)
            yield _fixed("open_evaluation", "启动期满自评", "Self-evaluation opens", Role.SYSTEM, site.term_start,
                         end_of(opens - timedelta(days=1)), then="open_evaluation", told=False)  # fmt: skip
    elif state == D.SELF_EVALUATION:
        yield from _report_duties(site)
        yield _stage_duty(rules.stage("SELF"), start)
    elif state == D.PRE_ACCEPTANCE:
        yield _stage_duty(rules.stage("PACC"), start)
    elif state == D.ACCEPTANCE:
        yield from _acceptance_duty(site, start)
        yield from _opinion_duties(site)
    elif state == D.RECTIFYING:
        period = rules.acceptance.rectification
        yield Duty("rect", "限期整改", "Rectification", Role.APPLICANT_LEADER, start, period.reckoned(),
                   (-30, -7, -1, 0), then="fail_rectification", basis=period.basis)  # fmt: skip


def _agreement_duty(site, start: date) -> Iterator[Duty]:
    """Whose signature is next; each party has the time of stage AGR. Only the site itself can let it lapse."""
    turn, stage = next_party(site), site.rules.stage("AGR")
    if turn is None:
        return
    number, party = turn
    signed = [row.at for row in site.signatures.all()]
    duty = _stage_duty(stage, clock.today(max(signed)) if signed else start)
    own = party.role == Role.APPLICANT_LEADER
    yield replace(duty, code=f"agr:{number}", role=Role(party.role), then=duty.then if own else "")


def _title_duties(site) -> Iterator[Duty]:
    """The end of a title that is held: re-examination where the rules know one, its last day where they do not."""
    rules = site.rules
    if site.state == D.HOLDING and rules.renewal:
        yield from _renewal_duties(site, site.term_start)
    elif site.state == D.HOLDING and site.term_end is not None:
        # Whoever may still ask for the higher title has that long; the day itself is the stage's.
        last = end_of_upgrade(site) or site.term_end
        yield _fixed("expire", "称号期满", "The title ends", Role.APPLICANT_LEADER, site.term_start, end_of(last),
                     ladder=(-180, -90, -30, -7, -1, 0), then="expire")  # fmt: skip
    elif site.state == D.RESTRICTED:
        period = rules.report.correct_within if rules.report else HEARD
        yield Duty("restricted", "复查限制运行的事项", "Look again at the restriction", Role.DIVISION_HEAD,
                   clock.today(site.since), period.reckoned(), (-5, -1, 0, 1, 5), basis=period.basis)  # fmt: skip


def _money_duties(site) -> Iterator[Duty]:
    """What has fallen due is paid in the time the rules give; what was paid to a title that is lost is recovered."""
    funding = site.rules.funding
    if funding is None:
        return
    lost = site.state in (D.REVOKED, D.EXITED)
    for row in site.tranches.all():
        if row.state == "due" and not lost:
            yield Duty(f"pay:{row.number}", f"拨付{row.name}", f"Release tranche {row.number}", Role.DIVISION_HEAD,
                       clock.today(row.due_at), funding.release_within.reckoned(), (-5, -1, 0, 1, 5),
                       basis=funding.release_within.basis)  # fmt: skip
        elif row.state == "released" and lost:
            yield Duty(f"recover:{row.number}", f"收回{row.name}", f"Recover tranche {row.number}", Role.DIVISION_HEAD,
                       site.ended_on, funding.release_within.reckoned(), (-5, -1, 0, 1, 5),
                       basis=funding.release_within.basis)  # fmt: skip


def _plan_duty(site, start: date) -> Duty:
    """The plan; once its day has passed and the rules give a last notice, the time that notice gives."""
    stage, last = site.rules.stage("PLAN"), site.rules.plan.final_notice
    if last is None or not stage.then:
        return _stage_duty(stage, start)
    if site.final_notice_at is None:
        return replace(_stage_duty(stage, start), then="final_notice")
    return Duty("plan_final", "报送建设方案（最后通知）", "Work plan (final notice)", stage.owner,
                clock.today(site.final_notice_at), last.reckoned(), (-7, -3, -1, 0), then="deem_waived",
                basis=last.basis)  # fmt: skip


def _report_duties(site) -> Iterator[Duty]:
    stage = site.rules.stage("ANN")
    if stage is None:
        return
    report = site.rules.report
    for filing in site.filings.all():
        if filing.kind != Filing.Kind.REPORT:
            continue
        if filing.filed_at is None:
            yield Duty(f"report:{filing.period}", f"{filing.period} 年度报告", f"Report for {filing.period}",
                       stage.owner, clock.today(filing.opened_at), stage.due.reckoned(), tuple(stage.ladder),
                       due=end_of(filing.due_on), basis=stage.due.basis)  # fmt: skip
        elif report.through_province and filing.passed_at is None and filing.returned_at is None:
            yield Duty(f"pass:{filing.period}", f"审核 {filing.period} 年度报告", f"Check the report for {filing.period}",
                       Role.PROVINCE_OFFICER, clock.today(filing.filed_at), report.pass_within.reckoned(),
                       (-3, -1, 0, 1, 5), basis=report.pass_within.basis)  # fmt: skip


def _mid_term_duties(site) -> Iterator[Duty]:
    rules = site.rules.mid_term
    if rules is None:
        return
    result = getattr(site, "mid_term", None)
    paper = next((row for row in site.filings.all() if row.kind == Filing.Kind.MID_TERM and row.filed_at), None)
    if result is not None:
        if result.consequence == "improve" and result.improved_at is None:
            yield Duty("improve", "报送改进报告", "Report the improvement", Role.APPLICANT_LEADER,
                       clock.today(result.at), rules.improve.reckoned(), (-30, -7, -1, 0, 1, 5),
                       basis=rules.improve.basis)  # fmt: skip
    elif paper is not None:
        yield Duty("mid_assess", "中期评估", "Mid-term evaluation", mid_term_seat(rules), clock.today(paper.filed_at),
                   rules.assess_within.reckoned(), (-5, -1, 0, 1, 5), basis=rules.assess_within.basis)  # fmt: skip
    else:
        yield _stage_duty(site.rules.stage("MID"), opening_of_mid_term(site))


def mid_term_seat(rules) -> Role:
    """Who judges at half-time."""
    return Role.ACCEPTANCE_LEAD if rules.authority == "national_panel" else Role.PROVINCE_OFFICER


def _figure_duty(site) -> Iterator[Duty]:
    waiting = [row.at for row in site.indicator_values.all() if row.state == "proposed"]
    if waiting:
        period = site.rules.report.pass_within if site.rules.report else HEARD
        yield Duty("figures", "确认数据更正", "Confirm the figure correction", Role.PROVINCE_OFFICER,
                   clock.today(min(waiting)), period.reckoned(), (-3, -1, 0, 1, 5), basis=period.basis)  # fmt: skip


def _revocation_duties(site) -> Iterator[Duty]:
    """To be heard, then the hearing, then the decision (programmes.md §3 REV)."""
    row = next((one for one in site.revocations.all() if not one.decision), None)
    if row is None:
        return
    period = hearing_period(site.rules)
    if row.answered_at is None:
        yield Duty("heard", "陈述申辩", "Answer the proposed revocation", Role.APPLICANT_LEADER,
                   clock.today(row.proposed_at), period.reckoned(), (-5, -1, 0), basis=period.basis)  # fmt: skip
    if row.wants_hearing and row.heard_on is None:
        yield Duty("hearing", "举行听证", "Hold the hearing", Role.DIVISION_HEAD, clock.today(row.answered_at),
                   period.reckoned(), (-5, -1, 0, 1, 5), basis=period.basis)  # fmt: skip
    if row.answered_at is None or row.heard_on is not None or not row.wants_hearing:
        # The decision comes after the answer, or after the time for it.
        since = row.answered_at or row.proposed_at
        start = row.heard_on or clock.today(since)
        if row.answered_at is None:
            start = after(start, period)
        yield Duty("rev_decide", "决定是否撤销", "Decide on the revocation", Role.LEADER, start, period.reckoned(),
                   (-5, -1, 0, 1, 5), basis=period.basis)  # fmt: skip


def hearing_period(rules) -> Period:
    """How long a site has to be heard: the time of stage REV, ten working days where it is not used (X)."""
    stage = rules.stage("REV")
    return stage.due if stage else HEARD


def _duties_after(site) -> Iterator[Duty]:
    """What remains when the term is over: the next plan, the renewal of the title, the plaque."""
    rules, ended = site.rules, site.ended_on
    if site.state in (D.ACCEPTED, D.NEW_ROUND) and site.follow_up_by and site.followed_up_at is None:
        yield _fixed("follow_up", "报送后续方案", "Follow-up plan", Role.APPLICANT_LEADER, ended,
                     end_of(site.follow_up_by), ladder=(-90, -60, -30, -7, -1, 0), then="deem_not_followed_up",
                     basis=rules.acceptance.follow_up.basis)  # fmt: skip
    if site.state == D.ACCEPTED and rules.renewal and site.valid_until:
        yield from _renewal_duties(site, ended)
    if site.state in (D.REVOKED, D.EXITED) and rules.uses("PLAQ") and site.plaque_returned_on is None:
        period = rules.revocation.plaque
        yield Duty("plaque", "交回牌匾和证书", "Return plaque and certificate", Role.APPLICANT_LEADER, ended,
                   period.reckoned(), (-3, -1, 0, 1, 5), basis=period.basis)  # fmt: skip


def _renewal_duties(site, since: date) -> Iterator[Duty]:
    """To ask for re-examination before the title ends, then the re-examination itself (stage REX)."""
    stage, rules = site.rules.stage("REX"), site.rules.renewal
    if site.renewal_filed_at is None:
        yield _fixed("renewal", "申请复核", "Request re-examination", Role.APPLICANT_LEADER, since,
                     end_of(site.valid_until), ladder=tuple(stage.ladder), then="lapse",
                     basis=stage.due.basis)  # fmt: skip
    else:
        yield Duty("renew", "复核", "Re-examination", stage.owner, clock.today(site.renewal_filed_at),
                   rules.assess_within.reckoned(), (-30, -7, -1, 0, 1, 5), basis=rules.assess_within.basis)  # fmt: skip


def change_duties(change, at: datetime) -> Iterator[Duty]:
    """Who looks at a change: the province, then the division (stage CHG, its time for each of them)."""
    stage = change.rules.stage("CHG")
    role = {ChangeState.FILED: Role.PROVINCE_OFFICER, ChangeState.CONFIRMED: stage.owner if stage else None}.get(
        change.state
    )
    if role and stage:
        yield Duty("chg", "变更审核", "Examine the change", role, clock.today(change.since or at), stage.due.reckoned(),
                   tuple(stage.ladder), basis=stage.due.basis)  # fmt: skip


def _opinion_duties(site) -> Iterator[Duty]:
    """Every member of the open panel who has not signed yet."""
    people = site.awaited_members()
    if people:
        period = site.rules.stage("ACC").due
        for member in people:
            yield Duty("opinion", "验收意见", "Opinion on acceptance", Role.EXPERT, clock.today(member.appointed_at),
                       period.reckoned(), (-7, -1, 0, 1, 5), user=member.user, basis=period.basis)  # fmt: skip


def _acceptance_duty(site, start: date) -> Iterator[Duty]:
    stage = site.rules.stage("ACC")
    window = site.rules.acceptance.window_after
    after_term = due(site.term_end, window.reckoned(), calendars.current())
    again = due(start, stage.due.reckoned(), calendars.current())
    # A second look after rectification, or a late report, gets its own time.
    # A site accepted early does not wait for the end of its term.
    moment = after_term if after_term.on >= again.on and not site.early else again
    zh, en = STAGE_LABELS["ACC"]
    yield Duty("acc", zh, en, stage.owner, start, window.reckoned(), tuple(stage.ladder), due=moment,
               basis=window.basis)  # fmt: skip
