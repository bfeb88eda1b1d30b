"""Judgement during a term: the province's look at reports and figures, the mid-term, the renewal of a title."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals.acts.acceptance import SITE_PAPERS, add_criteria, sheet
from approvals.acts.designation import revoke_certificates
from approvals.acts.holding import renew_title
from approvals.acts.revocation import propose
from approvals.rules.scoring import weighted
from pilots.acts.designation import end
from pilots.acts.term import filed, mid_term_of, proposal_of, standing
from pilots.deadlines import mid_term_seat
from pilots.models import DesignationState as D
from pilots.models import Filing, IndicatorValue, MidTermResult
from pilots.models.designation import ENTERING, RUNNING
from pilots.running import fall_due
from pilots.timing import after

PROVINCE = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
V = IndicatorValue.State


def to_pass(site):
    """Reports that wait for the province, oldest first."""
    return [row for row in site.filings.all() if row.kind == Filing.Kind.REPORT and row.filed_at
            and row.passed_at is None and row.returned_at is None]  # fmt: skip


class PassForm(ActForm):
    period = forms.ChoiceField(label=_("报告"))
    note = forms.CharField(
        label=_("省局意见"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    grade = forms.ChoiceField(label=_("年度考核等次"), widget=forms.RadioSelect)

    def arrange(self):
        _offer_reports(self)
        grades = self.obj.rules.report.grades if self.obj is not None and self.obj.rules.report else []
        if not grades:
            del self.fields["grade"]
        else:
            self.fields["grade"].choices = [(grade.code, str(grade.name)) for grade in grades]


def _offer_reports(form):
    if form.obj is not None:
        form.fields["period"].choices = [(row.period, str(row)) for row in to_pass(form.obj)]


class ReturnForm(ActForm):
    period = forms.ChoiceField(label=_("报告"))

    def arrange(self):
        _offer_reports(self)


class _OnReport(Act):
    roles = PROVINCE
    states = RUNNING - ENTERING
    separate_from = SITE_PAPERS

    def applies(self, question):
        report = question.obj.rules.report
        return report is not None and report.through_province

    def unmet(self, question):
        if not to_pass(question.obj):
            yield Unmet("none", _t("没有待审核的报告。"))

    def chosen(self, deed):
        """The report the officer looked at."""
        return next(row for row in to_pass(deed.obj) if row.period == deed.data["period"])


@act_on("pilots.Designation")
class PassReport(_OnReport):
    code = "pass_report"
    label = _("审核通过报告")
    done = _("省局审核通过报告")
    icon = "stamp"
    tone = "primary"
    form = PassForm

    def carry_out(self, deed):
        row = self.chosen(deed)
        row.passed_at, row.passed_by, row.note = deed.at, deed.by, deed.data["note"]
        row.grade = deed.data.get("grade", "")
        row.save()
        deed.facts["period"] = row.period
        if row.grade:
            self.follow(deed, row)

    def follow(self, deed, row):
        """What a grade of the yearly assessment means for the site (rules: report.grade.effect)."""
        site = deed.obj
        grade = next(one for one in site.rules.report.grades if one.code == row.grade)
        deed.facts |= {"grade": grade.code, "effect": grade.effect}
        grounds = _t("%(period)s 年度考核：%(grade)s") % {"period": row.period, "grade": grade.name}
        if grade.effect == "restrict" and site.state == D.OPERATING:
            deed.then = (("restrict", "；".join(filter(None, (grounds, row.note)))),)
        elif grade.effect == "propose_revocation" and proposal_of(site) is None:
            propose(site, grounds, row.note or grounds, by=deed.by, at=deed.at)


@act_on("pilots.Designation")
class ReturnReport(_OnReport):
    code = "return_report"
    label = _("退回报告")
    done = _("省局退回报告")
    icon = "undo-2"
    form = ReturnForm
    needs_reason = True

    def carry_out(self, deed):
        row = self.chosen(deed)
        row.returned_at, row.note = deed.at, deed.reason
        row.save()
        again = after(clock.today(deed.at), deed.obj.rules.report.correct_within)
        Filing.objects.create(
            designation=deed.obj, kind=row.kind, period=row.period, revision=row.revision + 1, due_on=again,
            opened_at=deed.at,
        )  # fmt: skip
        deed.obj.__dict__.get("_prefetched_objects_cache", {}).pop("filings", None)
        deed.facts |= {"period": row.period, "again_by": again.isoformat()}


class FigureForm(ActForm):
    figure = forms.ChoiceField(label=_("数据更正"))

    def arrange(self):
        if self.obj is None:
            return
        names = {item.code: str(item.name) for item in self.obj.rules.indicators}
        now = standing(self.obj)
        self.fields["figure"].choices = [
            (str(row.pk), f"{row.period} {names.get(row.code, row.code)}："
             f"{now.get((row.code, row.period), 0).normalize():f} → {row.value.normalize():f}（{row.reason}）")
            for row in proposed(self.obj)
        ]  # fmt: skip


def proposed(site):
    """Corrections that wait for the province."""
    return [row for row in site.indicator_values.all() if row.state == V.PROPOSED]


class _OnFigure(Act):
    roles = PROVINCE
    states = RUNNING - ENTERING
    separate_from = ("correct_figure",)
    form = FigureForm
    verdict = V.STANDS

    def applies(self, question):
        return bool(proposed(question.obj))

    def carry_out(self, deed):
        row = next(one for one in proposed(deed.obj) if str(one.pk) == deed.data["figure"])
        row.state, row.decided_at, row.decided_by = self.verdict, deed.at, deed.by
        row.save()
        deed.facts |= {"code": row.code, "period": row.period, "to": str(row.value), "revision": row.revision}


@act_on("pilots.Designation")
class ConfirmFigure(_OnFigure):
    code = "confirm_figure"
    label = _("确认数据更正")
    done = _("省局确认数据更正")
    icon = "circle-check"
    tone = "primary"


@act_on("pilots.Designation")
class RefuseFigure(_OnFigure):
    code = "refuse_figure"
    label = _("不予更正数据")
    done = _("省局不予更正数据")
    icon = "x"
    needs_reason = True
    verdict = V.REFUSED


class MidTermSheet(ActForm):
    comment = forms.CharField(label=_("中期意见"), max_length=3000, widget=forms.Textarea(attrs={"rows": 6}))

    def arrange(self):
        if self.obj is not None and self.obj.rules.mid_term:
            add_criteria(self, self.obj.rules.mid_term.criteria, last="comment")


@act_on("pilots.Designation")
class AssessMidTerm(Act):
    """Scores the mid-term report; the band says whether to go on, to improve, or to propose revocation."""

    code = "assess_mid_term"
    label = _("作出中期评估")
    done = _("中期评估")
    tone = "primary"
    icon = "gauge"
    roles = (Role.PROVINCE_OFFICER, Role.ACCEPTANCE_LEAD)
    states = frozenset({D.BUILDING})
    separate_from = SITE_PAPERS
    form = MidTermSheet

    def seats(self, obj):
        return (mid_term_seat(obj.rules.mid_term),) if obj.rules.mid_term else self.roles

    def applies(self, question):
        return question.obj.rules.mid_term is not None

    def unmet(self, question):
        if mid_term_of(question.obj):
            yield Unmet("assessed", _t("中期评估已经作出。"))
        elif filed(question.obj, Filing.Kind.MID_TERM) is None:
            yield Unmet("no_report", _t("还没有收到中期报告。"))

    def carry_out(self, deed):
        site, rules = deed.obj, deed.obj.rules.mid_term
        scores = sheet(rules.criteria, deed.data)
        total = weighted(rules.criteria, scores) if rules.criteria else None
        band = rules.band(total) if total is not None else None
        consequence = band.consequence if band else "pass"
        site.mid_term = MidTermResult.objects.create(
            designation=site, score=total, scores=scores, band=band.code if band else "", consequence=consequence,
            comment=deed.data["comment"], at=deed.at, by=deed.by,
        )  # fmt: skip
        deed.facts |= {"score": str(total), "consequence": consequence}
        fall_due(site, "mid_term", deed.at, site.mid_term.band, str(band.name) if band else "")
        if consequence == "propose_revocation" and proposal_of(site) is None:
            grounds = _t("中期评估不合格（%(score)s 分）") % {"score": total}
            propose(site, grounds, deed.data["comment"], by=deed.by, at=deed.at)


class _OnRenewal(Act):
    roles = (Role.ACCEPTANCE_LEAD, Role.DIVISION_HEAD)
    states = frozenset({D.ACCEPTED, D.HOLDING})
    separate_from = SITE_PAPERS

    def seats(self, obj):
        stage = obj.rules.stage("REX")
        return (stage.owner,) if stage else self.roles

    def applies(self, question):
        renewal = question.obj.rules.renewal
        # With a sheet of criteria the score decides (`assess_renewal`).
        return renewal is not None and not renewal.criteria and question.obj.valid_until is not None

    def unmet(self, question):
        if question.obj.renewal_filed_at is None:
            yield Unmet("not_asked", _t("还没有收到复核申请。"))


@act_on("pilots.Designation")
class Renew(_OnRenewal):
    code = "renew"
    label = _("复核通过")
    done = _("复核通过，续期")
    tone = "primary"
    icon = "refresh-cw"
    needs_reason = True
    grave = True

    def carry_out(self, deed):
        renew_title(deed)


@act_on("pilots.Designation")
class RefuseRenewal(_OnRenewal):
    code = "refuse_renewal"
    label = _("复核不通过")
    done = _("复核不通过，称号失效")
    tone = "danger"
    icon = "x"
    transition = "lapse"
    needs_reason = True
    grave = True

    def carry_out(self, deed):
        end(deed, deed.obj, 0, deed.reason)
        self.step(deed)
        revoke_certificates(deed, deed.obj, deed.reason)
