"""Opening and closing an intake: by a call, at any time, or by commission."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.models import Organisation
from accounts.roles import Role
from pilots import rounds
from pilots.models import Application, ApplicationState, Invitation
from pilots.models import BatchState as B


@act_on("pilots.Batch")
class BeginBatch(Act):
    code = "begin"
    label = _("建立批次")
    done = _("建立批次")
    roles = (Role.PROGRAMME_OFFICER,)
    states = frozenset({B.DRAFT})
    offered = False


@act_on("pilots.Batch")
class Publish(Act):
    code = "publish"
    label = _("发布申报通知")
    done = _("发布申报通知")
    tone = "primary"
    icon = "send"
    roles = (Role.PROGRAMME_OFFICER,)
    transition = "publish"

    def applies(self, question):
        return question.obj.rules.uses("CALL")

    def unmet(self, question):
        batch = question.obj
        if batch.closes_at <= question.at:
            yield Unmet("window_over", _t("申报截止时间已过，请先修改。"), "closes_at")
        if not batch.call_text.strip():
            yield Unmet("no_text", _t("通知正文还是空的。"), "call_text")

    def carry_out(self, deed):
        deed.obj.published_at = deed.at
        self.step(deed)


@act_on("pilots.Batch")
class OpenIntake(Act):
    """Applications are taken without a call: at any time, or from those the office has asked (programmes.md §2 VIII,
    cards 5 and 15)."""

    code = "open_intake"
    label = _("开始受理")
    done = _("开始受理")
    tone = "primary"
    icon = "door-open"
    roles = (Role.PROGRAMME_OFFICER,)
    transition = "publish"

    def applies(self, question):
        return not question.obj.rules.uses("CALL")

    def unmet(self, question):
        batch = question.obj
        if batch.closes_at <= question.at:
            yield Unmet("window_over", _t("本轮截止时间已过，请先修改。"), "closes_at")
        if batch.intake == "commissioned" and not batch.invitations.exists():
            yield Unmet("nobody", _t("还没有邀请承担单位。"))

    def foretell(self, question):
        batch = question.obj
        if batch.intake == "rolling":
            yield _t("随时可以提交，到汇总日一并核对；未提交的填报转入下一轮。")
        else:
            yield _t("只有受邀的 %(n)s 个单位可以填报，不对外公布。") % {"n": batch.invitations.count()}

    def carry_out(self, deed):
        deed.obj.published_at = deed.at
        self.step(deed)


class InviteForm(ActForm):
    organisations = forms.ModelMultipleChoiceField(
        label=_("邀请的单位"), queryset=Organisation.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def arrange(self):
        if self.obj is None:
            return
        asked = self.obj.invitations.values("organisation")
        rows = Organisation.objects.filter(kind__in=self.obj.rules.applicants.kinds).exclude(pk__in=asked)
        self.fields["organisations"].queryset = rows.select_related("place").order_by("place__path", "name")
        self.fields["organisations"].label_from_instance = lambda body: f"{body.name} · {body.place.display_name}"


@act_on("pilots.Batch")
class InviteUnits(Act):
    code = "invite_units"
    label = _("邀请承担单位")
    done = _("邀请承担单位")
    icon = "user-plus"
    roles = (Role.PROGRAMME_OFFICER,)
    states = frozenset({B.DRAFT, B.OPEN})
    form = InviteForm

    def applies(self, question):
        return question.obj.intake == "commissioned"

    def carry_out(self, deed):
        bodies = list(deed.data["organisations"])
        Invitation.objects.bulk_create(
            Invitation(batch=deed.obj, organisation=body, at=deed.at, by=deed.by) for body in bodies
        )
        deed.facts["invited"] = [body.name for body in bodies]


@act_on("pilots.Batch")
class CancelBatch(Act):
    code = "cancel"
    label = _("取消批次")
    done = _("取消批次")
    tone = "danger"
    icon = "x"
    roles = (Role.PROGRAMME_OFFICER,)
    transition = "cancel"
    needs_reason = True


@act_on("pilots.Batch")
class Close(Act):
    code = "close"
    label = _("截止申报")
    done = _("申报截止")
    icon = "lock"
    roles = (Role.PROGRAMME_OFFICER, Role.SYSTEM)
    transition = "close"

    def unmet(self, question):
        batch = question.obj
        if batch.intake == "rolling":
            # The office collects what has come in whenever it wants to; without anything there is nothing to look at.
            if not rounds.submitted(batch).exists() and question.role != Role.SYSTEM:
                yield Unmet("nothing", _t("还没有提交的申报，无需汇总。"))
        elif question.at < batch.closes_at:
            yield Unmet("window_open", _t("申报截止时间未到，不能提前截止。"))

    def foretell(self, question):
        if question.obj.intake == "rolling":
            yield _t("汇总已提交的 %(n)s 件，另开下一轮继续受理；填报中的转入下一轮。") % {
                "n": rounds.submitted(question.obj).count()}  # fmt: skip

    def carry_out(self, deed):
        self.step(deed)
        deed.obj.save()
        later = deed.obj.reopenings.filter(ended_at__isnull=True).values("place")
        drafts = Application.objects.filter(batch=deed.obj, state=ApplicationState.DRAFT).exclude(province__in=later)
        if deed.obj.intake == "rolling":
            following = rounds.following(deed)
            for draft in drafts.order_by("pk"):
                deed.perform(draft, "carry_over", data={"batch": following})
            return
        for draft in drafts.order_by("pk"):
            deed.perform(draft, "deem_withdrawn", reason=_t("申报窗口关闭时没有提交。"))
