"""The one deadline of a draft: somebody else looks at it."""

from accounts import clock
from accounts.roles import Role
from notifications.duties import Duty
from notifications.workdays.arithmetic import Period
from pilots.models.rules_draft import RulesDraftState

# No source gives a time for looking at rules; five working days, like other signatures of a division (X).
REVIEW = Period(n=5, unit="working")


def draft_duties(draft, at):
    """A submitted draft waits for the division head."""
    if draft.state == RulesDraftState.SUBMITTED:
        yield Duty("rules_review", "审核并发布规则", "Review and publish the rules", Role.DIVISION_HEAD,
                   clock.today(draft.submitted_at or at), REVIEW, (-1, 0, 1, 5))  # fmt: skip
