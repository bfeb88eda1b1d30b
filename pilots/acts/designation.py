"""What a site does during its term: plan, reports, summary, mending; and what happens when it does not."""

from datetime import date, timedelta

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, Unmet, act_on
from accounts.roles import Role
from pilots.acts.application import APPLICANT
from pilots.forms.filing import PlanForm, RectificationForm, ReportForm, SelfEvaluationForm
from pilots.models import DesignationState as D
from pilots.models import Filing, IndicatorValue
from pilots.terms import add_months


def report_days(rules, start, end):
    """(period, due day) of every periodic report inside a term, from the rules' rhythm and day of the year."""
    if rules.report is None:
        return []
    month, day = (int(part) for part in rules.report.month_day.split("-"))
    step = {"yearly": 12, "half_yearly": 6, "quarterly": 3}[rules.report.rhythm]
    due, found = date(start.year, month, 1), []
    while due <= end:
        last = add_months(due.replace(day=1), 1) - timedelta(days=1)
        on = due.replace(day=min(day, last.day))
        if start < on <= end:
            found.append((str(on.year) if step == 12 else f"{on.year}-{on.month:02d}", on))
        due = add_months(due, step)
    return found


class _File(Act):
    """Common to all filings: the paper is stored once, with who and when."""

    kind = ""
    icon = "file-up"
    tone = "primary"
    roles = APPLICANT

    def paper(self, deed):
        """The row to fill in."""
        return Filing(designation=deed.obj, kind=self.kind, opened_at=deed.at)

    def carry_out(self, deed):
        row = self.paper(deed)
        # Dates and decimals are kept as text by the field's own encoder.
        row.answers = dict(deed.data)
        row.filed_at, row.filed_by = deed.at, deed.by
        row.save()
        deed.facts |= {"filing": row.pk, "kind": row.kind, "period": row.period}
        self.step(deed)


@act_on("pilots.Designation")
class FilePlan(_File):
    code = "file_plan"
    label = _("报送建设方案")
    done = _("报送建设方案")
    kind = Filing.Kind.PLAN
    roles = (Role.APPLICANT_LEADER,)
    transition = "file_plan"
    form = PlanForm

    def carry_out(self, deed):
        super().carry_out(deed)
        site = deed.obj
        site.plan_filed_at = deed.at
        Filing.objects.bulk_create(
            Filing(designation=site, kind=Filing.Kind.REPORT, period=period, due_on=due, opened_at=deed.at)
            for period, due in report_days(site.rules, max(site.term_start, clock.today(deed.at)), site.term_end)
        )


@act_on("pilots.Designation")
class FileReport(_File):
    code = "file_report"
    label = _("报送年度报告")
    done = _("报送年度报告")
    kind = Filing.Kind.REPORT
    states = frozenset({D.BUILDING, D.SELF_EVALUATION})
    form = ReportForm

    def applies(self, question):
        return question.obj.rules.report is not None

    def unmet(self, question):
        if next_report(question.obj) is None:
            yield Unmet("none_due", _t("各期报告都已报送。"))

    def paper(self, deed):
        return next_report(deed.obj)

    def carry_out(self, deed):
        super().carry_out(deed)
        period = deed.facts["period"]
        IndicatorValue.objects.bulk_create(
            IndicatorValue(designation=deed.obj, code=code, period=period, value=value, at=deed.at)
            for code, value in deed.data.items()
            if code in {indicator.code for indicator in deed.obj.rules.indicators} and value is not None
        )


def next_report(site):
    """The oldest report not yet filed, or None."""
    return next(
        (row for row in sorted(site.filings.all(), key=lambda row: (row.due_on or date.max, row.pk))
         if row.kind == Filing.Kind.REPORT and row.filed_at is None),
        None,
    )  # fmt: skip


@act_on("pilots.Designation")
class OpenEvaluation(Act):
    code = "open_evaluation"
    label = _("启动期满自评")
    done = _("建设期将满，启动自评")
    icon = "flag"
    roles = (Role.SYSTEM,)
    transition = "open_evaluation"
    offered = False


@act_on("pilots.Designation")
class FileSelfEvaluation(_File):
    code = "file_self_evaluation"
    label = _("提交自评总结")
    done = _("提交自评总结")
    kind = Filing.Kind.SELF_EVALUATION
    roles = (Role.APPLICANT_LEADER,)
    transition = "file_self_evaluation"
    form = SelfEvaluationForm


@act_on("pilots.Designation")
class Rectify(_File):
    code = "rectify"
    label = _("提交整改报告")
    done = _("提交整改报告")
    kind = Filing.Kind.RECTIFICATION
    roles = (Role.APPLICANT_LEADER,)
    transition = "rectify"
    form = RectificationForm

    def paper(self, deed):
        row = super().paper(deed)
        row.period = str(deed.obj.rectifications)
        return row


def end(site, at, ban_months=0):
    """Dates of a site that is over; the ban counts from the day of the decision (programmes.md §0.6)."""
    site.ended_on = clock.today(at)
    if ban_months:
        site.banned_until = add_months(site.ended_on, ban_months)
