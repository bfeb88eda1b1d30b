"""The ways a life can go. Each is a function of a walk and a place; its end is what `play` checks.

Where a path ends depends on the programme's shape: a site that is built is accepted, what is only recognised is held, what
was built runs. `possible` says whether a programme's rules know a way at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.acts import acts_of
from accounts.models import Place
from accounts.roles import Role
from approvals.models import Review
from config.demo.cast import kind_for
from config.demo.walk import Walk, nine_after
from pilots.agreements import next_party
from pilots.changes import first_early_day
from pilots.models import Application, Designation, Programme
from pilots.models.designation import road_of
from pilots.rules import Rules
from pilots.timing import end_of_title, end_of_upgrade
from workflows.beginnings import province_of


@dataclass(frozen=True)
class End:
    """Where a path must end; None: there is no such thing at its end."""

    application: str
    designation: str | None = None
    certificate: str | None = None


@dataclass(frozen=True)
class Path:
    name: str
    end: Callable[[Rules], End]
    live: Callable[[Walk, Place], None]
    # Whether a programme's rules know this way at all.
    possible: Callable[[Rules], bool] = lambda rules: True


PATHS: dict[str, Path] = {}
Possible = Callable[[Rules], bool]


def _path(name: str, end: Callable[[Rules], End], possible: Possible = lambda rules: True) -> Callable[..., Any]:
    def register(live: Callable[[Walk, Place], None]) -> Callable[[Walk, Place], None]:
        PATHS[name] = Path(name, end, live, possible)
        return live

    return register


def _only(application: str) -> Callable[[Rules], End]:
    return lambda rules: End(application)


def _site(state: str, certificate: str = "issued") -> Callable[[Rules], End]:
    """A site in `state`, with its certificate where the programme prints one."""
    # What is only to be built is certified once it runs (shape II).
    unbuilt = state in ("revoked", "exited", "lapsed")

    def end(rules: Rules) -> End:
        paper = rules.certificate is not None and not (rules.shape == "II" and unbuilt)
        return End("approved", state, certificate if paper else None)

    return end


def _named(rules: Rules) -> End:
    """Just named: the agreement and the plan are still ahead."""
    state = road_of(rules)
    late = rules.term.anchor in ("agreement_date", "plan_date") and state in ("agreement_due", "plan_due")
    paper = rules.certificate is not None and not late and rules.shape != "II"
    return End("approved", str(state), "issued" if paper else None)


def _well(rules: Rules) -> End:
    """The good end of a life, by the programme's shape."""
    return _site(_AFTER.get(_good_band(rules), "holding"))(rules)


_AFTER = {"accept": "accepted", "operate": "operating"}


def _good_band(rules: Rules) -> str:
    """The consequence of the best band of the acceptance; empty where there is none."""
    return rules.acceptance.bands[0].consequence if rules.acceptance else ""


def _band(consequence: str) -> Possible:
    return lambda rules: bool(rules.acceptance and any(b.consequence == consequence for b in rules.acceptance.bands))


def _then(code: Any, then: str) -> Possible:
    def known(rules: Rules) -> bool:
        stage = rules.stage(code)
        return stage is not None and stage.then == then

    return known


def _held(rules: Rules) -> bool:
    return rules.acceptance is None


def _to_review(walk: Walk, place: Place) -> Application:
    walk.asked = (*walk.asked, place)
    walk.call()
    return _reviewed(walk, place)


def _reviewed(walk: Walk, place: Place) -> Application:
    return walk.assign(walk.check(walk.recommend(walk.apply(place))))


def _to_site(walk: Walk, place: Place) -> Designation:
    walk.review(_to_review(walk, place))
    return _decided(walk)


def _decided(walk: Walk, **more: Any) -> Designation:
    walk.close()
    walk.decide(**more)
    walk.notice()
    walk.issue()
    return Designation.objects.filter(batch=walk.batch).order_by("-pk").first()


def _to_title(walk: Walk, place: Place) -> Designation:
    return walk.enter(_to_site(walk, place))


def _to_acceptance(walk: Walk, place: Place) -> Designation:
    return walk.evaluation(walk.reports(_to_title(walk, place)))


def _to_good_end(walk: Walk, place: Place) -> Designation:
    site = _to_title(walk, place)
    if site.rules.acceptance is None:
        return walk.reports(site)
    site = walk.conclude(walk.evaluation(walk.reports(site)), _good_band(site.rules))
    return walk.reports(site) if site.state == "operating" else site


@_path("happy", _well)
def happy(walk: Walk, place: Place) -> None:
    """Applied, recommended, checked, reviewed, signed, published, issued; then built and accepted, or held."""
    _to_good_end(walk, place)


@_path("return", _named, lambda rules: any(rules.uses(code) for code in ("PREF", "PROV", "SUPP")))
def returned(walk: Walk, place: Place) -> None:
    """Returned once by each office that may, asked for a supplement once, then issued."""
    walk.asked = (place,)
    walk.call()
    application = walk.apply(place)
    if application.state == "prefecture_check":
        officer = walk.cast.prefecture(place)
        application = walk.act(application, "return_to_applicant", officer, reason="请补充附件。")
        application = walk.act(walk.submit(application), "pass_prefecture", officer)
    if application.state == "province_review":
        officer = walk.recommender(application)
        application = walk.act(application, "return_to_applicant", officer, reason="请补充配套资金来源。")
        application = walk.submit(application)
    application = walk.recommend(application)
    if application.rules.uses("SUPP"):
        application = walk.check(application, "ask_supplement", reason="承诺函缺少公章。")
        application = walk.act(application, "supplement", walk.leader_of(application))
    walk.review(walk.assign(walk.check(application)))
    _decided(walk)


@_path("late", _only("deemed_withdrawn"), _then("SUPP", "deemed_withdrawn"))
def late(walk: Walk, place: Place) -> None:
    """Asked for a supplement and never heard of again."""
    walk.asked = (place,)
    walk.call()
    application = walk.recommend(walk.apply(place))
    walk.check(application, "ask_supplement", reason="承诺函缺少公章。")
    walk.wait(days=30)


@_path("withdraw", _only("withdrawn"))
def withdraw(walk: Walk, place: Place) -> None:
    """Withdrawn by the applicant before the list is drawn."""
    application = _to_review(walk, place)
    walk.act(application, "withdraw", walk.leader_of(application), reason="规划调整。")


_TOP = {"province_gov", "province_office"}


def _has_above(rules: Rules) -> bool:
    return rules.uses("PROV") and bool(set(rules.applicants.kinds) - _TOP)


@_path("decline", _only("not_recommended"), _has_above)
def decline(walk: Walk, place: Place) -> None:
    """Not recommended by the province."""
    walk.call()
    application = walk.apply(_below(walk, place))
    if application.state == "prefecture_check":
        application = walk.act(application, "pass_prefecture", walk.cast.prefecture(application.place))
    walk.act(
        application, "decline", walk.recommender(application), data={"opinion": "条件不足。"}, reason="超出本省名额。"
    )


@_path("recusal", _named, lambda rules: rules.uses("EXP"))
def recusal(walk: Walk, place: Place) -> None:
    """One expert withdraws, another one is added."""
    application = _to_review(walk, place)
    first = Review.objects.filter(application=application).select_related("expert").first()
    application = walk.act(application, "recuse", first.expert, reason="曾参与该方案编制。")
    form = acts_of(application)["add_expert"].form(obj=application, by=walk.cast["officer"], at=walk.at)
    walk.act(application, "add_expert", walk.cast["officer"], data={"experts": form["experts"].initial[:1]})
    walk.review(application)
    _decided(walk)


@_path("objection", _only("removed"), lambda rules: rules.notice is not None)
def objection(walk: Walk, place: Place) -> None:
    """An objection during the notice is upheld; the document goes out without this item."""
    walk.review(_to_review(walk, place))
    walk.close()
    walk.decide()
    application = Application.objects.get(batch=walk.batch)

    def during() -> None:
        case = walk.object(application)
        walk.act(case, "uphold", walk.cast["head"], data={"finding": "经核查，机构数量确与事实不符。"})

    walk.notice(during)
    walk.issue()


def _below(walk: Walk, place: Place) -> Place:
    """`place`, or, where it is a province, the first place below one that may apply."""
    if place.kind not in Place.RECOMMENDING_KINDS or place.kind == Place.Kind.PLAN_LISTED_CITY:
        return place
    others = Place.objects.filter(valid_to__isnull=True).exclude(kind__in=Place.RECOMMENDING_KINDS)
    return next(other for other in others.exclude(kind=Place.Kind.NATION).order_by("pk") if _may(walk, other))


def _elsewhere(place: Place) -> Place:
    """A place of the same kind in another province, so that no quota stands between the two."""
    same = Place.objects.filter(kind=place.kind, valid_to__isnull=True).exclude(pk=place.pk).order_by("pk")
    return next(other for other in same if province_of(other) != province_of(place))


def _ties(rules: Rules) -> bool:
    return rules.uses("EXP") and rules.cutoff.tie != "all_in"


@_path("tie", _named, _ties)
def tie(walk: Walk, place: Place) -> None:
    """Two equal applications and one place: the division head decides, with the reason."""
    both = (_elsewhere(place), place)
    walk.asked = both
    walk.call(places=1)
    for one in both:
        walk.review(_reviewed(walk, one))
    _decided(walk, chosen=place)


def _left(*unsettled: str) -> Callable[[Rules], End]:
    """Gone before it began; its certificate is taken back unless its term was never settled."""

    def end(rules: Rules) -> End:
        paper = rules.certificate is not None and rules.shape != "II" and rules.term.anchor not in unsettled
        return End("approved", "exited", "revoked" if paper else None)

    return end


@_path("unsigned", _left("agreement_date", "plan_date"), _then("AGR", "deemed_waived"))
def unsigned(walk: Walk, place: Place) -> None:
    """Never signs its agreement: deemed waived."""
    site = _to_site(walk, place)
    while next_party(site)[1].role != Role.APPLICANT_LEADER:
        site = walk.sign_next(site)
    walk.wait(days=400)


@_path("waive", _left("plan_date"), _then("PLAN", "deemed_waived"))
def waive(walk: Walk, place: Place) -> None:
    """Never files its plan, not even after the final notice: deemed waived."""
    walk.signed(_to_site(walk, place))
    walk.wait(days=500)


@_path("rectify", _well, _band("rectify"))
def rectify(walk: Walk, place: Place) -> None:
    """Below the line at first, mended, accepted at the second look."""
    site = walk.conclude(_to_acceptance(walk, place), "rectify")
    walk.wait(days=10)
    walk.conclude(walk.mend(site), _good_band(site.rules))


@_path("extension", _well, lambda rules: bool(rules.change and rules.change.extension))
def extension(walk: Walk, place: Place) -> None:
    """The term is made longer by the months the rules allow, then accepted at its new end."""
    site = _to_title(walk, place)
    walk.wait(days=40)
    walk.change(site, "extension", months=site.rules.change.extension.months)
    site = walk.reports(Designation.objects.get(pk=site.pk))
    walk.conclude(walk.evaluation(site), _good_band(site.rules))


@_path("early", _well, lambda rules: bool(rules.change and rules.change.early))
def early(walk: Walk, place: Place) -> None:
    """The goals are reached before the day: accepted early."""
    site = _to_title(walk, place)
    opens = first_early_day(site, site.rules.change.early)
    for row in site.filings.filter(kind="report", filed_at__isnull=True, due_on__lte=opens).order_by("due_on"):
        walk.until(nine_after(row.due_on - timedelta(days=10)))
        site = walk.report(site)
    walk.until(nine_after(opens))
    walk.change(site, "early_acceptance")
    walk.conclude(walk.evaluation(site), _good_band(site.rules))


@_path("new_round", _site("new_round"), _band("new_round"))
def new_round(walk: Walk, place: Place) -> None:
    """Between the lines: a new round of the pilot."""
    walk.conclude(_to_acceptance(walk, place), "new_round")


@_path("drop", _site("lapsed", "revoked"), _band("lapse"))
def drop(walk: Walk, place: Place) -> None:
    """Below the line where that only ends the title."""
    walk.conclude(_to_acceptance(walk, place), "lapse")


@_path("fail", _site("revoked", "revoked"), _band("revoke"))
def fail(walk: Walk, place: Place) -> None:
    """Far below the line: revoked, with a ban."""
    walk.conclude(_to_acceptance(walk, place), "revoke")


@_path("exit", _site("exited", "revoked"), _then("SELF", "deemed_exit"))
def leave(walk: Walk, place: Place) -> None:
    """Never files its summary: deemed exit."""
    site = walk.reports(_to_title(walk, place))
    walk.wait(days=(site.term_end - site.term_start).days + 500)


def _renewed(rules: Rules) -> bool:
    return rules.renewal is not None


def _renewable(rules: Rules) -> str:
    return "accepted" if rules.acceptance else "holding"


@_path("renew", lambda rules: _site(_renewable(rules))(rules), _renewed)
def renew(walk: Walk, place: Place) -> None:
    """Re-examined before the title ends, and renewed."""
    site = walk.examined(_to_good_end(walk, place))
    assert site.valid_until is not None and site.renewal_filed_at is None  # noqa: S101, PT018


@_path("refuse", _site("lapsed", "revoked"), _renewed)
def refuse(walk: Walk, place: Place) -> None:
    """Re-examined, and not renewed."""
    walk.examined(_to_good_end(walk, place), well=False)


@_path("lapse", _site("lapsed", "revoked"), _renewed)
def lapse(walk: Walk, place: Place) -> None:
    """Never asks for re-examination: the title lapses on its last day."""
    site = _to_good_end(walk, place)
    walk.until(nine_after(end_of_title(site) + timedelta(days=2)))


@_path("expire", _site("lapsed"), lambda rules: _held(rules) and not rules.renewal and not rules.open_ended)
def expire(walk: Walk, place: Place) -> None:
    """A title that nobody renews ends on its last day."""
    site = _to_good_end(walk, place)
    walk.until(nine_after((end_of_upgrade(site) or site.term_end) + timedelta(days=2)))


def _target(code: str) -> Programme | None:
    return Programme.objects.filter(code=code).first()


@_path("upgrade", _site("succeeded", "superseded"), lambda rules: bool(rules.upgrade and rules.upgrade.replaces))
def upgrade(walk: Walk, place: Place) -> None:
    """Becomes what its rules lead to: the higher title takes the place of this one."""
    higher = Walk(walk.cast, _target(walk.programme.current.rules.upgrade.target), walk.at, lively=walk.lively)
    if not _may(higher, place):
        places = Place.objects.filter(valid_to__isnull=True).exclude(kind=Place.Kind.NATION).order_by("pk")
        place = next(one for one in places if _may(higher, one) and _may(walk, one))
    _ready_to_rise(walk, place)
    higher.at = walk.at
    # What is only to be built is certified once it runs; until then the old paper stands.
    rise = _to_good_end if higher.programme.shape == "II" else _to_title
    rise(higher, place)
    walk.at = higher.at


def _ready_to_rise(walk: Walk, place: Place) -> Designation:
    """A site that meets the precondition of the upgrade its rules name."""
    rules = walk.programme.current.rules
    match rules.upgrade.precondition:
        case "term_over" if not rules.upgrade.early:
            site = _to_good_end(walk, place)
            walk.until(nine_after(site.term_end + timedelta(days=1)))
        case "term_over":
            site = _to_good_end(walk, place)
            walk.until(nine_after(site.term_end - timedelta(days=200)))
        case "one_year":
            site = _to_good_end(walk, place)
            walk.until(walk.at + timedelta(days=400))
        case _:
            site = _to_good_end(walk, place)
    return site


@_path("revoke", _site("revoked", "revoked"))
def revoke(walk: Walk, place: Place) -> None:
    """Taken away for cause, with the right to be heard; a listed one leaves the list, a prize is taken back."""
    walk.revoked(_to_title(walk, place))


def _effect(effect: str) -> Possible:
    return lambda rules: bool(rules.report and any(grade.effect == effect for grade in rules.report.grades))


def _restricts(rules: Rules) -> bool:
    return _effect("restrict")(rules) and _band("operate")(rules)


@_path("restrict", _site("restricted"), _restricts)
def restrict(walk: Walk, place: Place) -> None:
    """In operation, assessed badly, restricted; mended, released, assessed badly again."""
    site = _to_good_end(walk, place)
    site = _graded(walk, site, "restrict")
    site = walk.act(site, "lift_restriction", walk.cast["head"], reason="整改到位。")
    _graded(walk, site, "restrict")


def _graded(walk: Walk, site: Designation, effect: str) -> Designation:
    """The next report, with a grade of that effect."""
    code = next(grade.code for grade in site.rules.report.grades if grade.effect == effect)
    row = site.filings.filter(kind="report", filed_at__isnull=True).order_by("due_on").first()
    walk.until(nine_after(row.due_on - timedelta(days=10)))
    return walk.report(site, code)


@_path("assessed_out", _site("revoked", "revoked"), _effect("propose_revocation"))
def assessed_out(walk: Walk, place: Place) -> None:
    """A yearly assessment that is not passed leads to the proposal to revoke, and to the revocation."""
    site = _graded(walk, _to_title(walk, place), "propose_revocation")
    walk.decided(site)


def _withholds(rules: Rules) -> bool:
    return bool(rules.funding and rules.mid_term and _worst(rules) is not None)


def _worst(rules: Rules) -> Any:
    return next((band for band in rules.mid_term.bands if band.consequence == "propose_revocation"), None)


@_path("clawback", _site("revoked", "revoked"), _withholds)
def clawback(walk: Walk, place: Place) -> None:
    """Fails at half-time: the second tranche is withheld, the title revoked, the first one recovered."""
    site = walk.half_time(_to_title(walk, place), _mark(_worst(walk.programme.current.rules)))
    site = walk.decided(site)
    states = set(site.tranches.exclude(state="waiting").values_list("state", flat=True))
    assert states == {"withheld", "recovered"}, states  # noqa: S101


def _mark(band: Any) -> Decimal:
    return (band.floor + 2) / 10


@_path("absorb", _well, lambda rules: bool(rules.absorbs))
def absorb(walk: Walk, place: Place) -> None:
    """Takes in the record of another programme's site at the same place."""
    other = Walk(walk.cast, _target(walk.programme.current.rules.absorbs[0]), walk.at, lively=walk.lively)
    place_of = place if _may(other, place) else _first(other)
    small = _to_title(other, place_of)
    walk.at = other.at
    big = _to_good_end(walk, place)
    data = {"into": big.number, "number": f"国知发管函字〔{walk.at.year}〕7号"}
    small = walk.act(small, "merge", walk.cast["head"], data=data, reason="并入保护中心，原牌子不再保留。")
    assert (small.state, small.merged_into_id) == ("merged", big.pk)  # noqa: S101


def _may(walk: Walk, place: Place) -> bool:
    kinds = walk.programme.current.rules.applicants
    return kind_for(place, kinds.kinds) is not None and place.kind in (kinds.place_kinds or [place.kind])


def _first(walk: Walk) -> Place:
    from config.demo.world import first_place  # noqa: PLC0415 - the ground stands on the paths

    return first_place(walk.programme, walk.cast)


@_path("take_over", _named, lambda rules: bool(rules.takes_over))
def take_over(walk: Walk, place: Place) -> None:
    """A title of the old scheme is moved into a batch of this one, without a new application."""
    old = Walk(walk.cast, _target(walk.programme.current.rules.takes_over[0]), walk.at, lively=walk.lively)
    site = _to_title(old, _elsewhere(place))
    walk.at = old.at
    _to_site(walk, place)
    site = walk.act(site, "convert", walk.cast["head"], data={"batch": walk.batch.pk}, reason="试验区转入新方案。")
    new = Designation.objects.get(predecessor=site)
    assert (site.state, new.batch_id) == ("succeeded", walk.batch.pk)  # noqa: S101
    walk.settle()


@_path("carry_over", _only("draft"), lambda rules: rules.window.kind == "rolling")
def carry_over(walk: Walk, place: Place) -> None:
    """A draft of a rolling intake that is not handed in goes on in the next round."""
    walk.call()
    walk.recommend(walk.apply(_elsewhere(place)))
    draft = walk.apply(place, submit=False)
    walk.batch = walk.act(walk.batch, "close", walk.cast["officer"])
    draft.refresh_from_db()
    assert draft.batch_id != walk.batch.pk  # noqa: S101
    walk.batch = draft.batch
