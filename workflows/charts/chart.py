"""From rules to a chart: who does what after whom. Lanes are seats; columns are the order of the road."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from accounts.roles import Role
from pilots.rules import Rules
from pilots.rules.parts import Period, Words
from pilots.rules.stages import STAGE_LABELS, StageCode

# Lanes from top to bottom; only those in use are drawn. The last one holds the ends.
LANES: tuple[str, ...] = (
    "applicant_contact", "applicant_leader", "prefecture_officer", "province_officer", "province_leader",
    "formality_checker", "expert_secretary", "expert", "survey_contractor", "programme_officer", "division_head",
    "countersigner", "leader", "publicity_officer", "objection_handler", "document_clerk", "acceptance_group_lead",
    "system", "end",
)  # fmt: skip
_DESK = {"applicant_contact": "applicant_leader", "province_leader": "province_officer"}


@dataclass(frozen=True)
class Node:
    """One box: `kind` is start, task, gateway, timer or end. `stage` is the code of the rules it belongs to, if any."""

    id: str
    name: Words
    kind: str
    lane: str
    column: int
    stage: str = ""
    due: Period | None = None


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    name: Words | None = None


@dataclass
class Chart:
    """Nodes by id, in the order of the road, and what leads where."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    column: int = -1
    # The node the road has come to.
    last: str = ""

    @property
    def lanes(self) -> list[str]:
        """The lanes in use, from the top."""
        used = {node.lane for node in self.nodes.values()}
        return [lane for lane in LANES if lane in used]

    def add(self, key: str, name: Words, kind: str, lane: str, *, stage: str = "", due: Period | None = None,
            label: Words | None = None) -> str:  # fmt: skip
        """The next node of the road, joined to the one before."""
        self.column += 1
        self.nodes[key] = Node(key, name, kind, _DESK.get(lane, lane), self.column, stage, due)
        if self.last:
            self.edges.append(Edge(self.last, key, label))
        self.last = key
        return key

    def beside(self, key: str, name: Words, kind: str, lane: str, *, at: str, stage: str = "",
               due: Period | None = None) -> str:  # fmt: skip
        """A node beside the road, in the column of another one."""
        self.nodes[key] = Node(key, name, kind, _DESK.get(lane, lane), self.nodes[at].column, stage, due)
        return key

    def link(self, source: str, target: str, name: Words | None = None) -> None:
        self.edges.append(Edge(source, target, name))

    def ends(self, at: str, key: str, zh: str, en: str, label: Words | None = None) -> None:
        """An end beside a gateway, in its lane: the road goes on elsewhere."""
        gate = self.nodes[at]
        self.nodes[key] = Node(key, Words(zh=zh, en=en), "end", gate.lane, gate.column + 1)
        self.link(at, key, label)


def _w(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


YES, NO = _w("是", "yes"), _w("否", "no")


def _label(code: str) -> Words:
    zh, en = STAGE_LABELS[code]
    return _w(zh, en)


def chart_of(rules: Rules) -> Chart:
    """The chart of a programme. Deterministic: the same rules give the same chart."""
    chart = Chart()
    for part in (_intake, _recommendation, _formality, _review, _decision, _notice, _papers, _term):
        part(chart, rules)
    return chart


def _task(chart: Chart, rules: Rules, code: StageCode, name: Words | None = None, lane: str = "",
          label: Words | None = None) -> str:  # fmt: skip
    stage = rules.stage(code)
    owner = lane or (str(stage.owner) if stage else "programme_officer")
    return chart.add(code.lower(), name or _label(code), "task", owner, stage=code, due=stage.due if stage else None,
                     label=label)  # fmt: skip


def _intake(chart: Chart, rules: Rules) -> None:
    chart.add("start", _w("启动", "Start"), "start", "programme_officer")
    opening = {
        "rolling": _w("开始受理（常年）", "Open a rolling intake"),
        "commissioned": _w("邀请承担单位", "Invite units"),
    }.get(rules.window.kind)
    if opening:
        chart.add("call", opening, "task", "programme_officer")
    else:
        _task(chart, rules, "CALL")
    _task(chart, rules, "DRAFT", _w("填报并提交", "Fill in and submit"), "applicant_leader")


def _recommendation(chart: Chart, rules: Rules) -> None:
    if rules.uses("PREF"):
        _task(chart, rules, "PREF")
        gate = chart.add("checked", _w("通过？", "Passed?"), "gateway", chart.nodes["pref"].lane)
        chart.link(gate, "draft", _w("退回修改", "returned"))
    if not rules.uses("PROV"):
        return
    channels = rules.recommendation.channels
    _task(chart, rules, "PROV", lane=str(channels[0].role) if channels else "", label=_after(chart))
    gate = chart.add("recommended", _w("推荐？", "Recommended?"), "gateway", chart.nodes["prov"].lane)
    chart.link(gate, "draft", _w("退回修改", "returned"))
    chart.ends(gate, "not_recommended", "未推荐", "Not recommended", NO)


def _formality(chart: Chart, rules: Rules) -> None:
    if not rules.uses("FORM"):
        return
    _task(chart, rules, "FORM", label=_after(chart))
    gate = chart.add("formal", _w("受理？", "In form?"), "gateway", chart.nodes["form"].lane)
    chart.ends(gate, "rejected", "不予受理", "Inadmissible", NO)
    if rules.uses("SUPP"):
        stage = rules.stage("SUPP")
        chart.beside("supp", _label("SUPP"), "task", "applicant_leader", at="formal", stage="SUPP",
                     due=stage.due if stage else None)  # fmt: skip
        chart.link(gate, "supp", _w("一次性告知补正", "supplement"))
        chart.link("supp", "form")


def _after(chart: Chart) -> Words | None:
    """The label of the edge that leaves a gateway on the good side."""
    return YES if chart.last and chart.nodes[chart.last].kind == "gateway" else None


def _review(chart: Chart, rules: Rules) -> None:
    if not rules.uses("EXP") or rules.scoring is None:
        return
    chart.add("panel", _w("抽取专家", "Draw experts"), "task", "expert_secretary", due=rules.scoring.draw_within,
              label=_after(chart))  # fmt: skip
    _task(
        chart,
        rules,
        "EXP",
        _w(f"{rules.scoring.experts} 位专家评分", f"{rules.scoring.experts} experts score"),
        "expert",
    )
    if rules.uses("SITE"):
        _task(chart, rules, "SITE", lane="expert_secretary")
    if rules.uses("SURV"):
        _task(chart, rules, "SURV", lane="survey_contractor")
    if rules.scoring.rounds:
        gate = chart.add("round", _w("还有下一轮？", "Another round?"), "gateway", "programme_officer")
        chart.link(gate, "panel", _w("进入下一轮", "goes on"))
        chart.ends(gate, "out_of_round", "未进入下一轮", "Not in the next round", _w("未进入", "out"))


def _decision(chart: Chart, rules: Rules) -> None:
    last_round = _w("末轮", "last round") if chart.last == "round" else _after(chart)
    _task(chart, rules, "CUT", label=last_round)
    stage = rules.stage("SIGN")
    due = stage.due if stage else None
    chart.add("confirm", _w("司局负责人确认", "Division head confirms"), "task", "division_head", stage="SIGN", due=due)
    parties = (*rules.signoff.countersigners, *rules.signoff.joint_ministries)
    for number, party in enumerate(parties):
        chart.add(f"countersign_{number}", _w(f"{party.zh}会签", f"{party.en or party.zh} countersigns"), "task",
                  "countersigner", stage="SIGN", due=due)  # fmt: skip
    needed = rules.signoff.approvals_needed
    more = f"（{needed} 人）" if needed > 1 else ""
    chart.add("sign", _w(f"局领导签发{more}", "Leader signs"), "task", "leader", stage="SIGN", due=due)
    gate = chart.add("selected", _w("列入拟批准？", "On the list?"), "gateway", "leader")
    chart.ends(gate, "not_selected", "未入选", "Not selected", NO)


def _notice(chart: Chart, rules: Rules) -> None:
    if rules.notice is None:
        return
    _task(chart, rules, "NOTC", label=YES)
    chart.add(
        "notice", _w("公示期", "Public notice"), "timer", "publicity_officer", stage="NOTC", due=rules.notice.period
    )
    gate = chart.add("objected", _w("有异议？", "Objection?"), "gateway", "publicity_officer")
    chart.beside("investigate", _w("核查异议", "Investigate"), "task", "objection_handler", at="objected")
    chart.link(gate, "investigate", YES)
    chart.add("upheld", _w("异议成立？", "Upheld?"), "gateway", "division_head")
    chart.edges.pop()  # from the first question only those without objection go on
    chart.link("investigate", "upheld")
    chart.ends("upheld", "removed", "除名", "Removed from the list", YES)


def _papers(chart: Chart, rules: Rules) -> None:
    doc = _task(chart, rules, "DOC", _w(f"编号印发{rules.document.kind}", "Number and issue the document"),
                label=NO if chart.last == "upheld" else YES)  # fmt: skip
    if rules.notice is not None:
        chart.link("objected", doc, NO)
    if rules.certificate and rules.shape != "II":
        _certificate(chart, rules)
    if rules.agreement is not None:
        for number, party in enumerate(rules.agreement.parties):
            chart.add(f"agr_{number}", _w(f"{party.name.zh}签署", f"{party.name.en or party.name.zh} signs"), "task",
                      party.role, stage="AGR", due=_due(rules, "AGR"))  # fmt: skip
    if rules.uses("PLAN"):
        _task(chart, rules, "PLAN")


def _due(rules: Rules, code: StageCode) -> Period | None:
    stage = rules.stage(code)
    return stage.due if stage else None


def _certificate(chart: Chart, rules: Rules) -> None:
    stage = rules.stage("PLAQ")
    chart.add("plaq", _label("PLAQ"), "task", "document_clerk", stage="PLAQ", due=stage.due if stage else None)


def _term(chart: Chart, rules: Rules) -> None:
    if rules.acceptance is not None:
        _built(chart, rules)
    else:
        _held(chart, rules)


def _years(chart: Chart, rules: Rules, name: Words) -> str:
    """The years with their reports; returns the question whether they are over."""
    months = rules.term.months
    due = Period(n=months, unit="month") if months else None
    chart.add("term", name, "timer", "applicant_leader", due=due)
    gate = chart.add("over", _w("期满？", "Over?"), "gateway", "applicant_leader")
    if rules.uses("ANN"):
        stage = rules.stage("ANN")
        chart.beside("ann", _label("ANN"), "task", str(stage.owner) if stage else "applicant_contact", at="term",
                     stage="ANN", due=stage.due if stage else None)  # fmt: skip
        passes = rules.report is not None and rules.report.through_province
        lane = "province_officer" if passes else "applicant_leader"
        words = _w("省局审核", "Province passes it on") if passes else _w("报告备案", "Report on file")
        chart.beside("ann_pass", words, "task", lane, at="over", stage="ANN")
        chart.link(gate, "ann", _w("到报告日", "report due"))
        chart.link("ann", "ann_pass")
        chart.link("ann_pass", "term")
    return gate


def _built(chart: Chart, rules: Rules) -> None:
    _years(chart, rules, _w("建设期", "Term"))
    if rules.uses("MID"):
        _task(chart, rules, "MID", label=_w("中期", "half-time"))
        chart.add("mid_assess", _w("中期评估结论", "Mid-term judged"), "task",
                  "acceptance_group_lead" if rules.mid_term and rules.mid_term.authority == "national_panel"
                  else "province_officer", stage="MID")  # fmt: skip
    _task(chart, rules, "SELF", label=None if rules.uses("MID") else YES)
    if rules.uses("PACC"):
        _task(chart, rules, "PACC")
    _task(chart, rules, "ACC")
    gate = chart.add("band", _w("哪一段？", "Which band?"), "gateway", chart.nodes["acc"].lane)
    for number, band in enumerate(rules.acceptance.bands if rules.acceptance else ()):
        label = _w(f"{band.floor} 分以上", f"{band.floor}+")
        if band.consequence == "rectify":
            chart.beside("rect", _label("RECT"), "task", "applicant_leader", at="band", stage="RECT",
                         due=rules.acceptance.rectification if rules.acceptance else None)  # fmt: skip
            chart.link(gate, "rect", label)
            chart.link("rect", "acc")
            continue
        chart.column += 1 if number else 0
        outcome = _ENDS[band.consequence]
        same = band.name.zh == outcome.zh
        words = (
            outcome if same else _w(f"{band.name.zh}：{outcome.zh}", f"{band.name.en or band.name.zh}: {outcome.en}")
        )
        key = f"end_{band.code}"
        chart.nodes[key] = Node(key, words, "end", "end", chart.nodes["band"].column + number)
        chart.link(gate, key, label)
    chart.last = ""


_ENDS = {
    "accept": _w("验收合格", "Accepted"), "operate": _w("投入运行", "In operation"), "revoke": _w("撤销", "Revoked"),
    "new_round": _w("转入新一轮", "New round"), "lapse": _w("称号失效", "Lapsed"),
}  # fmt: skip


def _held(chart: Chart, rules: Rules) -> None:
    gate = _years(chart, rules, _w("称号有效", "Title held"))
    if rules.renewal is not None:
        stage = rules.stage("REX")
        chart.add("rex_file", _w("申请复核", "Ask for re-examination"), "task", "applicant_leader", stage="REX",
                  due=rules.renewal.opens_before, label=_w("临近期满", "near its end"))  # fmt: skip
        chart.add("rex", _label("REX"), "task", str(stage.owner) if stage else "acceptance_group_lead", stage="REX",
                  due=rules.renewal.assess_within)  # fmt: skip
        again = chart.add("renewed", _w("通过？", "Renewed?"), "gateway", chart.nodes["rex"].lane)
        chart.link(again, "term", YES)
        chart.ends(again, "lapsed", "称号失效", "Lapsed", NO)
    else:
        words = ("长期有效，撤销或移出名单为止", "Until taken away") if rules.open_ended else ("期满终止", "Ends")
        chart.ends(gate, "expired", *words, YES)
    if rules.upgrade is not None:
        chart.beside("upgraded", _w("由更高称号承接", "Succeeded by a higher title"), "end", "end", at="over")
        chart.link(gate, "upgraded", _w("升级", "upgraded"))
    chart.last = ""


def stages_of(rules: Rules) -> Iterator[tuple[str, Words, str, Period]]:
    """(code, name, seat, time) of every stage the programme uses, in order."""
    for stage in rules.stages:
        yield stage.code, _label(stage.code), str(stage.owner), stage.due


def seat_name(lane: str) -> str:
    """What a lane is called, in the reader's language."""
    from django.utils.translation import gettext as _  # noqa: PLC0415

    return str(Role(lane).label) if lane != "end" else _("结果")
