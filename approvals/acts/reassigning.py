"""What hangs on somebody who has left is given to others: open sheets of a review, opinions at the end of a term.

Who cannot do it any more is asked of seats and accounts at that moment; nothing is taken from anybody who still can.
"""

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.acts import Unmet, act_on
from accounts.holders import still_hold
from accounts.roles import Role
from approvals import panel
from approvals.acts.acceptance import MembersForm, _Appoint, open_round
from approvals.acts.review import ExpertsForm, _Assign, conclude_if_complete
from approvals.models import Review
from pilots.models import ApplicationState as A


def names_of(people):
    """「张三、李四」."""
    return _t("、").join(str(person) for person in people)


class ReassignForm(ExpertsForm):
    """Who comes in their place; nobody, where those who are left are enough."""

    field_order = ("experts",)

    def arrange(self):
        super().arrange()
        self.fields["experts"].required = False
        self.fields["experts"].label = _("接替的专家")
        self.fields["experts"].help_text = _("不选则由其余专家评完；不足法定人数时仍须增补。")

    def leaving(self):
        return panel.gone(self.obj, self.at)


@act_on("pilots.Application")
class Reassign(_Assign):
    code = "reassign"
    label = _("改派评审")
    done = _("改派评审专家")
    tone = "primary"
    states = frozenset({A.EXPERT_REVIEW})
    form = ReassignForm

    def unmet(self, question):
        if not panel.gone(question.obj, question.at):
            yield Unmet("nobody_left", _t("没有评完的专家都在岗，不需要改派。"))

    def passed_over(self, deed):
        return {review.pk for review in panel.gone(deed.obj, deed.at)}

    def foretell(self, question):
        left = [review.expert for review in panel.gone(question.obj, question.at)]
        yield ngettext(
            "已不能评审的 %(n)d 位专家退出评审组：%(names)s。其未提交的评分留作底稿，不计分。",
            "已不能评审的 %(n)d 位专家退出评审组：%(names)s。其未提交的评分留作底稿，不计分。",
            len(left),
        ) % {"n": len(left), "names": names_of(left)}
        yield _t("接替的专家收到评审任务，期限自今日起算。")

    def carry_out(self, deed):
        left, heirs = panel.gone(deed.obj, deed.at), list(deed.data["experts"])
        why = _t("账号已停用或不再担任评审专家，由评审组织人改派。")
        Review.objects.filter(pk__in=[row.pk for row in left]).update(state=Review.State.RECUSED, recusal_reason=why)
        self.assign(deed)
        deed.facts |= {"left": [row.expert_id for row in left], "experts": [user.pk for user in heirs]}
        conclude_if_complete(deed)


class ReplaceForm(MembersForm):
    """Who comes onto the panel instead; nobody, where those who are left are enough."""

    def arrange(self):
        super().arrange()
        field = self.fields["members"]
        field.required, field.label = False, _("接替的成员")
        if self.obj is not None:
            field.initial = list(field.initial)[: len(gone_members(self.obj, self.at))]


def gone_members(site, at):
    """Members of the open panel who have not signed and cannot any more."""
    waiting = site.awaited_members()
    if all(hasattr(row, "able") for row in waiting):
        # A page that shows the panel has read it with them.
        return [row for row in waiting if not row.able]
    able = still_hold([row.user_id for row in waiting], Role.EXPERT, site.batch.programme.code, at)
    return [row for row in waiting if row.user_id not in able]


@act_on("pilots.Designation")
class ReplaceMembers(_Appoint):
    code = "replace_members"
    label = _("更换验收组成员")
    done = _("更换验收组成员")
    form = ReplaceForm

    def unmet(self, question):
        if open_round(question.obj) is None:
            yield Unmet("no_panel", _t("还没有组成验收组。"))
        elif not gone_members(question.obj, question.at):
            yield Unmet("nobody_left", _t("没有签署意见的成员都在岗，不需要更换。"))

    def foretell(self, question):
        left = [row.user for row in gone_members(question.obj, question.at)]
        yield ngettext(
            "已不能履职的 %(n)d 位成员退出验收组：%(names)s。",
            "已不能履职的 %(n)d 位成员退出验收组：%(names)s。",
            len(left),
        ) % {"n": len(left), "names": names_of(left)}

    def carry_out(self, deed):
        left, evaluation = gone_members(deed.obj, deed.at), open_round(deed.obj)
        why = _t("账号已停用或不再担任评审专家，由验收负责人更换。")
        evaluation.members.filter(pk__in=[row.pk for row in left]).update(stood_aside_at=deed.at, reason=why)
        self.appoint(deed, evaluation)
        deed.facts["left"] = [row.user_id for row in left]
