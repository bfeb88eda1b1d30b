"""What goes out: the public notice, the numbered document, its corrections."""

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.days import DayField
from accounts.roles import Role
from approvals import bulk, issuing
from approvals.acts.signing import unsettled_lines
from approvals.models import Certificate, Document, Objection, ObjectionState
from notifications import calendars
from notifications.workdays.arithmetic import due
from pilots.models import Application
from pilots.models import ApplicationState as A
from pilots.models import BatchState as B


def _still_settling(batch):
    """The signature is stored; its items may still be on their way."""
    waiting = unsettled_lines(batch)
    if waiting:
        yield Unmet("settling", _t("签发的名单还在逐件办理，余 %(n)s 件。") % {"n": waiting})


@act_on("pilots.Batch")
class PublishNotice(Act):
    code = "publish_notice"
    label = _("发布公示")
    done = _("发布公示")
    tone = "primary"
    icon = "megaphone"
    roles = (Role.PUBLICITY_OFFICER,)
    transition = "publish_notice"

    def unmet(self, question):
        return _still_settling(question.obj)

    def foretell(self, question):
        last = last_day_of_notice(question.obj, clock.today(question.at))
        days = {"first": clock.today(question.at), "last": last.on}
        if question.obj.rules.notice.period.count_first_day:
            yield _t("公示期 %(first)s 至 %(last)s（含首日）。") % days
        else:
            yield _t("公示期 %(first)s 至 %(last)s（不含首日）。") % days

    def carry_out(self, deed):
        first = clock.today(deed.at)
        last = last_day_of_notice(deed.obj, first)
        deed.obj.notice_from, deed.obj.notice_to = first, last.on
        deed.obj.notice_provisional = last.provisional
        deed.facts |= {"from": first.isoformat(), "to": last.on.isoformat()}
        self.step(deed)


def last_day_of_notice(batch, first):
    """The last day of a public notice that starts on `first`, and whether it is provisional."""
    return due(first, batch.rules.notice.period.reckoned(), calendars.current())


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
    """The date of the document, and the number each joint ministry gave it."""

    dated = DayField(label=_("成文日期"))

    def arrange(self):
        if self.at is not None:
            self.fields["dated"].initial = clock.today(self.at)
        for index, ministry in enumerate(self.obj.rules.signoff.joint_ministries if self.obj is not None else []):
            self.fields[f"joint_{index}"] = forms.CharField(
                label=_t("%(who)s的联合文号") % {"who": ministry}, max_length=40, required=False
            )

    @property
    def joint_numbers(self):
        """[{"by", "number"}] of the joint ministries that gave one."""
        ministries = self.obj.rules.signoff.joint_ministries
        return [
            {"by": ministry.zh, "number": self.cleaned_data[f"joint_{index}"]}
            for index, ministry in enumerate(ministries)
            if self.cleaned_data.get(f"joint_{index}")
        ]

    def clean(self):
        return super().clean() | {"joint_numbers": self.joint_numbers}

    def clean_dated(self):
        day = self.cleaned_data["dated"]
        signed = clock.today(self.obj.signed_at)
        if day < signed:
            raise forms.ValidationError(_t("成文日期不能早于签发日期 %(day)s。") % {"day": signed})
        if day > clock.today(self.at):
            raise forms.ValidationError(_t("成文日期不能晚于今天。"))
        return day


def _to_approve(batch, day):
    """What the batch's document approves on `day`; a promoted item whose own notice still runs comes later."""
    rows = Application.objects.filter(batch=batch, state=A.LISTED)
    return rows.filter(Q(own_notice_to__isnull=True) | Q(own_notice_to__lt=day))


def _listed(batch, day):
    return list(
        _to_approve(batch, day)
        .select_related("place", "organisation", "province")
        .defer("answers")
        .order_by("list_rank")
    )


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
        yield from _still_settling(question.obj)
        # Where everything was removed the batch ends with a document of none; where something still waits, it waits.
        waiting = Application.objects.filter(batch=question.obj, state__in=[A.LISTED, A.HELD]).exists()
        if waiting and not _to_approve(question.obj, clock.today(question.at)).exists():
            yield Unmet("all_wait", _t("各项都在暂缓或递补公示中，没有可以批复的；办结后再发文。"))

    def foretell(self, question):
        batch = question.obj
        held = Application.objects.filter(batch=batch, state=A.HELD).count()
        listed = Application.objects.filter(batch=batch, state=A.LISTED).count()
        now = _to_approve(batch, clock.today(question.at)).count()
        yield _t("以一份%(kind)s批准 %(n)s 项，逐项设立试点并生成证书。") % {
            "kind": batch.rules.document.kind, "n": now}  # fmt: skip
        if listed > now:
            yield _t("另有 %(n)s 项递补公示未满，不在本次发文之内；期满后另行补发。") % {"n": listed - now}
        if held:
            yield _t("另有 %(n)s 项因异议暂缓，不在本次发文之内；核查办结后另行补发。") % {"n": held}

    def carry_out(self, deed):
        batch = deed.obj
        applications = _listed(batch, clock.today(deed.at))
        document = issuing.draw_up(batch, applications, deed.data["dated"], deed.at, deed.by)
        document.joint_numbers = deed.data["joint_numbers"]
        document.save(update_fields=["joint_numbers"])
        batch.document_number, batch.document_date = document.number, document.dated
        deed.facts |= {"number": document.number, "items": len(applications)}
        self.step(deed)
        # Stored before the items look at it.
        batch.save()
        bulk.carry(deed, "approve", applications, lambda row: deed.perform(row, "approve"))


@act_on("pilots.Application")
class Approve(Act):
    code = "approve"
    label = _("补发批复")
    done = _("批准设立")
    tone = "primary"
    icon = "badge-check"
    # The batch's document approves all items at once; the clerk comes back only for one that was held or promoted.
    roles = (Role.SYSTEM, Role.DOCUMENT_CLERK)
    transition = "approve"
    grave = True

    def unmet(self, question):
        application = question.obj
        if application.batch.state != B.ISSUED:
            yield Unmet("not_issued", _t("本批次尚未编号发文。"))
        if Objection.objects.filter(application=application, state__in=ObjectionState.open()).exists():
            yield Unmet("objection_open", _t("还有异议没有办结。"))
        if application.own_notice_to and clock.today(question.at) <= application.own_notice_to:
            yield Unmet("notice_runs", _t("递补公示期至 %(day)s，未满不能批复。") % {"day": application.own_notice_to})

    def carry_out(self, deed):
        application = deed.obj
        document = issuing.document_for(application, deed.at, deed.by)
        application.ended_at = deed.at
        self.step(deed)
        application.save()
        before = issuing.replaced_by(application)
        site = issuing.designate(application, document)
        deed.perform(site, "begin")
        for row in before:
            deed.perform(row, "succeed", data={"successor": site})
        deed.facts |= {"designation": site.number, "document": document.number}


class CorrectionForm(ActForm):
    """Which document, and what is corrected: the wrong words and the right ones."""

    document = forms.ModelChoiceField(label=_("更正的文件"), queryset=Document.objects.none(), empty_label=None)
    wrong = forms.CharField(label=_("原文"), max_length=300)
    right = forms.CharField(label=_("更正为"), max_length=300)

    def arrange(self):
        if self.obj is not None:
            self.fields["document"].queryset = self.obj.documents.filter(void=False)

    def clean(self):
        data = super().clean()
        document, wrong = data.get("document"), data.get("wrong", "")
        if document and wrong and not document.says(wrong):
            self.add_error("wrong", _t("%(number)s 中没有“%(wrong)s”。") % {"number": document.number, "wrong": wrong})
        return data


@act_on("pilots.Batch")
class CorrectDocument(Act):
    """更正通知: a wrong word in an issued document gets a new number that points to the old (programmes.md §5)."""

    code = "correct_document"
    label = _("印发更正通知")
    done = _("印发更正通知")
    icon = "file-pen-line"
    roles = (Role.DOCUMENT_CLERK,)
    states = frozenset({B.ISSUED})
    needs_reason = True
    form = CorrectionForm
    grave = True

    def foretell(self, question):
        yield _t("另编一个文号印发更正通知；原文件保留原样，并注明已被更正。")

    def carry_out(self, deed):
        notice = issuing.correct(deed.data["document"], deed.data["wrong"], deed.data["right"], deed.at, deed.by)
        deed.facts |= {"number": notice.number, "corrects": notice.corrects.number}


class RenumberForm(ActForm):
    document = forms.ModelChoiceField(label=_("作废的文件"), queryset=Document.objects.none(), empty_label=None)

    def arrange(self):
        if self.obj is not None:
            self.fields["document"].queryset = self.obj.documents.filter(void=False, corrects__isnull=True)


@act_on("pilots.Batch")
class RenumberDocument(Act):
    """A number spoilt before anything was printed under it is void and kept; the document gets the next one."""

    code = "renumber_document"
    label = _("文号作废换号")
    done = _("文号作废，换号重发")
    tone = "danger"
    icon = "file-x"
    roles = (Role.DOCUMENT_CLERK,)
    states = frozenset({B.ISSUED})
    needs_reason = True
    form = RenumberForm
    grave = True

    def unmet(self, question):
        asked, printed = Certificate.objects.filter(designation__batch=question.obj).aggregate(
            asked=Count("pk", filter=Q(state="pending", seal_use__isnull=False)),
            printed=Count("pk", filter=~Q(state="pending")),
        ).values()  # fmt: skip
        if asked:
            yield Unmet("asked", _t("已为印有该文号的证书申请用印 %(n)s 份；请先撤回或者退回用印审批。") % {"n": asked})
        if printed:
            yield Unmet("printed", _t("已按该文号生成证书 %(n)s 份，不能作废；请印发更正通知。") % {"n": printed})

    def foretell(self, question):
        yield _t("原文号作废后永久保留、不再使用；同一内容编用下一个文号。")

    def carry_out(self, deed):
        old = deed.data["document"]
        new = issuing.renumber(old, deed.at, deed.by)
        if deed.obj.document_number == old.number:
            deed.obj.document_number = new.number
        deed.facts |= {"void": old.number, "number": new.number}
        # What waits to be printed names the number that counts.
        for row in Certificate.objects.filter(designation__batch=deed.obj, state="pending"):
            words = {name: row.words[name] for name in ("holder", "paragraph")}
            if old.number in words["paragraph"]:
                words["paragraph"] = words["paragraph"].replace(old.number, new.number)
                deed.perform(row, "amend", data=words, reason=_t("文号作废换号"))
