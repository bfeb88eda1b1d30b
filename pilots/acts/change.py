"""A change of a running site: filing it and taking it back."""

from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, act_on
from accounts.roles import Role
from pilots import changes
from pilots.acts.application import APPLICANT
from pilots.models import Change
from pilots.models import ChangeState as S


@act_on("pilots.Change")
class BeginChange(Act):
    code = "begin"
    label = _("提出变更")
    done = _("提出变更")
    roles = APPLICANT
    transition = "begin"
    offered = False

    def lock_first(self, obj):
        # Its site is locked before the change: an act that ends the site goes the same way.
        lock_site(obj)

    def seats(self, obj):
        # A contact does not name their own successor, and a longer term is the leader's to ask for.
        alone = (Change.Kind.CONTACT, Change.Kind.EXTENSION, Change.Kind.EARLY, Change.Kind.OPERATOR)
        return (Role.APPLICANT_LEADER,) if obj.kind in alone else APPLICANT

    def unmet(self, question):
        change = question.obj
        yield from changes.obstacles(change.designation, change.kind, question.at, besides=change)

    def carry_out(self, deed):
        change = deed.obj
        deed.facts |= {"kind": change.kind, "before": change.before, "after": change.after,
                       "site": change.designation.number}  # fmt: skip
        self.step(deed)
        if change.state == S.DECIDED:
            settle(deed)


def lock_site(change):
    """The row lock of the site a change belongs to."""
    type(change.designation).objects.select_for_update().get(pk=change.designation_id)


def settle(deed):
    """An agreed change takes effect on its site, which has a ledger row of its own for it."""
    change = deed.obj
    change.decided_at = deed.at
    deed.perform(change.designation, "apply_change", reason=change.grounds, data={"change": change})
    # The site was locked and saved as another object; what is read of it from here on must be that one.
    change.designation.refresh_from_db()


@act_on("pilots.Change")
class WithdrawChange(Act):
    code = "withdraw"
    label = _("撤回变更申请")
    done = _("撤回变更申请")
    tone = "danger"
    icon = "undo-2"
    roles = (Role.APPLICANT_LEADER, Role.APPLICANT_CONTACT, Role.SYSTEM)
    transition = "withdraw"
    needs_reason = True

    def carry_out(self, deed):
        deed.obj.decided_at = deed.at
        self.step(deed)
