"""What keeps a review from being concluded, beside scores that are not in yet."""

from django.utils.translation import gettext as _

from accounts.acts import Unmet
from approvals.models import Discussion, Review
from approvals.rules.scoring import apart, spread


def submitted(application):
    """The reviews that count."""
    return [review for review in application.sheets if review.state == Review.State.SUBMITTED]


def open_matters(application):
    """Every Unmet of the panel's own work: survey, inspection, scores too far apart."""
    rules = application.rules
    if rules.scoring.survey_weight and not hasattr(application, "survey"):
        yield Unmet("survey", _("第三方调查结果还没有录入。"))
    if rules.uses("SITE") and not rules.stage("SITE").optional and not application.inspections.exists():
        yield Unmet("inspection", _("实地考察记录还没有录入。"))
    gap = undiscussed(application)
    if gap is not None:
        yield Unmet("spread", _("最高分与最低分相差 %(gap)s 分，超过 %(most)s 分，须先组织专家合议。") % {
            "gap": gap, "most": rules.scoring.spread_flag})  # fmt: skip


def undiscussed(application):
    """The spread (points) that still asks for a discussion, or None."""
    reviews = submitted(application)
    totals = [review.total for review in reviews]
    if not apart(application.rules.scoring, totals):
        return None
    talk = application.discussions.order_by("pk").last()
    if talk is not None and _settles(talk, reviews):
        return None
    return spread(totals)


def _settles(talk, reviews):
    """Kept scores settle what they were about; an extra expert settles it once that expert has scored."""
    if talk.outcome == Discussion.Outcome.KEEP:
        return all(review.submitted_at <= talk.at for review in reviews)
    return talk.outcome == Discussion.Outcome.EXTRA and any(review.assigned_at >= talk.at for review in reviews)


def waits_for_extra(application):
    """True when a discussion asked for one more expert who has not been added yet."""
    talk = application.discussions.order_by("pk").last()
    return (
        talk is not None
        and talk.outcome == Discussion.Outcome.EXTRA
        and not any(review.assigned_at >= talk.at for review in application.sheets)
    )
