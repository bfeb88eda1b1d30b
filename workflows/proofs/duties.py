"""What is owed in a world, and by whom: the deadlines of `pilots.deadlines` and `approvals.deadlines`, told by state.

A test lives every path of every programme and holds this against the deadlines that were really opened.
"""

from __future__ import annotations

from collections.abc import Iterator

from accounts.roles import Role
from pilots.deadlines import mid_term_seat
from pilots.models.designation import HELD
from pilots.rules import Rules
from pilots.rules.stages import StageCode

from .machine import Machine
from .world import Owed, World, days_of, lost

_OFFICES: dict[str, StageCode] = {
    "prefecture_check": "PREF", "province_review": "PROV", "formality_check": "FORM", "supplement": "SUPP",
}  # fmt: skip
_SIGN = {"listed": "division_head", "countersign": "countersigner", "leader": "leader"}
_THEN = {
    "deemed_accepted": "deem_accept", "deemed_withdrawn": "deem_withdrawn", "deemed_waived": "deem_waived",
    "deemed_exit": "deem_exited",
}  # fmt: skip


def owed(world: World, machine: Machine) -> Iterator[Owed]:
    """Everything somebody owes in a world."""
    yield from _batch(world, machine.rules)
    yield from _application(world, machine)
    yield from _objection(world)
    if world.site:
        yield from _site(world, machine.rules)


def _stage(case: str, rules: Rules, code: StageCode, seat: str = "") -> Owed | None:
    stage = rules.stage(code)
    if stage is None:
        return None
    return Owed(case, code, seat or str(stage.owner), days_of(stage.due), _THEN.get(stage.then, ""))


def _some(*found: Owed | None) -> Iterator[Owed]:
    yield from (item for item in found if item is not None)


def _batch(world: World, rules: Rules) -> Iterator[Owed]:
    if world.batch == "draft":
        # A batch in preparation is its officer's own; stage CALL gives the time.
        yield Owed("batch", "CALL", "programme_officer", 14)
    elif world.batch == "open":
        yield Owed("batch", "close", "programme_officer", days_of(rules.window.period, 30), "close")
    elif world.batch == "reviewing":
        yield from _some(_stage("batch", rules, "CUT"))
    elif world.batch in _SIGN:
        yield from _some(_stage("batch", rules, "SIGN", _SIGN[world.batch]))
    elif world.batch == "to_publish":
        yield from _some(_stage("batch", rules, "NOTC"))
    elif world.batch == "notice" and rules.notice:
        yield Owed("batch", "notice", "publicity_officer", days_of(rules.notice.period), "close_notice")
    elif world.batch == "document":
        yield from _some(_stage("batch", rules, "DOC"))


def _application(world: World, machine: Machine) -> Iterator[Owed]:
    rules, state = machine.rules, world.application
    if state == "draft":
        yield Owed("application", "submit", "applicant_leader", 30)
    elif state in _OFFICES:
        seat = str(machine.recommender) if state == "province_review" else ""
        yield from _some(_stage("application", rules, _OFFICES[state], seat))
    elif state == "panel_draw" and rules.scoring:
        yield Owed("application", "draw", "expert_secretary", days_of(rules.scoring.draw_within))
    elif state == "expert_review" and rules.scoring:
        if not world.has("sheets"):
            yield from _some(_stage("application", rules, "EXP"))
        else:
            yield Owed("application", "settle", "expert_secretary", days_of(rules.scoring.settle_within))
        for code, fact in (("SITE", "inspected"), ("SURV", "surveyed")):
            if not world.has(fact):
                yield from _some(_stage("application", rules, code))  # type: ignore[arg-type]
    elif state == "listed" and (world.batch == "issued" or world.has("own_notice")):
        yield Owed("application", "approve", "document_clerk", 7)


def _objection(world: World) -> Iterator[Owed]:
    seat = {"registered": Role.OBJECTION_HANDLER, "appealed": Role.LEADER}.get(world.objection)
    if world.objection == "investigating":
        seat = Role.DIVISION_HEAD if world.has("reported") else Role.OBJECTION_HANDLER
    if seat:
        yield Owed("objection", world.objection, str(seat), 20)


def _site(world: World, rules: Rules) -> Iterator[Owed]:
    if world.site == "agreement_due":
        yield from _agreement(world, rules)
    elif world.site == "plan_due":
        yield from _plan(world, rules)
    elif world.site == "building":
        yield from _building(world, rules)
    elif world.site in _EVALUATION:
        yield from _some(_stage("site", rules, _EVALUATION[world.site]))
    elif world.site == "rectifying" and rules.acceptance:
        yield Owed("site", "rect", "applicant_leader", days_of(rules.acceptance.rectification), "fail_rectification")
    yield from _title(world, rules)
    if world.has("proposal") and not lost(world):
        stage = rules.stage("REV")
        yield Owed("site", "rev_decide", "leader", days_of(stage.due if stage else None))


_EVALUATION: dict[str, StageCode] = {"self_evaluation": "SELF", "pre_acceptance": "PACC", "acceptance": "ACC"}


def _agreement(world: World, rules: Rules) -> Iterator[Owed]:
    if rules.agreement is None:
        return
    turn = rules.agreement.parties[sum(fact.startswith("party:") for fact in world.facts)]
    found = _stage("site", rules, "AGR", turn.role)
    if found and turn.role != "applicant_leader":
        # An office that is late does not make the site waive its title.
        found = Owed("site", "AGR", turn.role, found.days)
    yield from _some(found)


def _building(world: World, rules: Rules) -> Iterator[Owed]:
    if rules.acceptance:
        yield Owed("site", "open_evaluation", "system", 30 * (rules.term.months or 12), "open_evaluation")
    if rules.mid_term and not world.has("mid_term"):
        yield from _some(_stage("site", rules, "MID"))
    elif rules.mid_term and not world.has("mid_assessed"):
        yield Owed("site", "mid_assess", str(mid_term_seat(rules.mid_term)), days_of(rules.mid_term.assess_within))


def _plan(world: World, rules: Rules) -> Iterator[Owed]:
    found = _stage("site", rules, "PLAN")
    last = rules.plan.final_notice if rules.plan else None
    if found is None or last is None or not found.then:
        yield from _some(found)
    elif not world.has("final_notice"):
        yield Owed("site", "PLAN", found.seat, found.days, "final_notice")
    else:
        yield Owed("site", "plan_final", found.seat, days_of(last), "deem_waived")


def _title(world: World, rules: Rules) -> Iterator[Owed]:
    state = world.site
    holds = state == "holding" or (state == "accepted" and world.has("counts"))
    stage = rules.stage("REX")
    if rules.renewal and stage and holds:
        if world.has("renewal_asked"):
            yield Owed("site", "renew", str(stage.owner), days_of(rules.renewal.assess_within))
        else:
            yield Owed("site", "renewal", "applicant_leader", 30 * (rules.term.months or 12), "lapse")
    elif state == "holding" and not rules.open_ended:
        yield Owed("site", "expire", "applicant_leader", 30 * (rules.term.months or 12), "expire")
    if state in HELD | {"building", "self_evaluation"} and rules.report:
        yield from _report(rules)
    if state == "restricted":
        yield Owed("site", "restricted", "division_head", 14)
    if world.has("follow_up") and rules.acceptance and state in ("accepted", "new_round"):
        yield Owed("site", "follow_up", "applicant_leader", days_of(rules.acceptance.follow_up), "deem_not_followed_up")


def _report(rules: Rules) -> Iterator[Owed]:
    stage = rules.stage("ANN")
    if stage:
        yield Owed("site", "report", str(stage.owner), days_of(stage.due), blocks=False)
