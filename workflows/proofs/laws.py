"""The laws a programme must obey whatever happens. Each looks at the whole graph and answers with the first break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from accounts.roles import REACH, UNGRANTABLE, Reach, Role
from pilots.models.designation import COUNTING
from pilots.rules import Rules

from .duties import owed
from .explore import Graph
from .machine import Machine, act_label, known, seat_label, state_label
from .world import Owed, Step, World, finished, lost, open_cases, resting


@dataclass(frozen=True)
class Break:
    """Where a law does not hold: the way there, and what is wrong, in Chinese and English."""

    path: tuple[Step, ...]
    wrong: str
    wrong_en: str


@dataclass(frozen=True)
class Law:
    code: str
    says: str
    says_en: str
    check: Callable[[Graph, Rules], Break | None]


LAWS: list[Law] = []
_OWN = frozenset({"applicant_contact", "applicant_leader"})


def law(code: str, says: str, says_en: str) -> Callable[..., Callable[[Graph, Rules], Break | None]]:
    """Registers a law under its code and its words."""

    def register(check: Callable[[Graph, Rules], Break | None]) -> Callable[[Graph, Rules], Break | None]:
        LAWS.append(Law(code, says, says_en, check))
        return check

    return register


def _first(graph: Graph, wrong: Callable[[World], tuple[str, str] | None]) -> Break | None:
    """The break in the first world, breadth first, that `wrong` finds something to say about."""
    for world in graph.steps:
        said = wrong(world)
        if said:
            return Break(tuple(graph.path(world)), *said)
    return None


# An application that waits for the list, the document, or the end of an objection.
_WAITS = {"ready": "batch", "listed": "batch", "held": "objection"}
# A batch under review waits for its applications: those on the road have owners of their own.
_ON_THE_ROAD = frozenset({
    "draft", "prefecture_check", "province_review", "formality_check", "supplement", "panel_draw", "expert_review",
})  # fmt: skip
_NAMES = {"batch": ("批次", "the batch"), "application": ("申报", "the application"), "site": ("试点", "the site"),
          "objection": ("异议", "the objection"), "certificate": ("证书", "the certificate")}  # fmt: skip


@law("owner", "未办结的每一状态都有责任人和期限", "every non-final state has an owner and a deadline")
def _owner(graph: Graph, rules: Rules) -> Break | None:
    def wrong(world: World) -> tuple[str, str] | None:
        owes = list(owed(world, graph.machine))
        for case in open_cases(world, rules):
            said = _unowned(case, world, owes, graph)
            if said:
                return said
        return None

    return _first(graph, wrong)


def _waits_for(case: str, state: str, world: World) -> str:
    """The case whose owner and deadline count: the case itself, or the one it waits for."""
    if case == "batch" and state == "reviewing" and world.application in _ON_THE_ROAD:
        return "application"
    if case == "batch" and state == "document" and world.application == "held":
        return "objection"
    if case != "application" or (state == "listed" and (world.batch == "issued" or world.has("own_notice"))):
        return case
    return _WAITS.get(state, case)


def _unowned(case: str, world: World, owes: list[Owed], graph: Graph) -> tuple[str, str] | None:
    zh, en = _NAMES[case]
    state = getattr(world, case)
    if case == "certificate":
        return None  # made by a job, which is tried until it succeeds
    looked_at = _waits_for(case, state, world)
    mine = [item for item in owes if item.case == looked_at]
    state = state_label(case, state)
    if not mine:
        return f"{zh}停在“{state}”，没有人负责，也没有期限", f"{en} stands in “{state}” with neither owner nor deadline"
    road = [item for item in mine if item.blocks]
    if not any(item.then or _holdable(item.seat) for item in road or mine):
        who = seat_label((road or mine)[0].seat)
        return f"{zh}停在“{state}”，负责的席位“{who}”没有人能担任", f"{en} stands in “{state}”; nobody can hold “{who}”"
    # Somebody who owes it can do something about it, or time does.
    doers = {seat for step in graph.steps[world] if step.case == looked_at and step.act
             for seat in (step.seat, *_seats(graph, step, world))}  # fmt: skip
    if looked_at == "application" and world.has("own_notice"):
        return None  # its own notice runs; then the clerk
    if road and not any(_can_meet(item, doers) for item in road):
        who = seat_label(road[0].seat)
        able = "、".join(seat_label(seat) for seat in sorted(doers))
        return (
            f"{zh}停在“{state}”，期限落在“{who}”，但此时能办理的是：{able or '没有人'}",
            f"{en} stands in “{state}”: the deadline is “{who}”'s, but only {able or 'nobody'} can act",
        )
    return None


# The applicant is only told of the day: nothing is to be done about it.
_TOLD = frozenset({"expire"})


def _can_meet(item: Owed, doers: set[str]) -> bool:
    """True when whoever owes it can do something then, or it is the scheduler's own."""
    return item.seat == "system" or item.code in _TOLD or item.seat in doers or _same_desk(item.seat, doers)


def _seats(graph: Graph, step: Step, world: World) -> tuple[str, ...]:
    """Everybody who may do a step; whose turn a signature is, the step itself says."""
    if step.act == "sign_agreement":
        return ()
    return graph.machine.seats(step.case, step.act, getattr(world, step.case))


# Seats that share a desk: either of the two may act for the deadline.
_DESKS = (
    {"applicant_contact", "applicant_leader"}, {"province_officer", "province_leader"},
    {"expert_secretary", "programme_officer"},
)  # fmt: skip


def _same_desk(seat: str, doers: set[str]) -> bool:
    return any(seat in desk and desk & doers for desk in _DESKS)


def _holdable(seat: str) -> bool:
    """True for a seat that somebody can hold over a site or a batch: experts are asked case by case."""
    role = Role(seat)
    return role not in UNGRANTABLE and (REACH[role] is not Reach.PERSONAL or seat == "expert")


@law("end", "任何状态都能走到终点", "a final state is reachable from everywhere")
def _end(graph: Graph, rules: Rules) -> Break | None:
    good = graph.backwards(lambda world: finished(world, rules))

    def wrong(world: World) -> tuple[str, str] | None:
        if world in good:
            return None
        cases = "、".join(_NAMES[case][0] for case in open_cases(world, rules))
        return f"从这里起，{cases}再也走不到终点", "from here no end can be reached any more"

    return _first(graph, wrong)


@law("success", "好的结局走得到", "the good end can be reached")
def _success(graph: Graph, rules: Rules) -> Break | None:
    good = {"accepted", "operating"} if rules.acceptance else {"holding"}
    if any(world.site in good for world in graph.steps):
        return None
    longest = max(graph.steps, key=lambda world: len(graph.path(world)) if world.site else 0)
    return Break(tuple(graph.path(longest)), "无论怎样办理，都到不了验收合格、投入运行或称号有效",
                 "whatever is done, the site is never accepted, in operation or holding its title")  # fmt: skip


@law("approval", "没有批准就没有证书", "no certificate without the approval")
def _approval(graph: Graph, rules: Rules) -> Break | None:
    def wrong(world: World) -> tuple[str, str] | None:
        if world.certificate in ("issued", "pending") and not world.has("signed", "document", "approved"):
            return "名单没有签发或没有发文，证书已经生成", "a certificate exists without signature and document"
        return None

    return _first(graph, wrong)


@law("notice", "有公示的，公示期满才有证书", "where there is a notice, no certificate before it is over")
def _notice(graph: Graph, rules: Rules) -> Break | None:
    if rules.notice is None:
        return None

    def wrong(world: World) -> tuple[str, str] | None:
        if world.certificate in ("issued", "pending") and not world.has("noticed"):
            return "公示没有期满，证书已经生成", "a certificate exists before the public notice is over"
        return None

    return _first(graph, wrong)


@law("objection", "异议成立的，不以有效证书告终", "an upheld objection never ends in a certificate")
def _objection(graph: Graph, rules: Rules) -> Break | None:
    def wrong(world: World) -> tuple[str, str] | None:
        if world.objection == "upheld" and world.certificate == "issued" and not world.has("proposal") \
                and world.site in COUNTING:  # fmt: skip
            return (
                "异议已成立，称号和证书仍然有效，也没有提出撤销",
                "the objection was upheld and the certificate stands",
            )
        return None

    return _first(graph, wrong)


@law("title", "称号终止，证书不再有效", "no certificate outlives its title")
def _title(graph: Graph, rules: Rules) -> Break | None:
    def wrong(world: World) -> tuple[str, str] | None:
        expired = world.site == "lapsed" and rules.renewal is None and rules.acceptance is None
        if lost(world) and world.site != "succeeded" and world.certificate == "issued" and not expired:
            label = state_label("site", world.site)
            return (
                f"称号已经“{label}”，证书仍然有效",
                f"the title is “{label}” and the certificate still counts",
            )
        return None

    return _first(graph, wrong)


@law("timer", "每个到期事项都有下文", "every timer leads somewhere")
def _timer(graph: Graph, rules: Rules) -> Break | None:
    def wrong(world: World) -> tuple[str, str] | None:
        for item in owed(world, graph.machine):
            if item.then and not any(step.act == item.then for step in graph.steps[world]):
                what = act_label(item.case, item.then)
                return (
                    f"期限（{item.code}）到期后系统应当“{what}”，但这时办不了",
                    f"when the deadline ({item.code}) is over the system should “{what}”, which is not possible here",
                )
        return None

    return _first(graph, wrong)


@law("silence", "申报单位不作为，别人也推得动", "the applicant's silence does not hold everything up")
def _silence(graph: Graph, rules: Rules) -> Break | None:
    def wrong(world: World) -> tuple[str, str] | None:
        for item in owed(world, graph.machine):
            if not item.blocks or item.then or item.seat not in _OWN:
                continue
            state = getattr(world, item.case)
            # Somebody else, or time, can move the case on.
            others = [step for step in graph.steps[world] if step.seat not in _OWN
                      and (step.case == item.case or getattr(step.after, item.case) != state)]  # fmt: skip
            if not others:
                label = state_label(item.case, state)
                return (
                    f"申报单位在“{label}”一直不办，规则没有写明后果（then），别人也无从处理，可以无限期拖下去",
                    f"in “{label}” the applicant may stay silent for ever: the rules name no consequence (then), and "
                    "nobody else can act",
                )
        return None

    return _first(graph, wrong)


# --- who may not do what ---------------------------------------------------------------------------------------

APPLIED = {"application": ("submit", "supplement")}
SITE_FILED = ("file_plan", "file_mid_term", "file_self_evaluation", "rectify", "file_renewal")
# (case, act) of an origin, (case, act) of a decision on the same matter.
_JUDGES_OF_APPLICATION = (
    ("application", "pass_prefecture"), ("application", "recommend"), ("application", "decline"),
    ("application", "accept"), ("application", "ask_supplement"), ("application", "reject"), ("application", "score"),
    ("application", "promote"), ("batch", "draw_list"), ("batch", "decide_tie"), ("batch", "next_round"),
    ("batch", "confirm"), ("batch", "countersign"), ("batch", "sign"), ("objection", "investigate"),
    ("objection", "reject"), ("objection", "uphold"), ("objection", "dismiss_appeal"), ("objection", "uphold_appeal"),
)  # fmt: skip
_JUDGES_OF_SCORER = (
    ("application", "accept"), ("application", "promote"), ("batch", "draw_list"), ("batch", "decide_tie"),
    ("batch", "next_round"), ("batch", "confirm"), ("batch", "countersign"), ("batch", "sign"),
)  # fmt: skip
_JUDGES_OF_INVESTIGATOR = (
    ("objection", "reject"), ("objection", "uphold"), ("objection", "dismiss_appeal"), ("objection", "uphold_appeal"),
)  # fmt: skip
_JUDGES_OF_SITE = (
    ("site", "assess_mid_term"), ("site", "pre_accept"), ("site", "conclude"), ("site", "assess_renewal"),
    ("site", "renew"), ("site", "refuse_renewal"), ("site", "pass_report"), ("site", "propose_revocation"),
    ("site", "revoke"), ("site", "drop_revocation"),
)  # fmt: skip
# Kept apart by a condition of the act, across cases (listing.judged_by, objection.own_application, Act.stranger_to);
# tests/workflows/test_proofs.py holds every one of these against the real door.
ACROSS: frozenset[tuple[str, str, str]] = frozenset(
    {(origin, "batch", act) for origin in ("submit", "supplement", "score")
     for act in ("draw_list", "decide_tie", "next_round", "confirm", "countersign", "sign")}
    | {(origin, "objection", act) for origin in ("submit", "supplement")
       for act in ("investigate", "reject", "uphold", "dismiss_appeal", "uphold_appeal")}
)  # fmt: skip


def pairs() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """(origin, decision) of everything nobody may do both of."""
    for origin in ("submit", "supplement"):
        for judge in _JUDGES_OF_APPLICATION:
            yield ("application", origin), judge
    for judge in _JUDGES_OF_SCORER:
        yield ("application", "score"), judge
    for origin in ("investigate", "report_finding"):
        for judge in _JUDGES_OF_INVESTIGATOR:
            yield ("objection", origin), judge
    for origin in SITE_FILED:
        for judge in _JUDGES_OF_SITE:
            yield ("site", origin), judge


def kept_apart(machine: Machine, origin: tuple[str, str], judge: tuple[str, str]) -> bool:
    """True when the door refuses `judge` to whoever did `origin`."""
    act = machine.act(*judge)
    if origin[0] == judge[0] and origin[1] in act.separate_from:
        return True
    return (origin[1], *judge) in ACROSS


@law(
    "separation", "谁申报、评分、核查，谁就不能决定", "nobody decides on what they applied for, scored or investigated"
)
def _separation(graph: Graph, rules: Rules) -> Break | None:
    machine = graph.machine
    done = {(step.case, step.act) for found in graph.steps.values() for step in found}
    for origin, judge in pairs():
        if origin in done and judge in done and not kept_apart(machine, origin, judge):
            found = _both(graph, origin, judge)
            if found:
                return found
    return _same_seat(graph)


def _both(graph: Graph, origin: tuple[str, str], judge: tuple[str, str]) -> Break | None:
    """The way on which one person does both."""
    roots = {step.after: (world, step) for world, found in graph.steps.items() for step in found
             if (step.case, step.act) == origin}  # fmt: skip
    came = graph.from_many(roots)
    for world in [*roots, *came]:
        for step in graph.steps[world]:
            if (step.case, step.act) == judge:
                second = graph.path(world, came)
                start = world
                while start in came:
                    start = came[start][0]
                before, first = roots[start]
                path = (*graph.path(before), first, *second, step)
                return Break(path, f"同一个人既“{act_label(*origin)}”又“{act_label(*judge)}”，没有什么拦得住",
                             f"one person may do both “{act_label(*origin)}” and “{act_label(*judge)}”")  # fmt: skip
    return None


def _of(step: Step) -> tuple[str, str]:
    return step.case, step.act


# Decisions on a site that the rules give to a seat of the site's own (stage.owner).
_JUDGED = ("conclude", "pre_accept", "assess_renewal", "renew", "refuse_renewal", "assess_mid_term", "pass_report")


def _same_seat(graph: Graph) -> Break | None:
    """Whoever holds the applicant's own seat must not be the one the rules let decide on it."""
    for world, found in graph.steps.items():
        for step in found:
            if step.case == "site" and step.act in _JUDGED and step.seat in _OWN:
                return Break((*graph.path(world), step), f"“{act_label(*_of(step))}”的席位是申报单位自己（{seat_label(step.seat)}）",
                             f"“{act_label(*_of(step))}” is done by the applicant's own seat ({seat_label(step.seat)})")  # fmt: skip
    return None


@law("bands", "分数段覆盖 0 至 100，不重不漏", "band tables cover 0 to 100 without gap or overlap")
def _bands(graph: Graph, rules: Rules) -> Break | None:
    tables = {
        "acceptance": [band.floor for band in rules.acceptance.bands] if rules.acceptance else [],
        "mid_term": [band.floor for band in rules.mid_term.bands] if rules.mid_term else [],
        "renewal": [band.floor for band in rules.renewal.bands] if rules.renewal else [],
    }
    for name, floors in tables.items():
        if not floors:
            continue
        # Every score of a hundredth of a point has exactly one band: the first floor it reaches, from above.
        for score in (Decimal(0), Decimal(100), *floors, *(floor - Decimal("0.01") for floor in floors if floor)):
            reached = [floor for floor in floors if score >= floor]
            if not reached or floors != sorted(set(floors), reverse=True):
                return Break((), f"[{name}] 的分数段不能给 {score} 分定出唯一的一段",
                             f"the bands of [{name}] give no single band for {score}")  # fmt: skip
    return None


def unexplained() -> dict[str, set[str]]:
    """Acts of the registry that the proof does not know: a new act must be told to `moves`."""
    from .moves import explained  # noqa: PLC0415 - moves register themselves

    found = {case: set(acts) - explained()[case] for case, acts in known().items()}
    return {case: codes for case, codes in found.items() if codes}


__all__ = ["ACROSS", "LAWS", "Break", "Law", "kept_apart", "pairs", "resting", "unexplained"]
