"""What can happen next in a world: every act of the real registry, with its guard and what it leaves behind.

The states an act starts from and leads to come from the models; what is written here is the rest of its guard (the
conditions the act names in `unmet`) and its consequences on the other cases. Acts that change none of the states or
facts a law asks about stand in `BESIDE`; a test holds that nothing of the registry is missing from both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from pilots.models.application import ENDED
from pilots.models.designation import COUNTING, ENTERING, HELD, road_of

from .machine import Machine
from .world import Step, World, days_of

Moves = Callable[[World, Machine], Iterator[Step]]

# Done beside the road: they change nothing a law asks about.
BESIDE: dict[str, frozenset[str]] = {
    "batch": frozenset({
        "begin", "invite_units", "set_quotas", "reopen_for", "end_reopening", "draw_experts", "edit_list",
        "correct_document", "renumber_document", "adopt_rules",
    }),
    "application": frozenset({"invite", "uninvite", "add_expert", "recuse", "reassign", "hold_discussion", "carry_over", "adopt_rules"}),
    "site": frozenset({
        "begin", "file_report", "return_report", "correct_figure", "confirm_figure", "refuse_figure", "file_improvement",
        "add_sub_site", "close_sub_site", "release_tranche", "recover_tranche", "apply_change", "follow_place",
        "open_panel", "add_member", "replace_members", "record_work", "give_opinion", "stand_aside", "record_hearing", "receive_plaque",
        "answer_revocation", "award_certificate", "adopt_rules",
    }),
    "certificate": frozenset({"begin", "amend"}),
    "objection": frozenset(),
}  # fmt: skip

_REGISTRY: dict[tuple[str, str], Moves] = {}


def move(case: str, *codes: str) -> Callable[[Moves], Moves]:
    """Registers what acts do."""

    def register(function: Moves) -> Moves:
        for code in codes:
            _REGISTRY[case, code] = function
        return function

    return register


def explained() -> dict[str, frozenset[str]]:
    """{case: codes} of every act the proof knows, moving or beside."""
    return {
        case: BESIDE[case] | {code for name, code in _REGISTRY if name == case} for case in BESIDE
    }  # fmt: skip


def steps(world: World, machine: Machine) -> Iterator[Step]:
    """Everything that can happen in a world. Guards look at the state themselves."""
    for function in dict.fromkeys(_REGISTRY.values()):
        yield from function(world, machine)


def _step(world: World, machine: Machine, case: str, code: str, after: World, **more: object) -> Step:
    state = getattr(world, case)
    return Step(case, code, machine.seat(case, code, state), after, **more)  # type: ignore[arg-type]


def _can(world: World, machine: Machine, case: str, code: str) -> bool:
    return machine.may(case, code, getattr(world, case))


# --- the batch -------------------------------------------------------------------------------------------------


@move("batch", "publish", "open_intake")
def _open(world: World, machine: Machine) -> Iterator[Step]:
    code = "publish" if machine.rules.uses("CALL") else "open_intake"
    if _can(world, machine, "batch", code):
        opened = world.to(batch=machine.target("batch", "publish", world.batch))
        yield _step(world, machine, "batch", code, opened, says=_("还没有其他申报"))
        yield _step(world, machine, "batch", code, opened.to("others"), says=_("另有其他申报一同办理"))


@move("batch", "cancel")
def _cancel(world: World, machine: Machine) -> Iterator[Step]:
    if _can(world, machine, "batch", "cancel"):
        yield _step(world, machine, "batch", "cancel", world.to(batch=machine.target("batch", "cancel", world.batch)))


@move("batch", "close")
def _close(world: World, machine: Machine) -> Iterator[Step]:
    if not _can(world, machine, "batch", "close"):
        return
    after = world.to(batch=machine.target("batch", "close", world.batch))
    if world.application == "draft":
        # What was not handed in is withdrawn, or goes on in the next round of a rolling intake.
        after = after.to(application="" if machine.rules.window.kind == "rolling" else "deemed_withdrawn")
    yield _step(world, machine, "batch", "close", after, days=days_of(machine.rules.window.period, 30))


def _settled(world: World) -> bool:
    return world.application in ("", "ready") or world.application in ENDED


def _rounds_ahead(world: World, machine: Machine) -> bool:
    scoring = machine.rules.scoring
    return scoring is not None and sum(fact.startswith("round:") for fact in world.facts) < len(scoring.rounds)


@move("batch", "next_round")
@move("application", "go_on")
def _next_round(world: World, machine: Machine) -> Iterator[Step]:
    ready = world.application == "ready" or world.has("others")
    if world.batch != "reviewing" or not _settled(world) or not _rounds_ahead(world, machine) or not ready:
        return
    after = world.to(f"round:{sum(fact.startswith('round:') for fact in world.facts) + 1}")
    if world.application == "ready":
        on = machine.target("application", "go_on", "ready")
        yield _step(world, machine, "batch", "next_round", after.to(drop=("sheets", "surveyed", "inspected"),
                    application=on))  # fmt: skip
        if world.has("others"):
            yield _step(world, machine, "batch", "next_round", after.to(application="not_selected"))
    else:
        yield _step(world, machine, "batch", "next_round", after)


@move("batch", "draw_list")
def _draw(world: World, machine: Machine) -> Iterator[Step]:
    ready = world.application == "ready" or world.has("others")
    if _can(world, machine, "batch", "draw_list") and _settled(world) and ready and not _rounds_ahead(world, machine):
        after = world.to(batch=machine.target("batch", "draw_list", world.batch), drop=("tied",))
        yield _step(world, machine, "batch", "draw_list", after)
        if world.application == "ready" and world.has("others") and machine.rules.cutoff.tie != "all_in":
            yield _step(world, machine, "batch", "draw_list", after.to("tied"), says=_("入选线上有同分"))


@move("batch", "end_empty")
def _end_empty(world: World, machine: Machine) -> Iterator[Step]:
    nothing = world.application != "ready" and not world.has("others")
    if _can(world, machine, "batch", "end_empty") and _settled(world) and nothing:
        yield _step(world, machine, "batch", "end_empty",
                    world.to(batch=machine.target("batch", "end_empty", world.batch)))  # fmt: skip


@move("batch", "decide_tie")
def _decide_tie(world: World, machine: Machine) -> Iterator[Step]:
    if _can(world, machine, "batch", "decide_tie") and world.has("tied"):
        yield _step(world, machine, "batch", "decide_tie", world.to(drop=("tied",)))


@move("batch", "confirm", "countersign", "send_back")
def _signatures(world: World, machine: Machine) -> Iterator[Step]:
    signoff = machine.rules.signoff
    parties = bool(signoff.countersigners or signoff.joint_ministries)
    if world.batch == "listed" and not world.has("tied"):
        way = "confirm_to_countersign" if parties else "confirm_to_leader"
        yield _step(world, machine, "batch", "confirm", world.to(batch=machine.target("batch", way, "listed")))
    if world.batch == "countersign":
        yield _step(world, machine, "batch", "countersign",
                    world.to(batch=machine.target("batch", "countersign", "countersign")), says=_("最后一家会签"))  # fmt: skip
    if _can(world, machine, "batch", "send_back"):
        yield _step(world, machine, "batch", "send_back",
                    world.to(batch=machine.target("batch", "send_back", world.batch)))  # fmt: skip
        if world.batch in ("countersign", "leader"):
            back = machine.target("batch", "send_back_to_head", world.batch)
            yield _step(world, machine, "batch", "send_back", world.to(batch=back), says=_("退司局负责人"))


@move("batch", "sign")
@move("application", "list_as_proposed", "not_select")
def _sign(world: World, machine: Machine) -> Iterator[Step]:
    if world.batch != "leader":
        return
    after = world.to("signed", batch=machine.target(
        "batch", "sign_for_notice" if machine.rules.notice else "sign", "leader"))  # fmt: skip
    if world.application == "ready":
        yield _step(world, machine, "batch", "sign", after.to(application="listed"), says=_("列入拟批准"))
        yield _step(world, machine, "batch", "sign", after.to(application="not_selected"), says=_("未列入"))
    else:
        yield _step(world, machine, "batch", "sign", after)


@move("batch", "publish_notice", "close_notice")
def _notice(world: World, machine: Machine) -> Iterator[Step]:
    if world.batch == "to_publish":
        yield _step(world, machine, "batch", "publish_notice",
                    world.to(batch=machine.target("batch", "publish_notice", "to_publish")))  # fmt: skip
    if world.batch == "notice":
        notice = machine.rules.notice
        yield _step(world, machine, "batch", "close_notice",
                    world.to("noticed", batch=machine.target("batch", "close_notice", "notice")),
                    days=days_of(notice.period if notice else None))  # fmt: skip


@move("batch", "issue")
def _issue(world: World, machine: Machine) -> Iterator[Step]:
    if world.batch != "document" or not world.has("signed"):
        return
    after = world.to("document", batch=machine.target("batch", "issue", "document"))
    if world.application == "listed" and not world.has("own_notice"):
        yield _step(world, machine, "batch", "issue", _designated(after, machine))
    elif world.application not in ("listed", "held") or world.has("others"):
        yield _step(world, machine, "batch", "issue", after, says=_("本件不在其中"))


def _designated(world: World, machine: Machine) -> World:
    """The application is approved; its site and, where the term is settled, its certificate come into being."""
    rules, first = machine.rules, str(road_of(machine.rules))
    settled = not (rules.term.anchor in ("agreement_date", "plan_date") and first in ENTERING)
    paper = rules.certificate is not None and rules.shape != "II" and settled
    return world.to("approved", application="approved", site=first, certificate="pending" if paper else "")


# --- the application -------------------------------------------------------------------------------------------


def _taken(world: World) -> bool:
    return world.batch in ("open", "reviewing")


@move("application", "begin", "submit", "withdraw")
def _applicant(world: World, machine: Machine) -> Iterator[Step]:
    if world.batch == "open" and world.application == "":
        yield Step("application", "begin", "applicant_leader", world.to(application="draft"))
    if world.batch == "open" and world.application == "draft":
        yield _step(world, machine, "application", "submit",
                    world.to("submitted", application=machine.target("application", "submit", "draft")), days=10)  # fmt: skip
    if _taken(world) and _can(world, machine, "application", "withdraw"):
        yield _step(world, machine, "application", "withdraw", world.to(application="withdrawn"))


@move("application", "pass_prefecture", "recommend", "decline", "return_to_applicant")
def _recommenders(world: World, machine: Machine) -> Iterator[Step]:
    for code in ("pass_prefecture", "recommend", "decline"):
        if _taken(world) and _can(world, machine, "application", code):
            after = machine.target("application", code, world.application)
            yield _step(world, machine, "application", code, world.to(application=after), days=5)
    # While the window is open.
    if world.batch == "open" and _can(world, machine, "application", "return_to_applicant"):
        after = machine.target("application", "return_to_applicant", world.application)
        yield _step(world, machine, "application", "return_to_applicant", world.to(application=after), days=3)


@move("application", "accept", "ask_supplement", "reject", "deem_accept", "supplement", "deem_withdrawn")
def _formality(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules
    if not _taken(world):
        return
    if world.application == "formality_check":
        for code in ("accept", "reject"):
            after = world.to(application=machine.target("application", code, "formality_check"))
            yield _step(world, machine, "application", code, after, days=3)
        if rules.uses("SUPP") and not world.has("asked"):
            after = world.to("asked", application=machine.target("application", "ask_supplement", "formality_check"))
            yield _step(world, machine, "application", "ask_supplement", after, days=3)
        stage = rules.stage("FORM")
        if stage is not None and stage.then == "deemed_accepted":
            after = world.to(application=machine.target("application", "accept", "formality_check"))
            yield _step(world, machine, "application", "deem_accept", after, days=days_of(stage.due) + 1)
    if world.application == "supplement":
        yield _step(world, machine, "application", "supplement",
                    world.to("resubmitted", application=machine.target("application", "supplement", "supplement")))  # fmt: skip
        stage = rules.stage("SUPP")
        if stage is not None and stage.then == "deemed_withdrawn":
            yield _step(world, machine, "application", "deem_withdrawn", world.to(application="deemed_withdrawn"),
                        days=days_of(stage.due) + 1)  # fmt: skip


@move("application", "assign_experts", "score", "record_survey", "record_inspection", "conclude_review")
def _review(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules
    if not _taken(world):
        return
    if world.application == "panel_draw":
        after = world.to(application=machine.target("application", "assign_experts", "panel_draw"))
        yield _step(world, machine, "application", "assign_experts", after, days=3)
    if world.application != "expert_review":
        return
    if not world.has("sheets"):
        yield _step(world, machine, "application", "score", world.to("sheets", "scored"), days=5)
    for code, stage, fact in (("record_survey", "SURV", "surveyed"), ("record_inspection", "SITE", "inspected")):
        if rules.uses(stage) and not world.has(fact):  # type: ignore[arg-type]
            yield _step(world, machine, "application", code, world.to(fact), days=5)
    if world.has(*_wanted(machine)):
        after = world.to(application=machine.target("application", "conclude_review", "expert_review"))
        yield _step(world, machine, "application", "conclude_review", after)


def _wanted(machine: Machine) -> list[str]:
    """What must be in before a review is concluded."""
    site = machine.rules.stage("SITE")
    return [
        "sheets",
        *(["surveyed"] if machine.rules.uses("SURV") else []),
        *(["inspected"] if site is not None and not site.optional else []),
    ]


@move("application", "approve", "promote")
def _afterwards(world: World, machine: Machine) -> Iterator[Step]:
    if world.batch == "issued" and world.application == "listed" and not _open_objection(world) \
            and not world.has("own_notice"):  # fmt: skip
        yield Step("application", "approve", "document_clerk", _designated(world, machine), says=_("补发批复"))
    later = world.batch in ("to_publish", "notice", "document", "issued")
    if later and world.application == "not_selected" and machine.rules.cutoff.next_in_rank and world.has("others"):
        own = ("own_notice",) if machine.rules.notice else ()
        yield _step(world, machine, "application", "promote",
                    world.to("promoted", *own, application=machine.target("application", "promote", "not_selected")))  # fmt: skip
    if world.has("own_notice") and world.application == "listed":
        notice = machine.rules.notice
        # Nobody does this: its own notice is over.
        yield Step("application", "", "system", world.to("noticed", drop=("own_notice",)),
                   days=days_of(notice.period if notice else None), says=_("递补公示期满"))  # fmt: skip


# --- the objection ---------------------------------------------------------------------------------------------


def _open_objection(world: World) -> bool:
    return world.objection in ("registered", "investigating", "appealed")


@move("objection", "begin", "keep_as_lead")
@move("application", "hold")
def _object(world: World, machine: Machine) -> Iterator[Step]:
    if world.objection or machine.rules.notice is None or not world.has("signed"):
        return
    if (world.batch == "notice" or world.has("own_notice")) and world.application == "listed":
        yield Step("objection", "begin", "public", world.to(objection="registered", application="held"))
    elif world.application in ("listed", "approved"):
        yield Step("objection", "begin", "public", world.to(objection="lead"), says=_("逾期或匿名"))


@move("objection", "investigate", "report_finding", "reject", "uphold", "lodge_appeal", "dismiss_appeal",
      "uphold_appeal")  # fmt: skip
@move("application", "release", "remove")
def _answer(world: World, machine: Machine) -> Iterator[Step]:
    notice = machine.rules.notice
    if world.objection == "registered":
        yield _step(world, machine, "objection", "investigate",
                    world.to("investigated", objection=machine.target("objection", "investigate", "registered")))  # fmt: skip
    if world.objection == "investigating":
        if not world.has("reported"):
            yield _step(world, machine, "objection", "report_finding", world.to("reported"), days=10)
        yield _step(world, machine, "objection", "reject", _let_go(world.to(objection="rejected")), days=5)
        if world.application != "approved":
            yield _step(world, machine, "objection", "uphold", _take_out(world.to(objection="upheld")), days=5)
    if world.objection == "rejected" and notice is not None and notice.appeal is not None and not world.has("appealed"):
        after = world.to("appealed", objection=machine.target("objection", "lodge_appeal", "rejected"))
        yield Step("objection", "lodge_appeal", "public",
                   after.to(application="held") if world.application == "listed" else after)  # fmt: skip
    if world.objection == "appealed":
        yield _step(world, machine, "objection", "dismiss_appeal", _let_go(world.to(objection="dismissed")), days=10)
        after = _take_out(world.to(objection="upheld"))
        if world.site in COUNTING:
            # The title was given meanwhile: its revocation is proposed in the same act.
            after = after.to("proposal")
        yield _step(world, machine, "objection", "uphold_appeal", after, days=10)


def _let_go(world: World) -> World:
    return world.to(application="listed") if world.application == "held" else world


def _take_out(world: World) -> World:
    after = world.to("upheld")
    return after.to(application="removed") if world.application == "held" else after


# --- the site --------------------------------------------------------------------------------------------------


def _over(world: World, state: str, *, revokes: bool = True, drop: tuple[str, ...] = ()) -> World:
    """The site has come to an end; its certificate is taken back with it where the title is lost."""
    gone = ("proposal", "follow_up", "counts", "renewal_asked", *drop)
    paper = "revoked" if revokes and world.certificate in ("issued", "suspended", "pending") else world.certificate
    return world.to(site=state, certificate=paper, drop=gone)


@move("site", "sign_agreement")
def _agreement(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules
    if world.site != "agreement_due" or rules.agreement is None:
        return
    turn = _signed(world)
    party = rules.agreement.parties[turn]
    last = turn + 1 == len(rules.agreement.parties)
    after = world.to(f"party:{turn}:{party.role}")
    if last:
        after = after.to(site=str(road_of(rules, world.site)))
        if rules.term.anchor == "agreement_date" and rules.certificate:
            after = after.to(certificate="pending")
    yield Step("site", "sign_agreement", party.role, after, days=7, says=str(party.name))


def _signed(world: World) -> int:
    return sum(fact.startswith("party:") for fact in world.facts)


@move("site", "file_plan", "final_notice", "deem_waived")
def _plan(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules
    if world.site == "plan_due":
        after = world.to("filed", site=str(road_of(rules, world.site)))
        if rules.term.anchor == "plan_date" and rules.certificate:
            after = after.to(certificate="pending")
        yield _step(world, machine, "site", "file_plan", after, days=20)
        stage, plan = rules.stage("PLAN"), rules.plan
        notice = plan is not None and plan.final_notice is not None
        if stage is not None and stage.then == "deemed_waived":
            if notice and not world.has("final_notice"):
                yield _step(world, machine, "site", "final_notice", world.to("final_notice"), days=days_of(stage.due))
            else:
                wait = plan.final_notice if notice and plan else stage.due
                yield _step(world, machine, "site", "deem_waived", _over(world, "exited"), days=days_of(wait))
    if world.site == "agreement_due" and rules.agreement is not None:
        stage = rules.stage("AGR")
        own = rules.agreement.parties[_signed(world)].role == "applicant_leader"
        if stage is not None and stage.then == "deemed_waived" and own:
            yield _step(world, machine, "site", "deem_waived", _over(world, "exited"), days=days_of(stage.due))


@move("site", "open_evaluation", "file_self_evaluation", "deem_exited", "pre_accept", "return_self_evaluation",
      "file_mid_term", "assess_mid_term")  # fmt: skip
def _evaluation(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules
    if world.site == "building" and rules.acceptance is not None:
        yield _step(world, machine, "site", "open_evaluation",
                    world.to(site=machine.target("site", "open_evaluation", "building")),
                    days=30 * (rules.term.months or 0))  # fmt: skip
        if rules.mid_term is not None and not world.has("mid_term"):
            yield _step(world, machine, "site", "file_mid_term", world.to("mid_term", "filed"),
                        days=days_of(rules.mid_term.after))  # fmt: skip
    if world.site == "building" and world.has("mid_term") and not world.has("mid_assessed"):
        yield from _mid_term(world, machine)
    if world.site == "self_evaluation":
        yield _step(world, machine, "site", "file_self_evaluation",
                    world.to("filed", site=machine.target("site", "file_self_evaluation", "self_evaluation")), days=20)  # fmt: skip
        stage = rules.stage("SELF")
        if stage is not None and stage.then == "deemed_exit":
            yield _step(world, machine, "site", "deem_exited", _over(world, "exited"), days=days_of(stage.due))
    if world.site == "pre_acceptance":
        for code in ("pre_accept", "return_self_evaluation"):
            after = world.to(site=machine.target("site", code, "pre_acceptance"))
            yield _step(world, machine, "site", code, after, days=10)


def _mid_term(world: World, machine: Machine) -> Iterator[Step]:
    from pilots.deadlines import mid_term_seat  # noqa: PLC0415 - deadlines read the calendar's models

    rules = machine.rules.mid_term
    if rules is None:
        return
    seat = str(mid_term_seat(rules))
    done = world.to("mid_assessed")
    yield Step("site", "assess_mid_term", seat, done, days=days_of(rules.assess_within))
    if any(band.consequence == "propose_revocation" for band in rules.bands):
        yield Step("site", "assess_mid_term", seat, done.to("proposal"), days=days_of(rules.assess_within),
                   says=_("不合格，提出撤销"))  # fmt: skip


@move("site", "conclude", "rectify", "fail_rectification")
def _acceptance(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules.acceptance
    if rules is None:
        return
    if world.site == "acceptance":
        for band in rules.bands:
            # Mended as often as the rules allow: what is still below the line has failed.
            mended = sum(fact.startswith("mended:") for fact in world.facts)
            again = band.consequence == "rectify" and mended >= rules.rectify_times
            consequence = "revoke" if again else band.consequence
            after = _concluded(world, machine, consequence, band)
            yield _step(world, machine, "site", "conclude", after, days=days_of(rules.window_after),
                        says=_("%(floor)s 分以上（%(grade)s）") % {"floor": band.floor, "grade": band.name})  # fmt: skip
    if world.site == "rectifying":
        yield _step(world, machine, "site", "rectify", world.to("filed", site="acceptance"), days=60)
        yield _step(world, machine, "site", "fail_rectification", _over(world, "revoked"),
                    days=days_of(rules.rectification, 90) + 1)  # fmt: skip


def _concluded(world: World, machine: Machine, consequence: str, band: object) -> World:
    rules = machine.rules
    state = machine.target("site", "conclude", "acceptance", consequence)
    if consequence == "rectify":
        count = sum(fact.startswith("mended:") for fact in world.facts)
        return world.to(f"mended:{count + 1}", site=state)
    if consequence in ("revoke", "lapse"):
        return _over(world, state)
    after = world.to("accepted", site=state)
    if getattr(band, "follow_up", False):
        after = after.to("follow_up")
    if consequence == "accept" and rules.renewal:
        after = after.to("counts")
    if consequence in ("accept", "operate") and rules.certificate and (
        rules.certificate.on_acceptance or rules.shape == "II"
    ):  # fmt: skip
        after = after.to(certificate="pending")
    return after


@move("site", "file_follow_up", "deem_not_followed_up")
def _follow_up(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules.acceptance
    if rules is None or not world.has("follow_up") or world.site not in ("accepted", "new_round"):
        return
    yield _step(world, machine, "site", "file_follow_up", world.to(drop=("follow_up",)), days=60)
    yield _step(
        world, machine, "site", "deem_not_followed_up", _over(world, "exited"), days=days_of(rules.follow_up) + 1
    )


@move("site", "file_renewal", "renew", "refuse_renewal", "assess_renewal", "lapse", "expire")
def _renewal(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules
    holds = world.site == "holding" or (world.site == "accepted" and world.has("counts"))
    months = 30 * (rules.term.months or 12)
    if rules.renewal is not None and holds:
        if not world.has("renewal_asked"):
            yield _step(world, machine, "site", "file_renewal", world.to("renewal_asked", "filed"), days=months)
            yield _step(world, machine, "site", "lapse", _over(world, "lapsed"), days=months + 1)
            return
        good = world.to("renewed", drop=("renewal_asked",))
        if world.site == "holding" and rules.certificate:
            good = good.to(certificate="pending")
        codes = ("assess_renewal", "assess_renewal") if rules.renewal.criteria else ("renew", "refuse_renewal")
        days = days_of(rules.renewal.assess_within)
        yield _step(world, machine, "site", codes[0], good, days=days, says=_("续期"))
        yield _step(world, machine, "site", codes[1], _over(world, "lapsed"), days=days, says=_("不续期"))
    elif world.site == "holding" and not rules.open_ended:
        yield _step(world, machine, "site", "expire", _over(world, "lapsed", revokes=False), days=months + 1)


@move("site", "pass_report", "restrict", "lift_restriction")
def _assessment(world: World, machine: Machine) -> Iterator[Step]:
    rules = machine.rules
    if rules.report is None:
        return
    effects = {grade.effect for grade in rules.report.grades}
    graded = rules.report.through_province and world.site in HELD | {"building"}
    if graded and "propose_revocation" in effects and not world.has("proposal"):
        yield _step(
            world, machine, "site", "pass_report", world.to("proposal"), days=365, says=_("年度考核不合格，提出撤销")
        )
    if world.site == "operating":
        if graded and "restrict" in effects:
            yield _step(world, machine, "site", "pass_report", world.to(site="restricted"), days=365,
                        says=_("年度考核不合格，限制运行"))  # fmt: skip
        yield _step(world, machine, "site", "restrict", world.to(site="restricted"), days=30)
    if world.site == "restricted":
        yield _step(world, machine, "site", "lift_restriction", world.to(site="operating"), days=30)


@move("site", "propose_revocation", "revoke", "drop_revocation", "succeed", "merge", "convert")
def _taken_away(world: World, machine: Machine) -> Iterator[Step]:
    if world.site not in COUNTING:
        return
    if not world.has("proposal"):
        yield _step(world, machine, "site", "propose_revocation", world.to("proposal"), days=30)
    else:
        stage = machine.rules.stage("REV")
        days = days_of(stage.due if stage else None, 14)
        yield _step(world, machine, "site", "revoke", _over(world, "revoked"), days=days)
        # What an objection was upheld for is not dropped.
        if not (world.has("upheld") and world.objection == "upheld"):
            yield _step(world, machine, "site", "drop_revocation", world.to(drop=("proposal",)), days=days)
    upgrade = machine.rules.upgrade
    if upgrade is not None and upgrade.replaces and world.site not in ENTERING:
        yield Step("site", "succeed", "system", _over(world, "succeeded", revokes=False), days=60,
                   says=_("升级为 %(target)s") % {"target": upgrade.target})  # fmt: skip


# --- the certificate -------------------------------------------------------------------------------------------


@move("certificate", "issue", "revoke", "supersede", "suspend", "resume", "reissue", "correct")
def _certificate(world: World, machine: Machine) -> Iterator[Step]:
    if world.certificate == "pending":
        yield Step("certificate", "issue", "system", world.to(certificate="issued"), days=0)
    if world.certificate in ("issued", "suspended") and world.site == "succeeded":
        yield Step("certificate", "supersede", "system", world.to(certificate="superseded"), days=0)
    if world.certificate in ("issued", "suspended") and world.site in COUNTING:
        yield Step("certificate", "revoke", "division_head", world.to(certificate="revoked"), days=5)
        # Another edition: the newest paper of the title is on its way again. The older one counts until it is there.
        for code in ("reissue", "correct"):
            yield Step("certificate", code, "programme_officer", world.to(certificate="pending"), days=5)
    if world.certificate == "issued" and world.site in COUNTING:
        yield Step("certificate", "suspend", "division_head", world.to(certificate="suspended"), days=5)
    if world.certificate == "suspended":
        yield Step("certificate", "resume", "division_head", world.to(certificate="issued"), days=5)
