"""One case's life, act by act, through the one door. `play`, the demonstration's seed and tests all walk it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts import clock
from accounts.acts import acts_of
from accounts.models import Place, User
from accounts.roles import Role
from approvals import drawing, listing, preflight
from approvals.acts.check import joint_inputs
from approvals.acts.ranking import rounds_ahead
from approvals.models import Certificate, Review, SealUse
from config.demo.answers import answers, attach, filing
from config.demo.cast import Cast, body_of, kind_for
from pilots.agreements import next_party
from pilots.deadlines import hearing_period
from pilots.mending import save_answer
from pilots.models import Application, ApplicationState, Batch, Change, Designation, Programme
from pilots.timing import after, opening_of_evaluation, opening_of_mid_term, opening_of_renewal
from workflows import perform
from workflows.beginnings import (
    begin_application,
    begin_batch,
    begin_change,
    begin_seal_use,
    province_of,
    register_objection,
)
from workflows.sweep import settle
from workflows.timeline import travel

A = ApplicationState
WINDOW = timedelta(days=30)


@dataclass
class Walk:
    """A programme, a place, and where they are in time. Each step leaves `at` at the moment it was done."""

    cast: Cast
    programme: Programme
    at: datetime
    batch: Batch | None = None
    applications: list[Application] = field(default_factory=list)
    # Places whose bodies are asked to take part where there is no call.
    asked: tuple[Place, ...] = ()
    # False: hours between acts pass without a sweep; `until` always sweeps. For seeding many cases at once.
    lively: bool = True

    # --- moving --------------------------------------------------------------------------------------------------
    def wait(self, *, days: int = 0, hours: int = 1) -> None:
        """Lives on; whatever falls due on the way happens."""
        until = self.at + timedelta(days=days, hours=hours)
        if self.lively or days:
            travel(self.at, until)
        self.at = until

    def until(self, moment: datetime) -> None:
        """Lives on to a moment; nothing when it has passed."""
        if moment > self.at:
            travel(self.at, moment)
            self.at = moment

    def act(self, case: Any, code: str, by: User, **more: Any) -> Any:
        """One act, then one hour; returns the case as it stands."""
        outcome = perform(type(case).objects.get(pk=case.pk), code, by=by, at=self.at, **more)
        self.wait()
        return outcome.obj

    # --- the road ------------------------------------------------------------------------------------------------
    def call(self, title: str = "", **more: Any) -> Batch:
        """A batch is prepared and its call goes out, or applications are taken without one."""
        officer, batch = self.cast["officer"], self.prepare(title, **more)
        if batch.intake == "commissioned":
            bodies = [self.applicant(place).organisation_id for place in self.asked]
            batch = self.act(batch, "invite_units", officer, data={"organisations": bodies})
        self.batch = self.act(batch, "publish" if batch.rules.uses("CALL") else "open_intake", officer)
        return self.batch

    def applicant(self, place: Place) -> User:
        """The leader of the body that applies for a place in this programme."""
        rules = self.programme.current.rules
        kind = kind_for(place, rules.applicants.kinds)
        own = body_of(place)[1]
        return self.cast.applicant(place, None if kind == own else kind)

    def prepare(self, title: str = "", **more: Any) -> Batch:
        """A batch is prepared."""
        rules = self.programme.current.rules
        title = title or f"{clock.today(self.at).year}年{rules.name.zh}申报"
        opened = begin_batch(
            self.programme,
            by=self.cast["officer"],
            at=self.at,
            title=title,
            opens_on=clock.today(self.at),
            closes_at=_closing(self.at + WINDOW),
            call_text=f"现组织开展{rules.name.zh}申报工作，请符合条件的地方按要求申报。",
            **more,
        )
        return opened.obj

    def apply(self, place: Place, *, submit: bool = True) -> Application:
        """A place fills in the form and its leader submits."""
        leader = self.applicant(place)
        batch = Batch.objects.select_related(*Batch.related).get(pk=self.batch.pk)
        application = begin_application(batch, organisation=leader.organisation, place=place, by=leader, at=self.at).obj
        given = answers(batch.rules, place, leader)
        title = str(next(iter(next(iter(given.values())).values())))
        Application.objects.filter(pk=application.pk).update(answers=given, rev=1, title=title[:80])
        attach(application, leader, self.at)
        application.refresh_from_db()
        if submit:
            application = self.submit(application)
        self.applications.append(application)
        return application

    def leader_of(self, case: Application | Designation) -> User:
        """The leader of the applicant or holder."""
        return User.objects.get(grants__role=Role.APPLICANT_LEADER, grants__organisation=case.organisation)

    def submit(self, application: Application) -> Application:
        """The leader hands it in, by the first channel where there are several."""
        channels = application.rules.recommendation.channels
        data = {"channel": channels[0].code} if channels else {}
        return self.act(application, "submit", self.leader_of(application), data=data)

    def recommend(self, application: Application, rank: int = 1) -> Application:
        """The city checks and the province recommends, where the rules ask them to."""
        application = Application.objects.get(pk=application.pk)
        if application.state == A.PREFECTURE_CHECK:
            application = self.act(application, "pass_prefecture", self.cast.prefecture(application.place))
        if application.state != A.PROVINCE_REVIEW:
            return application
        officer, rules = self.recommender(application), application.rules.recommendation
        joint = {name: f"{office}负责人" for name, office in joint_inputs(rules)}
        return self.act(
            application, "recommend", officer,
            data=joint | {"rank": rank, "letter_number": f"知函〔{clock.today(self.at).year}〕{100 + rank}号", "opinion": "同意推荐。"},
        )  # fmt: skip

    def recommender(self, application: Application) -> User:
        """Who speaks for the channel that was chosen."""
        match application.recommender:
            case Role.PREFECTURE_OFFICER:
                return self.cast.prefecture(application.place)
            case Role.PROGRAMME_OFFICER:
                return self.cast["officer"]
            case _:
                return self.cast.province(province_of(application.place))

    def check(self, application: Application, code: str = "accept", reason: str = "") -> Application:
        """The formality check."""
        application = Application.objects.get(pk=application.pk)
        if application.state != A.FORMALITY_CHECK:
            return application
        ticks = {f"item_{index}": "on" for index in range(len(application.rules.checklist))}
        return self.act(application, code, self.cast["checker"], data=ticks | {"note": "材料齐全。"}, reason=reason)

    def assign(self, application: Application) -> Application:
        """The secretary assigns as many experts as the rules ask for."""
        application = Application.objects.get(pk=application.pk)
        if application.state != A.PANEL_DRAW:
            return application
        self.cast.enough_experts(application.rules.scoring)
        act = acts_of(application)["assign_experts"]
        form = act.form(obj=application, by=self.cast["officer"], at=self.at)
        return self.act(application, "assign_experts", self.cast["officer"], data={"experts": form["experts"].initial})

    def draw(self, seed: int = 2018) -> Batch:
        """The secretary draws panels for everything that waits; the jobs carry it out."""
        batch = Batch.objects.select_related(*Batch.related).get(pk=self.batch.pk)
        made = drawing.plan(batch, seed, self.at)
        batch = self.act(batch, "draw_experts", self.cast["officer"], data={"seed": seed, "sha256": made.sha256})
        settle(self.at)
        return batch

    def score(self, application: Application, expert: User, mark: Decimal) -> Application:
        """One expert scores every criterion alike."""
        return self.act(application, "score", expert, data=_sheet(application, mark))

    def score_now(self, application: Application, expert: User, index: int) -> None:
        """The same without waiting: for a visitor who goes on at once."""
        perform(
            application, "score", by=expert, at=self.at, data=_sheet(application, Decimal(8) + Decimal(index % 3) / 2)
        )

    def review(self, application: Application, mark: Decimal = Decimal("8.6")) -> Application:
        """Every assigned expert who has not scored scores; marks differ a little between them."""
        waiting = Review.objects.filter(application=application, state=Review.State.ASSIGNED).select_related("expert")
        for index, row in enumerate(waiting.order_by("pk")):
            application = self.score(application, row.expert, mark + Decimal(index % 3 - 1) / 5)
        return self.look(Application.objects.get(pk=application.pk))

    def look(self, application: Application) -> Application:
        """The survey and the inspection, where the rules ask for them."""
        officer, today = self.cast["officer"], clock.today(self.at).isoformat()
        rules = application.rules
        if application.state == A.EXPERT_REVIEW and rules.uses("SURV") and not hasattr(application, "survey"):
            application = self.act(application, "record_survey", officer, data={"result": "86", "sample": "240"})
        if application.state == A.EXPERT_REVIEW and rules.uses("SITE") and not application.inspections.exists():
            data = {"mode": "on_site", "held_on": today, "people": "考察组三人", "findings": "现场情况与申报一致。"}
            application = self.act(application, "record_inspection", officer, data=data)
        return Application.objects.get(pk=application.pk)

    def rounds(self) -> None:
        """The rounds of review that follow the first one, where the rules know several."""
        batch = Batch.objects.select_related(*Batch.related).get(pk=self.batch.pk)
        while rounds_ahead(batch):
            batch = self.act(batch, "next_round", self.cast["officer"])
            for application in batch.applications.filter(state=A.PANEL_DRAW).order_by("pk"):
                self.review(self.assign(application))

    def close(self) -> Batch:
        """The window closes by itself; what came in at any time is collected by the officer."""
        if self.batch.intake == "rolling":
            self.batch = self.act(self.batch, "close", self.cast["officer"])
        else:
            self.until(self.batch.closes_at)
        self.batch.refresh_from_db()
        self.rounds()
        return self.batch

    def decide(self, chosen: Place | None = None) -> Batch:
        """List, head, countersigners, leader. `chosen` wins where scores are equal at the line."""
        batch = self.act(self.batch, "draw_list", self.cast["officer"])
        if not listing.tied(batch):
            chosen = None
        if chosen is not None:
            number = Application.objects.get(batch=batch, place=chosen).number
            batch = self.act(
                batch, "decide_tie", self.cast["head"], data={"chosen": [number]}, reason="方案更具体，指标更高。"
            )
        batch = self.act(batch, "confirm", self.cast["head"], data={"comment": "同意。"})
        while batch.state == "countersign":
            batch = self.act(batch, "countersign", self.cast["countersigner"], data={"comment": "无不同意见。"})
        self.batch = self.act(batch, "sign", self.cast["leader"], data={"comment": "同意。"})
        return self.batch

    def notice(self, during: Callable[[], None] | None = None) -> Batch:
        """The public notice, where there is one, and its end."""
        if self.batch.state == "to_publish":
            self.batch = self.act(self.batch, "publish_notice", self.cast["checker"])
            if during is not None:
                during()
            self.until(nine_after(self.batch.notice_to))
            self.batch.refresh_from_db()
        return self.batch

    def issue(self) -> Batch:
        """Document, designations, certificates."""
        day = clock.today(self.at).isoformat()
        self.batch = self.act(self.batch, "issue", self.cast["checker"], data={"dated": day})
        self.settle()
        return self.batch

    # --- the title -----------------------------------------------------------------------------------------------
    def settle(self) -> None:
        """What follows by itself follows; then the seal is asked for and used on what waits for it."""
        settle(self.at)
        self.seal()

    def seal(self) -> SealUse | None:
        """The officer asks for the seal on every certificate of the batch, the head of the division agrees."""
        officer = self.cast["officer"]
        rows = preflight.waiting(officer).filter(designation__batch=self.batch)
        if not rows:
            return None
        request = begin_seal_use(rows, by=officer, at=self.at).obj
        request = self.act(request, "approve", self.cast["head"], data={"comment": "同意用印。"})
        settle(self.at)
        return request

    def enter(self, site: Designation) -> Designation:
        """The parties sign and the plan is filed, where the rules ask for them; what is due by then is paid."""
        site = self.signed(site)
        if site.state == "plan_due":
            site = self.paper(site, "file_plan")
        return self.paid(site)

    def signed(self, site: Designation) -> Designation:
        """Every party signs the agreement, one after the other."""
        site = Designation.objects.get(pk=site.pk)
        while site.state == "agreement_due":
            site = self.sign_next(site)
        self.settle()
        return Designation.objects.get(pk=site.pk)

    def sign_next(self, site: Designation) -> Designation:
        """The next party signs the agreement."""
        _number, party = next_party(site)
        by = self.party(site, Role(party.role))
        return self.act(site, "sign_agreement", by, data={"signer": by.name, "read": "on"})

    def party(self, site: Designation, role: Role) -> User:
        """Who signs for a side of an agreement."""
        match role:
            case Role.APPLICANT_LEADER:
                return self.leader_of(site)
            case Role.PROVINCE_OFFICER:
                return self.province_of(site)
            case Role.PROVINCE_LEADER:
                return self.cast.province_leader(province_of(site.place))
            case _:
                return self.cast["head" if role == Role.DIVISION_HEAD else "leader"]

    def paid(self, site: Designation) -> Designation:
        """Every tranche that has fallen due is released."""
        for row in site.tranches.filter(state="due"):
            data = {"tranche": str(row.number), "voucher": f"拨{row.number:02d}"}
            site = self.act(site, "release_tranche", self.cast["head"], data=data)
        return Designation.objects.get(pk=site.pk)

    def examined(self, site: Designation, *, well: bool = True) -> Designation:
        """Asks for re-examination when it opens, and gets its conclusion."""
        site = Designation.objects.get(pk=site.pk)
        self.until(nine_after(opening_of_renewal(site)))
        site = self.paper(site, "file_renewal")
        rules, owner = site.rules.renewal, site.rules.stage("REX").owner
        by = {Role.ACCEPTANCE_LEAD: self.cast["assessor"], Role.DIVISION_HEAD: self.cast["head"]}.get(owner)
        by = by or self.province_of(site)
        if rules.criteria:
            mark = Decimal(9) if well else Decimal(2)
            data = {item.code: _scaled(mark, item.scale) for item in rules.criteria} | {"comment": "材料属实。"}
            site = self.act(site, "assess_renewal", by, data=data)
        else:
            site = self.act(site, "renew" if well else "refuse_renewal", by, reason="材料属实，符合（不符合）条件。")
        self.settle()
        return site

    def revoked(self, site: Designation) -> Designation:
        """Proposed by the division, not answered, decided by the leader when the time to answer is over."""
        data = {"evidence": "经核查，申报材料中的合同系伪造。"}
        site = self.act(site, "propose_revocation", self.cast["head"], data=data, reason="弄虚作假")
        return self.decided(site)

    def decided(self, site: Designation) -> Designation:
        """The leader revokes what was proposed; what was paid is recovered."""
        period = hearing_period(site.rules)
        self.until(nine_after(after(clock.today(self.at), period)))
        site = self.act(site, "revoke", self.cast["leader"], reason="弄虚作假")
        for row in site.tranches.filter(state="released"):
            data = {"tranche": str(row.number), "recovered": str(row.amount), "voucher": f"收{row.number:02d}"}
            site = self.act(site, "recover_tranche", self.cast["head"], data=data, reason="称号撤销，资金收回。")
        return site

    # --- the term ------------------------------------------------------------------------------------------------
    def paper(self, site: Designation, code: str) -> Designation:
        """One filing of a site, filled in from its own form."""
        leader = self.leader_of(site)
        site = Designation.objects.get(pk=site.pk)
        form = acts_of(site)[code].form(obj=site, by=leader, at=self.at)
        return self.act(site, code, leader, data=filing(form.fields, site.rules))

    def report(self, site: Designation, grade: str = "") -> Designation:
        """Files the next periodic report; the province passes it on where the rules ask it to, with the best grade."""
        site = self.paper(site, "file_report")
        if site.rules.report.through_province:
            period = site.filings.filter(kind="report", filed_at__isnull=False, passed_at__isnull=True).first().period
            grades = [item.code for item in site.rules.report.grades]
            data = {"period": period, "note": "情况属实。"} | ({"grade": grade or grades[0]} if grades else {})
            site = self.act(site, "pass_report", self.province_of(site), data=data)
        return site

    def province_of(self, site: Designation) -> User:
        """The officer of the province a site lies in."""
        return self.cast.province(province_of(site.place))

    def reports(self, site: Designation) -> Designation:
        """Files each periodic report ten days before it is due and what is asked for at half-time in between."""
        for row in site.filings.filter(kind="report", filed_at__isnull=True).order_by("due_on"):
            when = nine_after(row.due_on - timedelta(days=10))
            if site.rules.mid_term and not hasattr(site, "mid_term") and nine_after(opening_of_mid_term(site)) < when:
                site = self.half_time(site)
            self.until(when)
            site = self.report(site)
        return site

    def half_time(self, site: Designation, mark: Decimal = Decimal("8.2")) -> Designation:
        """The mid-term report and its assessment."""
        self.until(nine_after(opening_of_mid_term(site)))
        site = self.paper(site, "file_mid_term")
        rules = site.rules.mid_term
        by = self.cast["assessor"] if rules.authority == "national_panel" else self.province_of(site)
        scores = {item.code: _scaled(mark, item.scale) for item in rules.criteria}
        site = self.act(site, "assess_mid_term", by, data=scores | {"comment": "进展与方案一致，继续建设。"})
        return self.paid(site)

    def evaluation(self, site: Designation) -> Designation:
        """Lives on until the self-evaluation opens, then files it."""
        site = Designation.objects.get(pk=site.pk)
        if site.state == "building":
            self.until(nine_after(opening_of_evaluation(site)))
            self.wait(days=1)
        site = self.paper(site, "file_self_evaluation")
        if site.state == "pre_acceptance":
            scores = {item.code: _scaled(Decimal(8), item.scale) for item in site.rules.acceptance.criteria}
            site = self.act(
                site, "pre_accept", self.province_of(site), data=scores | {"comment": "基本符合，同意报送。"}
            )
        return site

    def change(self, site: Designation, kind: str, **given: Any) -> Change:
        """A change filed by the site's leader, confirmed by the province, agreed to by the division."""
        given = {"grounds": "按有关文件办理。", "letter_number": "政函〔2020〕3号"} | given
        case = begin_change(site, kind, given=given, by=self.leader_of(site), at=self.at).obj
        self.wait()
        if case.state == "filed":
            case = self.act(case, "confirm", self.province_of(site), data={"comment": "情况属实。"})
        if case.state == "confirmed":
            case = self.act(case, "decide", self.cast["head"], data={"comment": "同意。"})
        return case

    def panel(self, site: Designation, mark: Decimal) -> Designation:
        """The panel is put together, does its work on record, and every member signs."""
        by, site = self.lead_of(site), Designation.objects.get(pk=site.pk)
        form = acts_of(site)["open_panel"].form(obj=site, by=by, at=self.at)
        site = self.act(site, "open_panel", by, data={"members": form["members"].initial})
        for kind in site.rules.acceptance.methods:
            data = {"kind": kind, "on": clock.today(self.at).isoformat(), "note": "按程序进行，情况与总结一致。"}
            site = self.act(site, "record_work", by, data=data)
        scores = {item.code: _scaled(mark, item.scale) for item in site.rules.acceptance.criteria}
        for member in site.awaited_members():
            site = self.act(site, "give_opinion", member.user, data=scores | {"comment": "同意验收组意见。"})
        return site

    def lead_of(self, site: Designation) -> User:
        """Who runs the acceptance of a site."""
        owner = site.rules.stage("ACC").owner
        return self.cast["assessor"] if owner == Role.ACCEPTANCE_LEAD else self.province_of(site)

    def conclude(self, site: Designation, consequence: str = "accept") -> Designation:
        """The panel's conclusion, with scores that fall into a band of that consequence."""
        rules = site.rules.acceptance
        mark = (next(band for band in rules.bands if band.consequence == consequence).floor + 2) / 10
        site = Designation.objects.get(pk=site.pk)
        data = {"conclusion": "验收组听取了汇报，查看了现场，审阅了材料，逐项对照建设方案作出结论。"}
        if rules.opinions > 1:
            site = self.panel(site, mark)
        else:
            data |= {item.code: _scaled(mark, item.scale) for item in rules.criteria}
        if consequence == "rectify":
            day = clock.today(self.at) + timedelta(days=60)
            data["items"] = f"{day.isoformat()} 补齐服务机构台账\n{day.isoformat()} 落实配套资金"
        site = self.act(site, "conclude", self.lead_of(site), data=data)
        self.settle()
        return self.paid(Designation.objects.get(pk=site.pk))

    def mend(self, site: Designation) -> Designation:
        """Answers every item of the list and reports."""
        for item in site.rectification_items.filter(round=site.rectifications):
            save_answer(site, item.number, "已经整改到位，附台账。", rev=item.rev, by=self.leader_of(site), at=self.at)
        return self.paper(site, "rectify")

    def object(self, application: Application) -> Any:
        """Somebody objects in writing, with name and evidence, during the notice."""
        outcome = register_objection(
            application, at=self.at, objector="某科技有限公司", is_unit=True, contact="010-62080000",
            text="申报材料中的机构数量与公开数据不一致。", evidence="附公开统计年鉴页。",
        )  # fmt: skip
        self.wait()
        return self.act(outcome.obj, "investigate", self.cast["handler"])

    @property
    def certificate(self) -> Certificate | None:
        """The newest certificate of this walk."""
        return Certificate.objects.filter(designation__batch=self.batch).order_by("-pk").first()


def _sheet(application: Application, mark: Decimal) -> dict[str, str]:
    criteria = application.rules.scoring.criteria
    return {item.code: _scaled(mark, item.scale) for item in criteria} | {"comment": "目标明确，措施可行。"}


def _closing(moment: datetime) -> datetime:
    return moment.astimezone(clock.SHANGHAI).replace(hour=17, minute=0, second=0, microsecond=0)


def nine_after(day: Any) -> datetime:
    """Nine in the morning of the day after."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=clock.SHANGHAI) + timedelta(days=1)


def _scaled(mark: Decimal, scale: int) -> str:
    return str(min((mark * scale / 10).quantize(Decimal("0.1")), Decimal(scale)))


__all__ = ["Walk"]
