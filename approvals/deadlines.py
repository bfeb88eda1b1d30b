"""Deadlines of objections, of requests to use the seal, and of requests about people's rights."""

from accounts import clock
from accounts.holders import still_hold
from accounts.roles import Role
from approvals.models.objection import ObjectionState as S
from notifications.duties import Duty
from notifications.workdays.arithmetic import Period

# programmes.md gives no length for the investigation (X): 5 working days to take up, 20 to conclude.
TAKE_UP = Period(n=5, unit="working")
CONCLUDE = Period(n=20, unit="working")


def _at_work(person, role, programme, at):
    """The person, unless they were switched off or lost their seat meanwhile: then it is the seat's, and any colleague's
    (trust.md F18)."""
    return person if person is not None and still_hold([person.pk], role, programme, at) else None


def objection_duties(objection, at):
    """Registered objections must be taken up, investigations concluded."""
    start = clock.today(objection.since or at)
    if objection.state == S.REGISTERED:
        yield Duty(
            "take_up", "受理异议", "Take up the objection", Role.OBJECTION_HANDLER, start, TAKE_UP, (-1, 0, 1, 5)
        )
    elif objection.state == S.INVESTIGATING and objection.reported_at:
        # The investigator has done; what remains is the division head's.
        yield Duty("conclude", "作出异议结论", "Conclude on the objection", Role.DIVISION_HEAD,
                   clock.today(objection.reported_at), TAKE_UP, (-1, 0, 1, 5))  # fmt: skip
    elif objection.state == S.INVESTIGATING:
        yield Duty("investigate", "核查异议", "Investigate the objection", Role.OBJECTION_HANDLER, start, CONCLUDE,
                   (-5, -1, 0, 1, 5), user=_at_work(objection.handler, Role.OBJECTION_HANDLER, objection.scope().programme, at))  # fmt: skip
    elif objection.state == S.APPEALED:
        yield Duty("appeal", "复核异议", "Re-examine the objection", Role.LEADER, start, CONCLUDE, (-5, -1, 0, 1, 5))


# No source names a time for the seal (X): three working days.
DECIDE_ON_SEAL = Period(n=3, unit="working")


def seal_use_duties(request, at):
    """A request that waits must be decided."""
    if request.state == "waiting":
        yield Duty("seal_use", "审批用印", "Decide on the use of the seal", Role.DIVISION_HEAD,
                   clock.today(request.since or at), DECIDE_ON_SEAL, (-1, 0, 1, 5))  # fmt: skip


# No source names a time for this either (X): three working days.
DECIDE_ON_RIGHTS = Period(n=3, unit="working")


def grant_request_duties(request, at):
    """A request about rights that waits must be confirmed or refused."""
    if request.state == "waiting":
        yield Duty("grant_request", "复核授权申请", "Review the grant request", Role.SECURITY_ADMIN,
                   clock.today(request.since or at), DECIDE_ON_RIGHTS, (-1, 0, 1, 5))  # fmt: skip
