"""授权申请: proposed by the system administrator, confirmed or refused by the security administrator (三员分立).

What would be faulty at the moment of confirming is not confirmed, whatever was shown before.
"""

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import clock
from accounts.acts import Act, Hearer, Unmet, act_on
from accounts.roles import Role
from approvals import grants
from approvals.models import GrantRequest, GrantRequestState

S, K = GrantRequestState, GrantRequest.Kind
# More faults than this are read in the list of lines, not in a refusal.
MOST_NAMED = 10


def line_faults(question):
    """Everything that stands in the way of the lines now, each with the person it is about."""
    request = question.obj
    lines = grants.lines_of(request)
    yield from grants.own_hand(question, lines)
    found = list(grants.line_faults(request.kind, lines, question.at))
    for index, fault in found[:MOST_NAMED]:
        text = fault.text if len(lines) == 1 else _t("第 %(n)s 项：%(why)s") % {"n": index + 1, "why": fault.text}
        yield Unmet(fault.code, text)
    if len(found) > MOST_NAMED:
        yield Unmet("more", _t("还有 %(n)s 处问题。") % {"n": len(found) - MOST_NAMED})


def told(request, lines):
    """The facts of the ledger: what was asked for, line by line."""
    return {"kind": request.kind, "size": request.size, "sha256": request.sha256, "paper": request.paper,
            "lines": [line.facts() for line in lines]}  # fmt: skip


def settle(act, deed, lines):
    """Who decided, when, and the step of the request that `act` is."""
    deed.obj.decided_at, deed.obj.decided_by = deed.at, deed.by
    answered(deed, lines)
    act.step(deed)


def answered(deed, lines):
    """Who proposed it hears how it ended, and so does everybody it is about: each in one message, of their own alone."""
    deed.tell.append(Hearer(deed.obj.proposed_by, deed.obj, deed.obj.get_absolute_url()))
    deed.tell += [Hearer(share.user, share, reverse("my_seats")) for share in grants.shares(deed.obj, lines)]


def take_effect(act, deed, **facts):
    """Settles the request, does what its lines ask for, and tells the ledger of them and of `facts`."""
    lines = grants.lines_of(deed.obj)
    settle(act, deed, lines)
    grants.carry_out(deed.obj, lines, by=deed.by, at=deed.at)
    deed.facts |= told(deed.obj, lines) | facts


@act_on("approvals.GrantRequest")
class BeginGrantRequest(Act):
    code = "begin"
    label = _("提出授权申请")
    done = _("提出授权申请")
    roles = (Role.SYSTEM_ADMIN,)
    states = frozenset({S.WAITING})
    offered = False

    def unmet(self, question):
        return line_faults(question)

    def carry_out(self, deed):
        deed.facts |= told(deed.obj, grants.lines_of(deed.obj)) | {"grounds": deed.obj.grounds}


class _Decide(Act):
    roles = (Role.SECURITY_ADMIN,)
    separate_from = ("begin",)
    grave = True
    hearers = _("提出人和所涉人员")

    def lock_first(self, obj):
        grants.lock_people(obj)

    def unmet(self, question):
        yield from grants.same_hand(question, question.obj.proposed_by)


@act_on("approvals.GrantRequest")
class ConfirmGrantRequest(_Decide):
    code = "confirm_grant"
    label = _("复核同意")
    done = _("复核同意，已生效")
    tone = "primary"
    icon = "shield-check"
    transition = "confirm"

    def unmet(self, question):
        yield from super().unmet(question)
        if grants.list_hash(grants.lines_of(question.obj)) != question.obj.sha256:
            yield Unmet("list_changed", _t("申请内容与提出时不一致，不能复核；请拒绝后重新申请。"))
        yield from line_faults(question)

    def foretell(self, question):
        request, size = question.obj, question.obj.size
        match request.kind:
            case K.GIVE:
                yield ngettext("复核后 %(n)d 项授权生效。", "复核后 %(n)d 项授权生效。", size) % {"n": size}
                for role in sorted({line.role for line in request.lines.all()}, key=list(Role).index):
                    yield _t("%(role)s可以：%(acts)s。") % {"role": Role(role).label, "acts": powers_words(role)}
            case K.END:
                yield ngettext("复核后 %(n)d 项授权终止。", "复核后 %(n)d 项授权终止。", size) % {"n": size}
                yield _t("由该席位委托出去的同时终止。")
            case K.OFF:
                yield _t("账号不能再登录，正在使用的会话立即结束。")
                yield _t("指派给本人的未办事项报上一级重新安排；岗位事项由同岗位人员办理。")
            case K.ON:
                yield _t("账号恢复登录；仍在有效期内的授权同时恢复。")
            case K.CONTACT:
                yield _t("通知和重设密码的邮件改发到新的邮箱；原邮箱收到告知，此前的链接作废。")

    def carry_out(self, deed):
        take_effect(self, deed, proposed_by=deed.obj.proposed_by.username)


# In a sentence; all of them stand on the page of the request.
MOST_ACTS = 12


def powers_words(role):
    """「形式审查通过、退回补正……」 of a role, cut after a dozen; 「查看」 for those who only look on."""
    labels = [label for _case, acts in grants.powers(role) for label in acts]
    if not labels:
        return _t("查看，不办理")
    words = _t("、").join(labels[:MOST_ACTS])
    return _t("%(acts)s等 %(n)s 项") % {"acts": words, "n": len(labels)} if len(labels) > MOST_ACTS else words


@act_on("approvals.GrantRequest")
class RefuseGrantRequest(_Decide):
    code = "refuse_grant"
    label = _("复核不同意")
    done = _("复核不同意")
    tone = "danger"
    icon = "shield-x"
    transition = "refuse"
    needs_reason = True

    def foretell(self, question):
        yield _t("权限不变；提出人可以修改后重新申请。")

    def carry_out(self, deed):
        settle(self, deed, grants.lines_of(deed.obj))


@act_on("approvals.GrantRequest")
class WithdrawGrantRequest(Act):
    code = "withdraw"
    label = _("撤回授权申请")
    done = _("撤回授权申请")
    icon = "undo-2"
    roles = (Role.SYSTEM_ADMIN,)
    transition = "withdraw"
    hearers = _("所涉人员")

    def unmet(self, question):
        if question.obj.proposed_by not in question.people:
            yield Unmet("not_yours", _t("只有提出人可以撤回；不应生效的申请请安全管理员复核不同意。"))

    def carry_out(self, deed):
        answered(deed, grants.lines_of(deed.obj))
        self.step(deed)


@act_on("approvals.GrantRequest")
class TakeAtOnce(Act):
    """The security administrator alone, without a proposal: rights only shrink. Only as the first act of its request."""

    code = "at_once"
    label = _("即时收回权限")
    done = _("即时收回权限")
    tone = "danger"
    icon = "shield-alert"
    roles = (Role.SECURITY_ADMIN,)
    transition = "confirm"
    needs_reason = True
    offered = False

    def lock_first(self, obj):
        grants.lock_people(obj)

    def unmet(self, question):
        request = question.obj
        if request.version or not request.at_once:
            yield Unmet("not_first", _t("已经提出的申请须复核，不能即时处置。"))
        if request.kind not in GrantRequest.SHRINKING:
            yield Unmet("widens", _t("即时处置只能收回权限；授予和恢复须由两位管理员办理。"))
        if any(line.valid_to is not None for line in grants.lines_of(request)):
            yield Unmet("later", _t("即时处置立即生效，不能另定日期。"))
        yield from line_faults(question)

    def carry_out(self, deed):
        take_effect(self, deed, day=str(clock.today(deed.at)))
