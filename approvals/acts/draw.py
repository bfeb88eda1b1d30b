"""The draw of panels for all applications of a batch that wait for one."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import ORGANISERS
from approvals import drawing
from notifications import jobs
from notifications.models import Job
from pilots.models import Application, ApplicationState
from pilots.models import BatchState as B


def drawn_by_machine(rules):
    """True where the rules have panels drawn over the whole batch."""
    return rules.uses("EXP") and rules.scoring is not None and rules.scoring.draw == "balanced"


def group_of(batch):
    """The group under which the jobs of a batch's draws are counted."""
    return f"draw:{batch.uuid}"


class DrawForm(ActForm):
    """What was seen: the seed, and the hash of the plan it gave."""

    seed = forms.IntegerField(min_value=1, max_value=drawing.MOST_SEED, widget=forms.HiddenInput)
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)


@act_on("pilots.Batch")
class DrawExperts(Act):
    code = "draw_experts"
    label = _("抽取专家")
    done = _("抽取评审专家")
    tone = "primary"
    icon = "dices"
    roles = ORGANISERS
    states = frozenset({B.OPEN, B.REVIEWING})
    form = DrawForm
    page = "batch_draw"

    def applies(self, question):
        return drawn_by_machine(question.obj.rules)

    def unmet(self, question):
        if not Application.objects.filter(batch=question.obj, state=ApplicationState.PANEL_DRAW).exists():
            yield Unmet("nobody", _t("没有待派专家的申报。"))
        if Job.objects.filter(group=group_of(question.obj), state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
            yield Unmet("under_way", _t("上一次抽取的结果还在逐份分派，完成后再抽取。"))

    def faults(self, deed):
        made = drawing.plan(deed.obj, deed.data["seed"], deed.at)
        if made.sha256 != deed.data["sha256"]:
            yield Unmet("changed", _t("预览之后专家库或申报有变动，请核对新的结果再确认。"))
        elif not any(not one.short for one in made.result.panels):
            yield Unmet("short", _t("没有一份申报能凑齐专家。"))
        else:
            deed.data["plan"] = made

    def carry_out(self, deed):
        made = deed.data["plan"]
        row, panels = drawing.keep(deed.obj, made, by=deed.by, at=deed.at)
        deed.facts |= {"draw": str(row.uuid), "seed": row.seed, "sha256": row.sha256, "panels": len(panels)}
        # One job per application: a worker that dies loses one panel's work, and somebody else goes on.
        deed.jobs += [
            jobs.job("assign_panel", f"panel:{one.pk}", deed.at, group=group_of(deed.obj), panel=one.pk)
            for one in panels
        ]
