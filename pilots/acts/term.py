"""What a site does beside its road: mid-term, corrections, what follows acceptance, answering a proposed revocation."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from pilots import changes
from pilots.acts.application import APPLICANT
from pilots.acts.designation import _File, last_revisions
from pilots.forms.filing import FollowUpForm, ImprovementForm, MidTermForm, RenewalForm
from pilots.models import DesignationState as D
from pilots.models import Filing, FormerName, IndicatorValue, MidTermResult
from pilots.models.designation import COUNTING, ENTERING, OVER, RUNNING
from pilots.timing import opening_of_mid_term, opening_of_renewal

V = IndicatorValue.State
# What may be taken away: a title that is being worked for, or held.
REVOCABLE = COUNTING


def mid_term_of(site):
    """The judgement at half-time, or None."""
    return getattr(site, "mid_term", None)


def filed(site, kind):
    """The last paper of a kind that was filed and not returned, or None."""
    return next((row for row in reversed(list(site.filings.all())) if row.kind == kind and row.filed_at
                 and not row.returned_at), None)  # fmt: skip


@act_on("pilots.Designation")
class FinalNotice(Act):
    code = "final_notice"
    label = _("发出最后通知")
    done = _("逾期未报建设方案，发出最后通知")
    roles = (Role.SYSTEM,)
    states = frozenset({D.PLAN_DUE})
    offered = False

    def applies(self, question):
        plan = question.obj.rules.plan
        return plan is not None and plan.final_notice is not None

    def unmet(self, question):
        if question.obj.final_notice_at is not None:
            yield Unmet("given", _t("最后通知已经发出。"))

    def carry_out(self, deed):
        deed.obj.final_notice_at = deed.at


@act_on("pilots.Designation")
class FileMidTerm(_File):
    code = "file_mid_term"
    label = _("报送中期报告")
    done = _("报送中期报告")
    kind = Filing.Kind.MID_TERM
    states = frozenset({D.BUILDING})
    form = MidTermForm

    def applies(self, question):
        return question.obj.rules.mid_term is not None

    def unmet(self, question):
        site = question.obj
        opens = opening_of_mid_term(site)
        if clock.today(question.at) < opens:
            yield Unmet("not_yet", _t("中期报告 %(day)s 起报送。") % {"day": opens})
        if filed(site, self.kind):
            yield Unmet("filed", _t("中期报告已经报送。"))


@act_on("pilots.Designation")
class FileImprovement(_File):
    code = "file_improvement"
    label = _("报送改进报告")
    done = _("报送改进报告")
    kind = Filing.Kind.IMPROVEMENT
    states = frozenset({D.BUILDING})
    form = ImprovementForm

    def applies(self, question):
        result = mid_term_of(question.obj)
        return result is not None and result.consequence == MidTermResult.Consequence.IMPROVE

    def unmet(self, question):
        if mid_term_of(question.obj).improved_at:
            yield Unmet("filed", _t("改进报告已经报送。"))

    def carry_out(self, deed):
        super().carry_out(deed)
        result = mid_term_of(deed.obj)
        result.improved_at = deed.at
        result.save(update_fields=["improved_at"])


class CorrectionForm(ActForm):
    figure = forms.ChoiceField(label=_("要更正的数据"))
    value = forms.DecimalField(label=_("正确数值"), max_digits=18, decimal_places=4)

    def arrange(self):
        if self.obj is not None:
            names = {item.code: f"{item.name}（{item.unit}）" for item in self.obj.rules.indicators}
            self.fields["figure"].choices = [
                (f"{code}|{period}", f"{period} {names.get(code, code)}：{value.normalize():f}")
                for (code, period), value in standing(self.obj).items()
            ]


def standing(site):
    """{(code, period): value} of the numbers that count."""
    return {
        (row.code, row.period): row.value for row in site.indicator_values.all() if row.state == V.STANDS
    }  # fmt: skip


@act_on("pilots.Designation")
class CorrectFigure(Act):
    code = "correct_figure"
    label = _("更正数据")
    done = _("申请更正数据")
    icon = "file-pen-line"
    roles = APPLICANT
    states = RUNNING - ENTERING
    form = CorrectionForm
    needs_reason = True

    def unmet(self, question):
        if not question.obj.indicator_values.all():
            yield Unmet("no_figures", _t("还没有报送过指标数据。"))

    def faults(self, deed):
        code, period = deed.data["figure"].split("|")
        if deed.obj.indicator_values.filter(code=code, period=period, state=V.PROPOSED).exists():
            yield Unmet("pending", _t("这一数据已有一项更正待省局确认。"), "figure")
        elif standing(deed.obj).get((code, period)) == deed.data["value"]:
            yield Unmet("same", _t("与现有数值相同。"), "value")

    def carry_out(self, deed):
        code, period = deed.data["figure"].split("|")
        before = standing(deed.obj)[code, period]
        IndicatorValue.objects.create(
            designation=deed.obj, code=code, period=period, value=deed.data["value"],
            revision=last_revisions(deed.obj, period)[code] + 1, at=deed.at, by=deed.by, reason=deed.reason,
            state=V.PROPOSED,
        )  # fmt: skip
        deed.facts |= {"code": code, "period": period, "from": str(before), "to": str(deed.data["value"])}


@act_on("pilots.Designation")
class FileFollowUp(_File):
    code = "file_follow_up"
    label = _("报送后续方案")
    done = _("报送后续方案")
    kind = Filing.Kind.FOLLOW_UP
    roles = (Role.APPLICANT_LEADER,)
    states = frozenset({D.ACCEPTED, D.NEW_ROUND})
    form = FollowUpForm

    def applies(self, question):
        return question.obj.follow_up_by is not None

    def unmet(self, question):
        if question.obj.followed_up_at:
            yield Unmet("filed", _t("后续方案已经报送。"))

    def carry_out(self, deed):
        super().carry_out(deed)
        deed.obj.followed_up_at = deed.at


@act_on("pilots.Designation")
class FileRenewal(_File):
    code = "file_renewal"
    label = _("申请称号复核")
    done = _("申请复核续期")
    kind = Filing.Kind.RENEWAL
    roles = (Role.APPLICANT_LEADER,)
    states = frozenset({D.ACCEPTED, D.HOLDING})
    form = RenewalForm

    def applies(self, question):
        return question.obj.rules.renewal is not None and question.obj.valid_until is not None

    def unmet(self, question):
        opens = opening_of_renewal(question.obj)
        if clock.today(question.at) < opens:
            yield Unmet("not_yet", _t("%(day)s 起才可以申请复核。") % {"day": opens})
        if question.obj.renewal_filed_at:
            yield Unmet("filed", _t("复核申请已经提交，等待结论。"))

    def carry_out(self, deed):
        super().carry_out(deed)
        deed.obj.renewal_filed_at = deed.at


def proposal_of(site):
    """The revocation that is proposed and not decided, or None; a title that is gone has overtaken it."""
    if site.state not in REVOCABLE:
        return None
    return next((row for row in site.revocations.all() if not row.decision), None)


class AnswerForm(ActForm):
    answer = forms.CharField(
        label=_("陈述和申辩"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("对拟撤销的理由、事实和证据逐条说明，不超过 5000 字。"),
    )  # fmt: skip
    wants_hearing = forms.BooleanField(label=_("要求举行听证"), required=False)


@act_on("pilots.Designation")
class AnswerRevocation(Act):
    code = "answer_revocation"
    label = _("陈述申辩")
    done = _("提交陈述申辩")
    icon = "message-square"
    tone = "primary"
    roles = (Role.APPLICANT_LEADER,)
    states = REVOCABLE
    form = AnswerForm

    def applies(self, question):
        return proposal_of(question.obj) is not None

    def unmet(self, question):
        if proposal_of(question.obj).answered_at:
            yield Unmet("answered", _t("陈述申辩已经提交。"))

    def carry_out(self, deed):
        row = proposal_of(deed.obj)
        row.answer, row.wants_hearing, row.answered_at = deed.data["answer"], deed.data["wants_hearing"], deed.at
        row.save()
        deed.facts["wants_hearing"] = row.wants_hearing


@act_on("pilots.Designation")
class ApplyChange(Act):
    code = "apply_change"
    label = _("变更生效")
    done = _("变更生效")
    roles = (Role.SYSTEM,)
    states = RUNNING
    offered = False

    def carry_out(self, deed):
        change = deed.data["change"]
        deed.facts |= {"change": change.number, "kind": change.kind, "before": change.before, "after": change.after,
                       "letter": change.letter_number}  # fmt: skip
        changes.take_effect(deed.obj, change, deed)
        if change.kind == change.Kind.EXTENSION:
            text = _t("%(text)s（经批准延至%(end)s）") % {
                "text": deed.obj.term_text.split("（")[0], "end": deed.obj.term_end.isoformat()}  # fmt: skip
            deed.obj.term_text = text[:60]


@act_on("pilots.Designation")
class FollowPlace(Act):
    """A place was renamed or merged: its titles move to the successor, papers and history stay."""

    code = "follow_place"
    label = _("随地区更名（并入）变更")
    done = _("随地区更名（并入）变更")
    icon = "map"
    roles = (Role.DOCUMENT_CLERK, Role.PROGRAMME_OFFICER)
    states = RUNNING | OVER

    def applies(self, question):
        return question.obj.place.successor_id is not None

    def unmet(self, question):
        place = question.obj.place
        if place.is_in_force(clock.today(question.at)):
            yield Unmet("still_there", _t("%(place)s到 %(day)s 才由%(new)s承接。") % {
                "place": place, "day": place.valid_to, "new": place.successor})  # fmt: skip

    def carry_out(self, deed):
        site, old = deed.obj, deed.obj.place
        new, today = old.current(), clock.today(deed.at)
        changes.remember(site, FormerName.What.PLACE, old.name, today, new.name)
        if old.name in site.title:
            changes.remember(site, FormerName.What.TITLE, site.title, today, new.name)
            site.title = site.title.replace(old.name, new.name)[:120]
        site.place = new
        changes.move_deadlines(site, place_path=new.path)
        deed.facts |= {"from": old.name, "to": new.name}
