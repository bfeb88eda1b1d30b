"""Objections during the public notice: registered, investigated by somebody else, answered."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals.models import Objection
from approvals.models import ObjectionState as S
from notifications import calendars
from notifications.workdays.arithmetic import due
from pilots.acts.term import REVOCABLE, proposal_of
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
        in_time = on_notice(application, deed.at)
        named = bool(objection.objector.strip() and objection.contact.strip())
        if not (in_time and named):
            deed.then = ("keep_as_lead",)
        elif application.state == A.LISTED:
            deed.perform(application, "hold", reason=objection.number)


def on_notice(application, at):
    """True while the public may object: the batch's notice, or the item's own after it was promoted."""
    batch = application.batch
    # The last day counts, not the moment at which the notice is closed.
    if batch.state == BatchState.NOTICE and clock.today(at) <= batch.notice_to:
        return True
    return application.own_notice_to is not None and clock.today(at) <= application.own_notice_to


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

    def stranger_to(self, obj):
        # Investigated by somebody who is not on the case (programmes.md §4).
        return (obj.application.uuid, obj.application.batch.uuid)

    def carry_out(self, deed):
        deed.obj.handler = deed.by
        self.step(deed)


class ReportForm(ActForm):
    report = forms.CharField(
        label=_("核查报告"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("查了什么、问了谁、查实的事实和处理建议；只供办理人员阅读，不发给异议人。"),
    )  # fmt: skip


@act_on("approvals.Objection")
class ReportFinding(Act):
    """The investigator's own act: without it the deadline of the investigation would have nobody who could meet it."""

    code = "report_finding"
    label = _("提交核查报告")
    done = _("提交核查报告")
    tone = "primary"
    icon = "file-up"
    roles = (Role.OBJECTION_HANDLER,)
    states = frozenset({S.INVESTIGATING})
    form = ReportForm

    def stranger_to(self, obj):
        return (obj.application.uuid, obj.application.batch.uuid)

    def unmet(self, question):
        if question.obj.reported_at:
            yield Unmet("reported", _t("核查报告已经提交，等待司局负责人作出结论。"))

    def carry_out(self, deed):
        deed.obj.report, deed.obj.reported_at = deed.data["report"], deed.at


class FindingForm(ActForm):
    finding = forms.CharField(
        label=_("核查结论"), max_length=3000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("核查经过、事实和结论；将答复异议人。"),
    )  # fmt: skip


def own_application(question):
    """An Unmet for whoever handed in the application that is objected to, or stands in for them."""
    if question.obj.application.submitted_by_id in {person.pk for person in question.people}:
        yield Unmet("own_application", _t("被异议的申报由您或委托人提交，须由其他人办理。"))


class _Conclude(Act):
    # Nobody closes their own case (programmes.md §4): the handler finds, the division head closes.
    roles = (Role.DIVISION_HEAD,)
    separate_from = ("investigate", "report_finding")
    form = FindingForm

    def unmet(self, question):
        return own_application(question)

    def settle(self, deed):
        deed.obj.finding = deed.data["finding"]
        deed.obj.concluded_at, deed.obj.concluded_by = deed.at, deed.by
        self.step(deed)
        deed.obj.save()


def _to_the_objector(question):
    yield _t("异议人凭查询码可以看到您写的结论。")
    notice = question.obj.rules.notice
    if notice is not None and notice.appeal is not None:
        last = due(clock.today(question.at), notice.appeal.reckoned(), calendars.current()).on
        yield _t("认定异议不成立的，异议人可在 %(day)s 前（含当日）申请复核。") % {"day": last}


def still_open(objection):
    """Other objections against the same application that are not settled."""
    return Objection.objects.filter(application=objection.application, state__in=S.open()).exclude(pk=objection.pk)


def let_go(deed):
    """The item goes on, unless another objection holds it."""
    application = deed.obj.application
    if application.state == A.HELD and not still_open(deed.obj).exists():
        deed.perform(application, "release", reason=deed.obj.number)


def take_out(deed):
    """The item leaves the list."""
    if deed.obj.application.state == A.HELD:
        deed.perform(deed.obj.application, "remove", reason=deed.obj.number)


@act_on("approvals.Objection")
class RejectObjection(_Conclude):
    code = "reject"
    label = _("异议不成立")
    done = _("异议不成立")
    icon = "x"
    transition = "reject"

    def foretell(self, question):
        if question.obj.application.state == A.HELD:
            yield (
                _t("该申报还有其他异议没有办结，继续暂缓。") if still_open(question.obj).exists()
                else _t("该申报恢复办理。")
            )  # fmt: skip
        yield from _to_the_objector(question)

    def carry_out(self, deed):
        self.settle(deed)
        let_go(deed)


@act_on("approvals.Objection")
class UpholdObjection(_Conclude):
    code = "uphold"
    label = _("异议成立")
    done = _("异议成立")
    tone = "danger"
    icon = "check"
    transition = "uphold"

    def foretell(self, question):
        yield _t("该申报从拟批准名单中除名，并通知申报单位。")
        yield from _to_the_objector(question)

    def unmet(self, question):
        yield from super().unmet(question)
        yield from approved_already(question.obj)

    def carry_out(self, deed):
        self.settle(deed)
        take_out(deed)


def approved_already(objection):
    """A title that was given is taken away by revocation, not by an objection."""
    if objection.application.state == A.APPROVED:
        yield Unmet("approved", _t("该申报已批复；请走撤销程序。"))


def last_day_of_appeal(objection):
    """The last day on which the objector may ask for a second look (the rules' `notice.appeal`), or None."""
    notice = objection.rules.notice
    if objection.state != S.REJECTED or notice is None or notice.appeal is None:
        return None
    return due(clock.today(objection.concluded_at), notice.appeal.reckoned(), calendars.current()).on


class AppealForm(ActForm):
    appeal = forms.CharField(label=_("复核理由"), max_length=3000, widget=forms.Textarea(attrs={"rows": 5}))


@act_on("approvals.Objection")
class LodgeAppeal(Act):
    code = "lodge_appeal"
    label = _("申请复核")
    done = _("异议人申请复核")
    roles = (Role.PUBLIC,)
    transition = "lodge_appeal"
    form = AppealForm
    offered = False

    def unmet(self, question):
        last = last_day_of_appeal(question.obj)
        if last is None:
            yield Unmet("final", _t("本项目的答复为最终答复，不设复核。"))
        elif clock.today(question.at) > last:
            yield Unmet("too_late", _t("申请复核的期限至 %(day)s，已过。") % {"day": last})

    def carry_out(self, deed):
        deed.obj.appeal, deed.obj.appealed_at = deed.data["appeal"], deed.at
        self.step(deed)
        deed.obj.save()
        if deed.obj.application.state == A.LISTED:
            deed.perform(deed.obj.application, "hold", reason=deed.obj.number)


class _Decide(Act):
    # The second look belongs to somebody above those who gave the first answer.
    roles = (Role.LEADER,)
    separate_from = ("investigate", "report_finding", "reject")
    form = FindingForm

    def unmet(self, question):
        return own_application(question)

    def settle(self, deed):
        deed.obj.appeal_finding = deed.data["finding"]
        deed.obj.decided_at, deed.obj.decided_by = deed.at, deed.by
        self.step(deed)
        deed.obj.save()


@act_on("approvals.Objection")
class DismissAppeal(_Decide):
    code = "dismiss_appeal"
    label = _("维持原答复")
    done = _("复核维持原答复")
    icon = "x"
    transition = "dismiss_appeal"

    def carry_out(self, deed):
        self.settle(deed)
        let_go(deed)


@act_on("approvals.Objection")
class UpholdAppeal(_Decide):
    code = "uphold_appeal"
    label = _("复核认定异议成立")
    done = _("复核认定异议成立")
    tone = "danger"
    icon = "check"
    transition = "uphold_appeal"

    def foretell(self, question):
        # The title may have been given between the first reply and the appeal: the truth is said all the same.
        if question.obj.application.state == A.APPROVED:
            yield _t("该申报已批复：认定后随即提出撤销，试点单位有权陈述申辩，由局领导决定。")

    def carry_out(self, deed):
        self.settle(deed)
        take_out(deed)
        site = getattr(deed.obj.application, "designation", None)
        if site is not None and site.state in REVOCABLE and proposal_of(site) is None:
            # An upheld objection never ends in a title that stands (programmes.md §5).
            grounds = _t("异议 %(number)s 经复核成立") % {"number": deed.obj.number}
            deed.perform(site, "propose_revocation", reason=grounds, data={"evidence": deed.obj.appeal_finding})


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
