"""Inputs of the papers a site files. Questions come from the rules; each paper has a summary at least."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.acts import ActForm

from .build import make_field


def _summary(label, help_text, limit=3000):
    return forms.CharField(label=label, help_text=help_text, max_length=limit, widget=forms.Textarea(attrs={"rows": 8}))


class FilingForm(ActForm):
    """Base: adds the fields of the sections the rules name."""

    def sections(self):
        return []

    def arrange(self):
        if self.obj is None:
            return
        for section in self.sections():
            for spec in section.fields:
                self.fields[spec.code] = make_field(self.obj.rules, spec)


class PlanForm(FilingForm):
    issued_number = forms.CharField(
        label=_("印发文号"), max_length=40, help_text=_("本级政府印发建设方案的文号，如 宁政办发〔2018〕12号。")
    )
    summary = _summary(_("建设方案要点"), _("目标、任务、保障措施和进度安排，不超过 3000 字。"))

    def sections(self):
        return self.obj.rules.plan.sections if self.obj.rules.plan else []


class ReportForm(FilingForm):
    summary = _summary(_("本期工作总结"), _("本期完成情况和主要成效，不超过 3000 字。"))
    next_plan = _summary(_("下期工作计划"), _("不超过 1500 字。"), 1500)

    def sections(self):
        return self.obj.rules.report.sections if self.obj.rules.report else []

    def arrange(self):
        super().arrange()
        if self.obj is None:
            return
        for indicator in self.obj.rules.indicators:
            self.fields[indicator.code] = forms.DecimalField(
                label=f"{indicator.name}（{indicator.unit}）", max_digits=18, decimal_places=4, required=False
            )


class SelfEvaluationForm(FilingForm):
    summary = _summary(_("总结报告"), _("对照建设方案逐项说明完成情况，不超过 5000 字。"), 5000)
    self_score = forms.DecimalField(
        label=_("自评得分"), min_value=0, max_value=100, max_digits=5, decimal_places=2, help_text=_("满分 100 分。")
    )

    def sections(self):
        return self.obj.rules.acceptance.sections if self.obj.rules.acceptance else []


class RectificationForm(FilingForm):
    summary = _summary(_("整改情况"), _("逐条说明整改措施和结果，不超过 3000 字。"))


class MidTermForm(FilingForm):
    summary = _summary(_("中期总结"), _("对照建设方案说明进展和存在的问题，不超过 3000 字。"))

    def sections(self):
        return self.obj.rules.mid_term.sections if self.obj.rules.mid_term else []


class ImprovementForm(FilingForm):
    summary = _summary(_("改进情况"), _("对照中期意见逐条说明，不超过 3000 字。"))


class FollowUpForm(FilingForm):
    issued_number = forms.CharField(
        label=_("印发文号"), max_length=40, help_text=_("本级政府印发后续方案的文号，如 宁政办发〔2021〕3号。")
    )
    summary = _summary(_("后续方案要点"), _("下一阶段目标和安排，不超过 3000 字。"))


class RenewalForm(FilingForm):
    summary = _summary(_("复核自查报告"), _("称号有效期内的工作和成效，不超过 3000 字。"))
