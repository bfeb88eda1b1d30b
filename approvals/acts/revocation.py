"""Revocation for cause: proposed by the division, answered or heard, decided by the leader (programmes.md §3 REV, §5)."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.days import DayField
from accounts.roles import Role
from approvals import issuing
from approvals.acts.acceptance import SITE_PAPERS
from approvals.acts.designation import revoke_certificates
from approvals.models import Objection, ObjectionState
from pilots.acts.designation import end
from pilots.acts.term import REVOCABLE, proposal_of
from pilots.deadlines import hearing_period
from pilots.models import DesignationState as D
from pilots.models import Revocation
from pilots.timing import after

# Papers of the site whose author does not decide on its title; an office's signature under an agreement is none.
PAPERS = tuple(code for code in SITE_PAPERS if code != "sign_agreement")


class ProposalForm(ActForm):
    evidence = forms.CharField(
        label=_("事实和证据"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("写明查实的事实、证据及其来源；试点单位据此陈述申辩。"),
    )  # fmt: skip


@act_on("pilots.Designation")
class ProposeRevocation(Act):
    separate_from = PAPERS
    code = "propose_revocation"
    label = _("提出撤销")
    done = _("已告知拟撤销")
    tone = "danger"
    icon = "shield-x"
    roles = (Role.DIVISION_HEAD,)
    states = REVOCABLE
    form = ProposalForm
    needs_reason = True

    def unmet(self, question):
        if proposal_of(question.obj):
            yield Unmet("open", _t("已有一项拟撤销事项正在办理。"))

    def carry_out(self, deed):
        propose(deed.obj, deed.reason, deed.data["evidence"], by=deed.by, at=deed.at)
        deed.facts["evidence"] = deed.data["evidence"]


def propose(site, grounds, evidence, *, by, at):
    """Opens the time in which a site is heard."""
    getattr(site, "_prefetched_objects_cache", {}).pop("revocations", None)
    return Revocation.objects.create(
        designation=site, grounds=grounds, evidence=evidence, proposed_at=at, proposed_by=by
    )


class HearingForm(ActForm):
    heard_on = DayField(label=_("听证日期"))
    record = forms.CharField(label=_("听证笔录"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}))

    def clean_heard_on(self):
        day = self.cleaned_data["heard_on"]
        if day > clock.today(self.at):
            raise forms.ValidationError(_t("听证日期不能晚于今天。"))
        proposal = proposal_of(self.obj) if self.obj else None
        if proposal and day < clock.today(proposal.proposed_at):
            raise forms.ValidationError(_t("听证日期不能早于告知日期。"))
        return day


@act_on("pilots.Designation")
class RecordHearing(Act):
    code = "record_hearing"
    label = _("记录听证")
    done = _("举行听证")
    icon = "message-square"
    roles = (Role.DIVISION_HEAD, Role.PROGRAMME_OFFICER)
    states = REVOCABLE
    # Heard by somebody other than the one who proposed it (programmes.md §4, separation of duties).
    separate_from = ("propose_revocation",)
    form = HearingForm

    def applies(self, question):
        proposal = proposal_of(question.obj)
        return proposal is not None and proposal.wants_hearing

    def unmet(self, question):
        if proposal_of(question.obj).heard_on:
            yield Unmet("heard", _t("听证已经举行。"))

    def carry_out(self, deed):
        row = proposal_of(deed.obj)
        row.heard_on, row.record = deed.data["heard_on"], deed.data["record"]
        row.save()
        deed.facts["heard_on"] = row.heard_on.isoformat()


class _Decide(Act):
    roles = (Role.LEADER,)
    needs_reason = True
    grave = True
    separate_from = (*PAPERS, "propose_revocation", "record_hearing")

    def unmet(self, question):
        site = question.obj
        proposal = proposal_of(site)
        if proposal is None:
            yield Unmet("not_proposed", _t("须先由司局负责人提出撤销，告知试点单位并听取陈述申辩。"))
            return
        last = after(clock.today(proposal.proposed_at), hearing_period(site.rules))
        if proposal.answered_at is None and clock.today(question.at) <= last:
            yield Unmet("to_be_heard", _t("试点单位可在 %(day)s 前（含当日）陈述申辩，届时再决定。") % {"day": last})
        if proposal.wants_hearing and proposal.heard_on is None:
            yield Unmet("no_hearing", _t("试点单位要求听证，听证还没有举行。"))

    def close(self, deed, decision):
        row = proposal_of(deed.obj)
        row.decision, row.decided_at = decision, deed.at
        row.save()
        return row


@act_on("pilots.Designation")
class Revoke(_Decide):
    code = "revoke"
    label = _("撤销试点资格")
    done = _("撤销试点资格")
    tone = "danger"
    icon = "shield-x"
    transition = "revoke"

    def foretell(self, question):
        yield _t("编用“%(series)s”的下一个文号，印发撤销决定。") % {"series": question.obj.batch.rules.document.series}
        yield _t("试点终止，证书作废，文号、日期和理由向社会公布；%(n)s 个月内不得再次申报。") % {
            "n": question.obj.rules.ban.revoked}  # fmt: skip

    def carry_out(self, deed):
        site = deed.obj
        row = self.close(deed, Revocation.Decision.REVOKED)
        # The number is taken with the signature: a decision that does not come about leaves no gap (programmes.md §7.2).
        site.end_document = issuing.revoke(row, deed.at, deed.by).number
        site.end_reason = deed.reason
        end(deed, site, site.rules.ban.revoked)
        deed.facts["number"] = site.end_document
        self.step(deed)
        revoke_certificates(deed, site, deed.reason)


@act_on("pilots.Designation")
class DropRevocation(_Decide):
    code = "drop_revocation"
    label = _("不予撤销")
    done = _("决定不予撤销")
    icon = "undo-2"
    states = REVOCABLE

    def applies(self, question):
        return proposal_of(question.obj) is not None

    def unmet(self, question):
        yield from super().unmet(question)
        upheld = Objection.objects.filter(application=question.obj.application_id, state=ObjectionState.UPHELD)
        if question.obj.application_id and upheld.exists():
            yield Unmet("upheld", _t("对该申报的异议已认定成立，不能不予撤销。"))

    def carry_out(self, deed):
        self.close(deed, Revocation.Decision.DROPPED)


class PlaqueForm(ActForm):
    returned_on = DayField(label=_("交回日期"))

    def clean_returned_on(self):
        day = self.cleaned_data["returned_on"]
        if self.obj and not (self.obj.ended_on <= day <= clock.today(self.at)):
            raise forms.ValidationError(_t("交回日期须在终止日期与今天之间。"))
        return day


@act_on("pilots.Designation")
class ReceivePlaque(Act):
    code = "receive_plaque"
    label = _("收回牌匾和证书")
    done = _("收回牌匾和证书")
    icon = "badge-check"
    roles = (Role.DOCUMENT_CLERK,)
    states = frozenset({D.REVOKED, D.EXITED})
    form = PlaqueForm

    def applies(self, question):
        return question.obj.rules.uses("PLAQ")

    def unmet(self, question):
        if question.obj.plaque_returned_on:
            yield Unmet("returned", _t("牌匾已于 %(day)s 交回。") % {"day": question.obj.plaque_returned_on})

    def carry_out(self, deed):
        deed.obj.plaque_returned_on = deed.data["returned_on"]
        deed.facts["returned_on"] = deed.data["returned_on"].isoformat()
