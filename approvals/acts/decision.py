"""The list and the signatures: one list, one chain, one notice, one document per batch."""

import hashlib
import json

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals import issuing
from approvals.models import ListItem, Objection, ObjectionState, Review, SignOff
from approvals.rules.ranking import Candidate, ranked
from notifications import calendars
from notifications.workdays.arithmetic import due
from pilots.models import Application
from pilots.models import ApplicationState as A
from pilots.models import BatchState as B
from pilots.models.application import SETTLED


def items_of(batch):
    """The lines of the current version of the list, in order."""
    return list(
        ListItem.objects.filter(batch=batch, version=batch.list_version)
        .select_related("application__place", "application__province", "application__organisation")
        .order_by("rank")
    )


def list_hash(items):
    """SHA-256 over what a signer sees: order, numbers, scores, decisions."""
    lines = [[item.rank, item.application.number, str(item.score), item.proposed, item.reason] for item in items]
    return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()


def preview(batch):
    """The list as it would be drawn now: (application, line) pairs. Nothing is stored."""
    ready = {
        application.pk: application
        for application in Application.objects.filter(batch=batch, state=A.READY).select_related(
            "place", "province", "organisation"
        )
    }
    vetoes = vetoed(ready)
    lines = ranked(
        batch.rules.cutoff,
        [
            Candidate(app.pk, app.score, app.province_rank or 999, app.number, vetoes.get(app.pk, ""))
            for app in ready.values()
        ],
    )
    return [(ready[line.key], line) for line in lines]


def vetoed(applications):
    """{primary key: why} of those in which an expert found what the rules let nobody pass with; one statement."""
    found = {}
    rows = Review.objects.filter(application__in=list(applications), state=Review.State.SUBMITTED)
    for pk, items in rows.exclude(veto_reason="").order_by("pk").values_list("application_id", "vetoes"):
        found.setdefault(pk, dict.fromkeys([])).update(dict.fromkeys(items))
    # As long as a line of the list may be.
    return {pk: (_t("一票否决：%(items)s") % {"items": _t("；").join(items)})[:300] for pk, items in found.items()}


def unsettled(batch):
    """Applications that have not reached the list nor an end."""
    return Application.objects.filter(batch=batch).exclude(state__in=SETTLED)


@act_on("pilots.Batch")
class DrawList(Act):
    code = "draw_list"
    label = _("拟定名单上报")
    done = _("拟定名单上报")
    tone = "primary"
    icon = "list-ordered"
    roles = (Role.PROGRAMME_OFFICER,)
    transition = "draw_list"
    separate_from = ("score",)

    def unmet(self, question):
        waiting = unsettled(question.obj).count()
        if waiting:
            yield Unmet("unsettled", _t("还有 %(n)s 份申报没有办结。") % {"n": waiting})
        if not Application.objects.filter(batch=question.obj, state=A.READY).exists():
            yield Unmet("nobody", _t("没有可列入名单的申报。"))

    def carry_out(self, deed):
        batch = deed.obj
        batch.list_version += 1
        items = [
            ListItem(
                batch=batch, version=batch.list_version, application=application, rank=line.rank, score=line.score,
                proposed=line.proposed, reason=line.reason,
            )
            for application, line in preview(batch)
        ]  # fmt: skip
        ListItem.objects.bulk_create(items)
        batch.list_hash = list_hash(items)
        deed.facts |= {"list_version": batch.list_version, "list_hash": batch.list_hash,
                       "proposed": sum(item.proposed for item in items), "of": len(items)}  # fmt: skip
        self.step(deed)


class OpinionForm(ActForm):
    comment = forms.CharField(label=_("意见"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class _Sign(Act):
    icon = "pen-line"
    tone = "primary"
    form = OpinionForm
    step_name = ""

    def unmet(self, question):
        if list_hash(items_of(question.obj)) != question.obj.list_hash:
            yield Unmet("list_changed", _t("名单在上报后被改动，不能签署；请退回重新拟定。"))

    def record(self, deed, **more):
        deed.facts |= {"list_version": deed.obj.list_version, "list_hash": deed.obj.list_hash}
        return SignOff.objects.create(
            batch=deed.obj, step=self.step_name, list_version=deed.obj.list_version, list_hash=deed.obj.list_hash,
            agreed=True, comment=deed.data.get("comment", ""), at=deed.at, by=deed.by, **more,
        )  # fmt: skip


def parties(batch):
    """Divisions and ministries that countersign, in the order of the rules."""
    signoff = batch.rules.signoff
    return [party.zh for party in (*signoff.countersigners, *signoff.joint_ministries)]


def outstanding(batch):
    """Parties that have not yet countersigned this version of the list."""
    agreed = set(
        SignOff.objects.filter(
            batch=batch, step=SignOff.Step.COUNTERSIGN, list_version=batch.list_version, agreed=True
        ).values_list("party", flat=True)
    )
    return [party for party in parties(batch) if party not in agreed]


@act_on("pilots.Batch")
class Confirm(_Sign):
    code = "confirm"
    label = _("确认名单")
    done = _("司局负责人确认名单")
    roles = (Role.DIVISION_HEAD,)
    states = frozenset({B.LISTED})
    separate_from = ("draw_list", "score")
    step_name = SignOff.Step.HEAD

    def carry_out(self, deed):
        self.record(deed)
        if parties(deed.obj):
            deed.obj.confirm_to_countersign()
        else:
            deed.obj.confirm_to_leader()


@act_on("pilots.Batch")
class Countersign(_Sign):
    code = "countersign"
    label = _("会签同意")
    done = _("会签同意")
    roles = (Role.COUNTERSIGNER,)
    states = frozenset({B.COUNTERSIGN})
    separate_from = ("draw_list", "confirm", "score")
    step_name = SignOff.Step.COUNTERSIGN

    def carry_out(self, deed):
        waiting = outstanding(deed.obj)
        self.record(deed, party=waiting[0])
        if len(waiting) == 1:
            deed.obj.countersign()


@act_on("pilots.Batch")
class SendBack(Act):
    code = "send_back"
    label = _("退回重拟")
    done = _("退回重新拟定名单")
    tone = "danger"
    icon = "undo-2"
    roles = (Role.DIVISION_HEAD, Role.COUNTERSIGNER, Role.LEADER)
    transition = "send_back"
    needs_reason = True

    def seats(self, obj):
        return {B.LISTED: (Role.DIVISION_HEAD,), B.COUNTERSIGN: (Role.COUNTERSIGNER,)}.get(obj.state, (Role.LEADER,))


@act_on("pilots.Batch")
class Sign(_Sign):
    code = "sign"
    label = _("签发名单")
    done = _("局领导签发名单")
    roles = (Role.LEADER,)
    states = frozenset({B.LEADER})
    separate_from = ("draw_list", "confirm", "countersign", "score")
    step_name = SignOff.Step.LEADER
    grave = True

    def carry_out(self, deed):
        batch = deed.obj
        self.record(deed)
        batch.signed_at, batch.signed_by = deed.at, deed.by
        for item in items_of(batch):
            if item.proposed:
                deed.perform(item.application, "list_as_proposed", data={"rank": item.rank})
            else:
                deed.perform(item.application, "not_select", reason=item.reason)
        if batch.rules.notice:
            batch.sign_for_notice()
        else:
            batch.sign()


@act_on("pilots.Application")
class ListAsProposed(Act):
    code = "list_as_proposed"
    label = _("列入拟批准名单")
    done = _("列入拟批准名单")
    roles = (Role.SYSTEM,)
    transition = "list_as_proposed"
    offered = False

    def carry_out(self, deed):
        deed.obj.list_rank = deed.data["rank"]
        self.step(deed)


@act_on("pilots.Application")
class NotSelect(Act):
    code = "not_select"
    label = _("未入选")
    done = _("未入选")
    roles = (Role.SYSTEM,)
    transition = "not_select"
    offered = False

    def carry_out(self, deed):
        deed.obj.ended_at = deed.at
        self.step(deed)


@act_on("pilots.Batch")
class PublishNotice(Act):
    code = "publish_notice"
    label = _("发布公示")
    done = _("发布公示")
    tone = "primary"
    icon = "megaphone"
    roles = (Role.PUBLICITY_OFFICER,)
    transition = "publish_notice"

    def carry_out(self, deed):
        first = clock.today(deed.at)
        last = due(first, deed.obj.rules.notice.period.reckoned(), calendars.current())
        deed.obj.notice_from, deed.obj.notice_to = first, last.on
        deed.obj.notice_provisional = last.provisional
        deed.facts |= {"from": first.isoformat(), "to": last.on.isoformat()}
        self.step(deed)


@act_on("pilots.Batch")
class CloseNotice(Act):
    code = "close_notice"
    label = _("公示结束")
    done = _("公示期满")
    icon = "megaphone-off"
    roles = (Role.SYSTEM, Role.PUBLICITY_OFFICER)
    transition = "close_notice"

    def unmet(self, question):
        if clock.today(question.at) <= question.obj.notice_to:
            yield Unmet("notice_runs", _t("公示期至 %(day)s，未满不能结束。") % {"day": question.obj.notice_to})


class DocumentForm(ActForm):
    dated = forms.DateField(label=_("成文日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def arrange(self):
        if self.at is not None:
            self.fields["dated"].initial = clock.today(self.at)

    def clean_dated(self):
        day = self.cleaned_data["dated"]
        signed = clock.today(self.obj.signed_at)
        if day < signed:
            raise forms.ValidationError(_t("成文日期不能早于签发日期 %(day)s。") % {"day": signed})
        if day > clock.today(self.at):
            raise forms.ValidationError(_t("成文日期不能晚于今天。"))
        return day


@act_on("pilots.Batch")
class Issue(Act):
    code = "issue"
    label = _("编号发文")
    done = _("批复发文")
    tone = "primary"
    icon = "file-badge"
    roles = (Role.DOCUMENT_CLERK,)
    transition = "issue"
    form = DocumentForm
    grave = True

    def unmet(self, question):
        if question.obj.signed_at is None:
            yield Unmet("unsigned", _t("名单没有签发，不能编号。"))

    def carry_out(self, deed):
        batch = deed.obj
        applications = list(
            Application.objects.filter(batch=batch, state=A.LISTED)
            .select_related("place", "organisation", "province")
            .order_by("list_rank")
        )
        document = issuing.draw_up(batch, applications, deed.data["dated"], deed.at, deed.by)
        batch.document_number, batch.document_date = document.number, document.dated
        deed.facts |= {"number": document.number, "items": len(applications)}
        self.step(deed)
        # Stored before the items look at it.
        batch.save()
        for application in applications:
            deed.perform(application, "approve")


@act_on("pilots.Application")
class Approve(Act):
    code = "approve"
    label = _("补发批复")
    done = _("批准设立")
    tone = "primary"
    icon = "badge-check"
    # The batch's document approves all items at once; the clerk comes back only for one that was held.
    roles = (Role.SYSTEM, Role.DOCUMENT_CLERK)
    transition = "approve"
    grave = True

    def unmet(self, question):
        application = question.obj
        if application.batch.state != B.ISSUED:
            yield Unmet("not_issued", _t("本批次尚未编号发文。"))
        if Objection.objects.filter(
            application=application, state__in=[ObjectionState.REGISTERED, ObjectionState.INVESTIGATING]
        ).exists():
            yield Unmet("objection_open", _t("还有异议没有办结。"))

    def carry_out(self, deed):
        application = deed.obj
        document = issuing.document_for(application, deed.at, deed.by)
        application.ended_at = deed.at
        self.step(deed)
        application.save()
        site = issuing.designate(application, document)
        deed.perform(site, "begin")
        deed.facts |= {"designation": site.number, "document": document.number}
