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
from approvals import drawing
from approvals.models import Certificate, Review
from config.demo.answers import answers, attach, filing
from config.demo.cast import Cast
from pilots.mending import save_answer
from pilots.models import Application, ApplicationState, Batch, Change, Designation, Programme
from pilots.timing import opening_of_mid_term
from workflows import perform
from workflows.beginnings import begin_application, begin_batch, begin_change, province_of, register_objection
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
        """A batch is prepared and its call goes out."""
        self.batch = self.act(self.prepare(title, **more), "publish", self.cast["officer"])
        return self.batch

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
        kinds = self.batch.rules.applicants.kinds
        leader = self.cast.applicant(place, "institution" if kinds == ["institution"] else None)
        batch = Batch.objects.select_related(*Batch.related).get(pk=self.batch.pk)
        application = begin_application(batch, organisation=leader.organisation, place=place, by=leader, at=self.at).obj
        given = answers(batch.rules, place, leader)
        title = str(next(iter(next(iter(given.values())).values())))
        Application.objects.filter(pk=application.pk).update(answers=given, rev=1, title=title[:80])
        attach(application, leader, self.at)
        application.refresh_from_db()
        if submit:
            application = self.act(application, "submit", leader)
        self.applications.append(application)
        return application

    def leader_of(self, case: Application | Designation) -> User:
        """The leader of the applicant or holder."""
        return User.objects.get(grants__role=Role.APPLICANT_LEADER, grants__organisation=case.organisation)

    def recommend(self, application: Application, rank: int = 1) -> Application:
        """The province recommends, where the rules ask it to."""
        application = Application.objects.get(pk=application.pk)
        if application.state != A.PROVINCE_REVIEW:
            return application
        officer = self.cast.province(province_of(application.place))
        return self.act(
            application, "recommend", officer,
            data={"rank": rank, "letter_number": f"知函〔{clock.today(self.at).year}〕{100 + rank}号", "opinion": "同意推荐。"},
        )  # fmt: skip

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
        return Application.objects.get(pk=application.pk)

    def close(self) -> Batch:
        """The window closes by itself."""
        self.until(self.batch.closes_at)
        self.batch.refresh_from_db()
        return self.batch

    def decide(self, chosen: Place | None = None) -> Batch:
        """List, head, countersigners, leader. `chosen` wins where scores are equal at the line."""
        batch = self.act(self.batch, "draw_list", self.cast["officer"])
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
            self.until(_after(self.batch.notice_to))
            self.batch.refresh_from_db()
        return self.batch

    def issue(self) -> Batch:
        """Document, designations, certificates."""
        day = clock.today(self.at).isoformat()
        self.batch = self.act(self.batch, "issue", self.cast["checker"], data={"dated": day})
        settle(self.at)
        return self.batch

    # --- the term ------------------------------------------------------------------------------------------------
    def paper(self, site: Designation, code: str) -> Designation:
        """One filing of a site, filled in from its own form."""
        leader = self.leader_of(site)
        site = Designation.objects.get(pk=site.pk)
        form = acts_of(site)[code].form(obj=site, by=leader, at=self.at)
        return self.act(site, code, leader, data=filing(form.fields, site.rules))

    def report(self, site: Designation) -> Designation:
        """Files the next periodic report; the province passes it on where the rules ask it to."""
        site = self.paper(site, "file_report")
        if site.rules.report.through_province:
            period = site.filings.filter(kind="report", filed_at__isnull=False, passed_at__isnull=True).first().period
            site = self.act(site, "pass_report", self.province_of(site), data={"period": period, "note": "情况属实。"})
        return site

    def province_of(self, site: Designation) -> User:
        """The officer of the province a site lies in."""
        return self.cast.province(province_of(site.place))

    def reports(self, site: Designation) -> Designation:
        """Files each periodic report ten days before it is due and what is asked for at half-time in between."""
        for row in site.filings.filter(kind="report", filed_at__isnull=True).order_by("due_on"):
            when = _after(row.due_on - timedelta(days=10))
            if site.rules.mid_term and not hasattr(site, "mid_term") and _after(opening_of_mid_term(site)) < when:
                site = self.half_time(site)
            self.until(when)
            site = self.report(site)
        return site

    def half_time(self, site: Designation, mark: Decimal = Decimal("8.2")) -> Designation:
        """The mid-term report and its assessment."""
        self.until(_after(opening_of_mid_term(site)))
        site = self.paper(site, "file_mid_term")
        rules = site.rules.mid_term
        by = self.cast["assessor"] if rules.authority == "national_panel" else self.province_of(site)
        scores = {item.code: _scaled(mark, item.scale) for item in rules.criteria}
        return self.act(site, "assess_mid_term", by, data=scores | {"comment": "进展与方案一致，继续建设。"})

    def evaluation(self, site: Designation) -> Designation:
        """Lives on until the self-evaluation opens, then files it."""
        site = Designation.objects.get(pk=site.pk)
        if site.state == "building":
            self.until(_after(site.term_end - timedelta(days=60)))
            self.wait(days=1)
        return self.paper(site, "file_self_evaluation")

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
        settle(self.at)
        return site

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


def _after(day: Any) -> datetime:
    """Nine in the morning of the day after."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=clock.SHANGHAI) + timedelta(days=1)


def _scaled(mark: Decimal, scale: int) -> str:
    return str(min((mark * scale / 10).quantize(Decimal("0.1")), Decimal(scale)))


__all__ = ["Walk"]
