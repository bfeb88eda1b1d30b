"""The ways a life can go. Each is a function of a walk and a place; its end is what `play` checks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.acts import acts_of
from accounts.models import Place
from approvals.models import Review
from config.demo.walk import Walk
from pilots.models import Application, Designation
from pilots.rules import Rules
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
    end: End
    live: Callable[[Walk, Place], None]
    # Whether a programme's rules know this way at all.
    possible: Callable[[Rules], bool] = lambda rules: True


PATHS: dict[str, Path] = {}


def _path(name: str, *end: str | None, possible: Callable[[Rules], bool] = lambda rules: True) -> Callable[..., Any]:
    def register(live: Callable[[Walk, Place], None]) -> Callable[[Walk, Place], None]:
        PATHS[name] = Path(name, End(*end), live, possible)  # type: ignore[arg-type]
        return live

    return register


def _band(consequence: str) -> Callable[[Rules], bool]:
    return lambda rules: bool(rules.acceptance and any(b.consequence == consequence for b in rules.acceptance.bands))


def _leaves(rules: Rules) -> bool:
    stage = rules.stage("SELF")
    return stage is not None and stage.then == "deemed_exit"


def _to_review(walk: Walk, place: Place) -> Application:
    walk.call()
    application = walk.apply(place)
    application = walk.recommend(application)
    application = walk.check(application)
    return walk.assign(application)


def _to_site(walk: Walk, place: Place) -> Designation:
    walk.review(_to_review(walk, place))
    walk.close()
    walk.decide()
    walk.notice()
    walk.issue()
    return Designation.objects.get(batch=walk.batch)


def _to_acceptance(walk: Walk, place: Place) -> Designation:
    site = walk.paper(_to_site(walk, place), "file_plan")
    return walk.evaluation(walk.reports(site))


@_path("happy", "approved", "accepted", "issued")
def happy(walk: Walk, place: Place) -> None:
    """Applied, recommended, checked, reviewed, signed, published, issued, built, accepted."""
    walk.conclude(_to_acceptance(walk, place), "accept")


@_path("return", "approved", "plan_due", "issued")
def returned(walk: Walk, place: Place) -> None:
    """Returned by the province once, asked for a supplement once, then issued."""
    walk.call()
    application = walk.apply(place)
    leader = walk.leader_of(application)
    officer = walk.cast.province(application.province)
    application = walk.act(application, "return_to_applicant", officer, reason="请补充配套资金来源。")
    application = walk.recommend(walk.act(application, "submit", leader))
    application = walk.check(application, "ask_supplement", reason="承诺函缺少公章。")
    application = walk.check(walk.act(application, "supplement", leader))
    walk.review(walk.assign(application))
    walk.close()
    walk.decide()
    walk.notice()
    walk.issue()


@_path("late", "deemed_withdrawn", possible=lambda rules: rules.uses("SUPP"))
def late(walk: Walk, place: Place) -> None:
    """Asked for a supplement and never heard of again."""
    walk.call()
    application = walk.recommend(walk.apply(place))
    walk.check(application, "ask_supplement", reason="承诺函缺少公章。")
    walk.wait(days=30)


@_path("withdraw", "withdrawn")
def withdraw(walk: Walk, place: Place) -> None:
    """Withdrawn by the applicant during the review."""
    application = _to_review(walk, place)
    walk.act(application, "withdraw", walk.leader_of(application), reason="规划调整。")


@_path("recusal", "approved", "plan_due", "issued")
def recusal(walk: Walk, place: Place) -> None:
    """One expert withdraws, another one is added."""
    application = _to_review(walk, place)
    first = Review.objects.filter(application=application).select_related("expert").first()
    application = walk.act(application, "recuse", first.expert, reason="曾参与该方案编制。")
    form = acts_of(application)["add_expert"].form(obj=application, by=walk.cast["officer"], at=walk.at)
    walk.act(application, "add_expert", walk.cast["officer"], data={"experts": form["experts"].initial[:1]})
    walk.review(application)
    walk.close()
    walk.decide()
    walk.notice()
    walk.issue()


@_path("objection", "removed", possible=lambda rules: rules.notice is not None)
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


def _elsewhere(place: Place) -> Place:
    """A place of the same kind in another province, so that no quota stands between the two."""
    same = Place.objects.filter(kind=place.kind, valid_to__isnull=True).exclude(pk=place.pk).order_by("pk")
    return next(other for other in same if province_of(other) != province_of(place))


@_path("tie", "approved", "plan_due", "issued")
def tie(walk: Walk, place: Place) -> None:
    """Two equal applications and one place: the division head decides, with the reason."""
    walk.call(places=1)
    for one in (_elsewhere(place), place):
        walk.review(walk.assign(walk.check(walk.recommend(walk.apply(one)))))
    walk.close()
    walk.decide(chosen=place)
    walk.notice()
    walk.issue()


@_path("rectify", "approved", "accepted", "issued", possible=_band("rectify"))
def rectify(walk: Walk, place: Place) -> None:
    """Below the line at first, mended, accepted at the second look."""
    site = walk.conclude(_to_acceptance(walk, place), "rectify")
    walk.wait(days=40)
    walk.conclude(walk.mend(site), "accept")


@_path(
    "extension", "approved", "accepted", "issued", possible=lambda rules: bool(rules.change and rules.change.extension)
)
def extension(walk: Walk, place: Place) -> None:
    """The term is made longer by the months the rules allow, then accepted at its new end."""
    site = walk.reports(walk.paper(_to_site(walk, place), "file_plan"))
    walk.change(site, "extension", months=site.rules.change.extension.months)
    site = walk.reports(Designation.objects.get(pk=site.pk))
    walk.conclude(walk.evaluation(site), "accept")


@_path("fail", "approved", "revoked", "revoked", possible=_band("revoke"))
def fail(walk: Walk, place: Place) -> None:
    """Far below the line: revoked, with a ban."""
    walk.conclude(_to_acceptance(walk, place), "revoke")


@_path("exit", "approved", "exited", "revoked", possible=_leaves)
def leave(walk: Walk, place: Place) -> None:
    """Never files its summary: deemed exit."""
    site = walk.reports(walk.paper(_to_site(walk, place), "file_plan"))
    walk.wait(days=(site.term_end - site.term_start).days + 365)
