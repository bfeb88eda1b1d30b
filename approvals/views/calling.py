"""Preparing a batch: a call with its window, a round of a rolling intake, or a commission."""

from datetime import datetime

from django import forms
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority
from accounts.days import DayField
from accounts.roles import Role
from pilots import rounds
from pilots.models import Batch, BatchState, Programme
from pilots.views.look import programme_name
from workflows.beginnings import begin_batch
from workflows.once import once
from workflows.refusals import NotNow


class ProgrammeForm(forms.Form):
    """Which programme the batch is for; what else is asked follows from its rules."""

    programme = forms.ModelChoiceField(label=_("项目"), queryset=Programme.objects.none(), to_field_name="code")

    def __init__(self, *args, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        codes = {held.programme for held in Authority.of(user).held if held.role == Role.PROGRAMME_OFFICER}
        programmes = Programme.objects.filter(active=True, versions__published_at__isnull=False).distinct()
        field = self.fields["programme"]
        field.queryset = programmes if "" in codes else programmes.filter(code__in=codes)
        field.label_from_instance = programme_name


class CallForm(ProgrammeForm):
    """What a new batch needs before applications are taken."""

    title = forms.CharField(
        label=_("批次名称"), max_length=120, help_text=_("如：2026年国家知识产权服务业集聚发展试验区申报。")
    )
    call_number = forms.CharField(label=_("通知文号"), max_length=40, required=False)
    opens_on = DayField(label=_("申报开始"))
    closes_on = DayField(label=_("申报截止日期"), help_text=_("截止当日 17:00 关闭。"))
    places = forms.IntegerField(
        label=_("本批名额"), min_value=1, max_value=9999, required=False, help_text=_("不填按规则的名额上限。")
    )
    call_text = forms.CharField(label=_("通知正文"), max_length=5000, widget=forms.Textarea(attrs={"rows": 10}))

    def __init__(self, *args, intake="batch", **kwargs):
        super().__init__(*args, **kwargs)
        self.intake = intake
        if intake == "rolling":
            self._without_a_call()
            self._say("title", _("轮次名称"), _("如：2026年产业知识产权联盟第1轮受理。"))
            self._say("opens_on", _("受理开始"), "")
            self._say("closes_on", _("最迟汇总日"), _("不填按规则的汇总周期；此前可以随时汇总，汇总后自动开下一轮。"))
            self.fields["closes_on"].required = False
        elif intake == "commissioned":
            del self.fields["call_number"]
            self._say("title", _("委托批次名称"), "")
            self._say("opens_on", _("填报开始"), "")
            self._say("closes_on", _("填报截止日期"), _("截止当日 17:00 关闭。"))
            self._say("call_text", _("委托说明"), _("受邀单位可以看到，不对外公布。"))
            self.fields["call_text"].required = False

    def _without_a_call(self):
        for name in ("call_number", "call_text"):
            del self.fields[name]

    def _say(self, name, label, help_text):
        self.fields[name].label, self.fields[name].help_text = label, help_text

    def clean(self):
        data = super().clean()
        if data.get("opens_on") and data.get("closes_on") and data["closes_on"] < data["opens_on"]:
            self.add_error("closes_on", _t("截止日期不能早于开始日期。"))
        programme = data.get("programme")
        most = programme.current.rules.cutoff.max_places if programme and programme.current else None
        if most is not None and (data.get("places") or 0) > most:
            self.add_error("places", _t("规则的名额上限为 %(n)s 个。") % {"n": most})
        return data

    def kept(self, rules):
        """The values of the batch's columns."""
        data = self.cleaned_data
        closing = _closing(data["closes_on"]) if data["closes_on"] else rounds.end_of_round(rules, data["opens_on"])
        return {
            "title": data["title"], "opens_on": data["opens_on"], "closes_at": closing, "places": data["places"],
            "call_text": data.get("call_text", ""), "call_number": data.get("call_number", ""),
        }  # fmt: skip


HEADINGS = {"rolling": _("新建受理轮次"), "commissioned": _("新建委托批次")}
SUBTITLES = {
    "rolling": _("本项目常年受理，不发申报通知：保存后开始受理，随时可以汇总。"),
    "commissioned": _("本项目由国家局委托，不公开征集：保存后邀请承担单位，再开始受理。"),
}


def _closing(day):
    return datetime(day.year, day.month, day.day, 17, tzinfo=clock.SHANGHAI)


def _chosen(request):
    """The programme named in the address or the form, if this person may open a batch of it; else None."""
    form = ProgrammeForm(request.POST if request.method == "POST" else request.GET, user=request.user)
    return form.cleaned_data["programme"] if form.is_valid() else None


def _page(request, form, intake, heading, **more):
    context = {"form": form, "heading": heading, "subtitle": SUBTITLES.get(intake, ""), **more}
    if more.get("programme"):
        context["programme_name"] = programme_name(more["programme"])
    return render(request, "approvals/batch_form.html", context)


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "POST"])
@once
def batch_new(request):
    """Prepares a batch; the programme first, then what its rules ask for. Publishing is an act with a page of its own."""
    programme = _chosen(request)
    if request.method == "GET" and programme is None:
        form = ProgrammeForm(request.GET or None, user=request.user)
        return _page(request, form, "", _t("新建批次"), choosing=True)
    rules = programme.current.rules if programme else None
    intake = rules.window.kind if rules else "batch"
    today = clock.today(request.at)
    initial = {"programme": programme, "opens_on": today}
    if rules:
        initial["title"] = rounds.usual_title(rules, today)
    form = CallForm(request.POST or None, user=request.user, initial=initial, intake=intake)
    if programme is not None:
        # Chosen on the page before; what is asked below belongs to it.
        form.fields["programme"].widget = forms.HiddenInput()
    if request.method == "POST" and form.is_valid():
        try:
            outcome = begin_batch(programme, by=request.user, at=request.at, **form.kept(rules))
        except NotNow as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(outcome.obj.get_absolute_url())
    return _page(request, form, intake, HEADINGS.get(intake) or _t("新建批次"), programme=programme)


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "POST"])
def batch_edit(request, uuid):
    """Changes a batch that does not take applications yet."""
    row = get_object_or_404(
        Batch.objects.visible_to(request.user).filter(state=BatchState.DRAFT).select_related(*Batch.related), uuid=uuid
    )
    initial = {
        "programme": row.programme, "title": row.title, "call_number": row.call_number, "opens_on": row.opens_on,
        "closes_on": clock.today(row.closes_at), "call_text": row.call_text, "places": row.places,
    }  # fmt: skip
    form = CallForm(request.POST or None, user=request.user, initial=initial, intake=row.intake)
    form.fields["programme"].disabled = True
    if request.method == "POST" and form.is_valid():
        Batch.objects.filter(pk=row.pk, state=BatchState.DRAFT).update(**form.kept(row.rules))
        return redirect(row.get_absolute_url())
    return _page(request, form, row.intake, _t("修改批次"), batch=row)
