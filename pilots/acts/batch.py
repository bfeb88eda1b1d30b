"""Opening and closing a call."""

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, Unmet, act_on
from accounts.roles import Role
from pilots.models import Application, ApplicationState
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
        if question.at < question.obj.closes_at:
            yield Unmet("window_open", _t("申报截止时间未到，不能提前截止。"))

    def carry_out(self, deed):
        self.step(deed)
        deed.obj.save()
        later = deed.obj.reopenings.filter(ended_at__isnull=True).values("place")
        drafts = Application.objects.filter(batch=deed.obj, state=ApplicationState.DRAFT).exclude(province__in=later)
        for draft in drafts.order_by("pk"):
            deed.perform(draft, "deem_withdrawn", reason=_t("申报窗口关闭时没有提交。"))
