"""Objections during the public notice: registered, investigated by somebody else, answered."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals.models import Objection
from approvals.models import ObjectionState as S
from pilots.models import ApplicationState as A
from pilots.models import BatchState


@act_on("approvals.Objection")
class BeginObjection(Act):
    code = "begin"
    label = _("登记异议")
    done = _("登记异议")
    roles = (Role.PUBLIC,)
    states = frozenset({S.REGISTERED})
    offered = False

    def carry_out(self, deed):
        objection = deed.obj
        application = objection.application
        in_time = application.batch.state == BatchState.NOTICE
        named = bool(objection.objector.strip() and objection.contact.strip())
        if not (in_time and named):
            deed.then = ("keep_as_lead",)
        elif application.state == A.LISTED:
            deed.perform(application, "hold", reason=objection.number)


@act_on("approvals.Objection")
class KeepAsLead(Act):
    code = "keep_as_lead"
    label = _("作为线索留存")
    done = _("逾期或匿名，作为线索留存")
    roles = (Role.SYSTEM,)
    transition = "keep_as_lead"
    offered = False


@act_on("approvals.Objection")
class Investigate(Act):
    code = "investigate"
    label = _("受理并核查")
    done = _("受理异议，开始核查")
    tone = "primary"
    icon = "search-check"
    roles = (Role.OBJECTION_HANDLER,)
    transition = "investigate"

    def carry_out(self, deed):
        deed.obj.handler = deed.by
        self.step(deed)


class FindingForm(ActForm):
    finding = forms.CharField(
        label=_("核查结论"), max_length=3000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("核查经过、事实和结论；将答复异议人。"),
    )  # fmt: skip


class _Conclude(Act):
    # Nobody closes their own case (programmes.md §4): the handler finds, the division head closes.
    roles = (Role.DIVISION_HEAD,)
    separate_from = ("investigate",)
    form = FindingForm

    def settle(self, deed):
        deed.obj.finding = deed.data["finding"]
        deed.obj.concluded_at, deed.obj.concluded_by = deed.at, deed.by
        self.step(deed)
        deed.obj.save()


def still_open(objection):
    """Other objections against the same application that are not settled."""
    return Objection.objects.filter(
        application=objection.application, state__in=[S.REGISTERED, S.INVESTIGATING]
    ).exclude(pk=objection.pk)


@act_on("approvals.Objection")
class RejectObjection(_Conclude):
    code = "reject"
    label = _("异议不成立")
    done = _("异议不成立")
    icon = "x"
    transition = "reject"

    def carry_out(self, deed):
        self.settle(deed)
        application = deed.obj.application
        if application.state == A.HELD and not still_open(deed.obj).exists():
            deed.perform(application, "release", reason=deed.obj.number)


@act_on("approvals.Objection")
class UpholdObjection(_Conclude):
    code = "uphold"
    label = _("异议成立")
    done = _("异议成立")
    tone = "danger"
    icon = "check"
    transition = "uphold"

    def unmet(self, question):
        if question.obj.application.state == A.APPROVED:
            yield Unmet("approved", _t("该申报已批复；请走撤销程序。"))

    def carry_out(self, deed):
        self.settle(deed)
        application = deed.obj.application
        if application.state == A.HELD:
            deed.perform(application, "remove", reason=deed.obj.number)


@act_on("pilots.Application")
class Hold(Act):
    code = "hold"
    label = _("暂缓")
    done = _("收到异议，暂缓办理")
    roles = (Role.SYSTEM,)
    transition = "hold"
    offered = False


@act_on("pilots.Application")
class Release(Act):
    code = "release"
    label = _("恢复")
    done = _("异议不成立，恢复办理")
    roles = (Role.SYSTEM,)
    transition = "release"
    offered = False


@act_on("pilots.Application")
class Remove(Act):
    code = "remove"
    label = _("除名")
    done = _("异议成立，从名单除名")
    roles = (Role.SYSTEM,)
    transition = "remove"
    offered = False

    def carry_out(self, deed):
        deed.obj.ended_at = deed.at
        self.step(deed)
