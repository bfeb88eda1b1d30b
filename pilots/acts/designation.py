"""What a site does during its term: plan, reports, summary, mending; and what happens when it does not."""

from datetime import date

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, Unmet, act_on
from accounts.roles import Role
from pilots import running
from pilots.acts.application import APPLICANT
from pilots.forms.filing import PlanForm, RectificationForm, ReportForm, SelfEvaluationForm
from pilots.models import DesignationState as D
from pilots.models import Filing, IndicatorValue
from pilots.models.change import OPEN
from pilots.models.designation import HELD
from pilots.terms import add_months


class _File(Act):
    """Common to all filings: the paper is stored once, with who and when."""

    kind = ""
    icon = "file-up"
    tone = "primary"
    roles = APPLICANT

    def paper(self, deed):
        """The row to fill in."""
        before = deed.obj.filings.filter(kind=self.kind, period="").count()
        return Filing(designation=deed.obj, kind=self.kind, revision=before + 1, opened_at=deed.at)

    def carry_out(self, deed):
        row = self.paper(deed)
        # Dates and decimals are kept as text by the field's own encoder.
        row.answers = dict(deed.data)
        row.filed_at, row.filed_by = deed.at, deed.by
        row.save()
        deed.facts |= {"filing": row.pk, "kind": row.kind, "period": row.period}
        if row.is_late(clock.today(deed.at)):
            # Recorded; it is the assessors who weigh it (programmes.md §5, late annual report).
            deed.facts["late_days"] = (clock.today(deed.at) - row.due_on).days
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
        running.enter(deed, "plan_date")


@act_on("pilots.Designation")
class FileReport(_File):
    code = "file_report"
    label = _("报送年度报告")
    done = _("报送年度报告")
    kind = Filing.Kind.REPORT
    states = HELD | {D.BUILDING, D.SELF_EVALUATION}
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
        known = {indicator.code for indicator in deed.obj.rules.indicators}
        last = last_revisions(deed.obj, period)
        IndicatorValue.objects.bulk_create(
            IndicatorValue(
                designation=deed.obj, code=code, period=period, value=value, revision=last.get(code, 0) + 1,
                at=deed.at, by=deed.by,
            )
            for code, value in deed.data.items()
            if code in known and value is not None
        )  # fmt: skip
        running.next_report(deed.obj, deed.at)


def last_revisions(site, period):
    """{code: last revision} of the numbers of one period."""
    rows = site.indicator_values.filter(period=period).order_by("revision").values_list("code", "revision")
    return dict(rows)


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


def open_items(site):
    """What is to be mended in the present round, in order."""
    return [item for item in site.rectification_items.all() if item.round == site.rectifications]


@act_on("pilots.Designation")
class Rectify(_File):
    code = "rectify"
    label = _("提交整改报告")
    done = _("提交整改报告")
    kind = Filing.Kind.RECTIFICATION
    roles = (Role.APPLICANT_LEADER,)
    transition = "rectify"
    form = RectificationForm

    def unmet(self, question):
        left = [item.number for item in open_items(question.obj) if not item.answer.strip()]
        if left:
            yield Unmet(
                "items_open", _t("第 %(n)s 项整改还没有填写整改情况。") % {"n": _t("、").join(map(str, left))}
            )  # fmt: skip

    def paper(self, deed):
        row = super().paper(deed)
        row.period, row.revision = str(deed.obj.rectifications), 1
        return row

    def carry_out(self, deed):
        super().carry_out(deed)
        deed.facts["items"] = [
            {"n": item.number, "what": item.what, "answer": item.answer} for item in open_items(deed.obj)
        ]


def end(deed, site, ban_months=0, why=""):
    """Dates of a site that is over; the ban counts from the day of the decision (programmes.md §0.6)."""
    site.ended_on = clock.today(deed.at)
    site.end_reason = site.end_reason or str(why)
    if ban_months:
        site.banned_until = add_months(site.ended_on, ban_months)
    for change in site.changes.filter(state__in=OPEN):
        deed.perform(change, "withdraw", reason=_t("试点已终止或已办结，变更不再办理。"))
