"""The pool of experts: joining, ties, credit, pauses."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.days import DayField
from accounts.models import Organisation
from accounts.roles import ORGANISERS, Role
from approvals.models import Credit, ExpertState, Tie
from pilots.rules.expertise import EXPERTISE

BOTH = frozenset({ExpertState.LISTED, ExpertState.SUSPENDED})


def field_choices():
    """(code, Chinese name) of every field of expertise."""
    return [(code, zh) for code, (zh, _en) in EXPERTISE.items()]


class ProfileForm(ActForm):
    title = forms.CharField(label=_("职称"), max_length=40, required=False)
    profession = forms.CharField(label=_("专业"), max_length=60, required=False)
    fields_of = forms.MultipleChoiceField(
        label=_("评审领域"), choices=field_choices, widget=forms.CheckboxSelectMultiple
    )
    term_from = DayField(label=_("聘期开始"))
    term_to = DayField(label=_("聘期结束"))

    def arrange(self):
        if self.obj is not None:
            self.initial |= {"title": self.obj.title, "profession": self.obj.profession,
                             "fields_of": self.obj.fields, "term_from": self.obj.term_from,
                             "term_to": self.obj.term_to}  # fmt: skip

    def clean(self):
        data = super().clean()
        if data.get("term_from") and data.get("term_to") and data["term_to"] < data["term_from"]:
            self.add_error("term_to", _t("聘期结束不能早于开始。"))
        return data


@act_on("approvals.Expert")
class BeginExpert(Act):
    code = "begin"
    label = _("专家入库")
    done = _("专家入库")
    roles = ORGANISERS
    states = frozenset({ExpertState.LISTED})
    offered = False


@act_on("approvals.Expert")
class UpdateProfile(Act):
    code = "update"
    label = _("修改资料")
    done = _("修改专家资料")
    icon = "pencil"
    roles = ORGANISERS
    states = BOTH
    form = ProfileForm

    def carry_out(self, deed):
        data, expert = deed.data, deed.obj
        expert.title, expert.profession = data["title"], data["profession"]
        expert.fields, expert.term_from, expert.term_to = data["fields_of"], data["term_from"], data["term_to"]
        deed.facts |= {"fields": expert.fields, "term": [str(expert.term_from), str(expert.term_to)]}


class TieForm(ActForm):
    organisation = forms.CharField(
        label=_("单位全称"), max_length=80, help_text=_("须与系统中的单位名称一致，如：广州市人民政府。")
    )
    kind = forms.ChoiceField(label=_("关系"), choices=Tie.Kind.choices)
    since = DayField(label=_("自"), required=False)
    until = DayField(label=_("至"), required=False, help_text=_("仍在持续的不填。"))
    note = forms.CharField(label=_("说明"), max_length=200, required=False)
    promise = forms.BooleanField(label=_("本人承诺以上申报真实、完整，如有变化及时补报"))

    def arrange(self):
        # The promise is the expert's own; a secretary notes what was found.
        if self.obj is not None and self.by is not None and self.by.pk != self.obj.user_id:
            del self.fields["promise"]

    def clean_organisation(self):
        name = self.cleaned_data["organisation"].strip()
        found = Organisation.objects.filter(name=name).first()
        if found is None:
            near = list(Organisation.objects.filter(name__icontains=name).values_list("name", flat=True)[:3])
            hint = _t("您是否指：%(names)s？") % {"names": _t("、").join(near)} if near else _t("请核对全称。")
            raise forms.ValidationError(_t("系统中没有单位“%(name)s”。") % {"name": name} + hint)
        return found

    def clean(self):
        data = super().clean()
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _t("结束不能早于开始。"))
        return data


@act_on("approvals.Expert")
class DeclareTie(Act):
    code = "declare_tie"
    label = _("申报利害关系")
    done = _("申报利害关系")
    tone = "primary"
    icon = "link"
    roles = (Role.EXPERT, *ORGANISERS)
    states = BOTH
    form = TieForm

    def carry_out(self, deed):
        data = deed.data
        tie = Tie.objects.create(
            expert=deed.obj, organisation=data["organisation"], kind=data["kind"], since=data["since"],
            until=data["until"], note=data["note"], declared_at=deed.at, declared_by=deed.by,
        )  # fmt: skip
        if data.get("promise"):
            deed.obj.promised_at = deed.at
        deed.facts |= {"tie": tie.pk, "organisation": tie.organisation_id, "kind": tie.kind}


class EndTieForm(ActForm):
    tie = forms.ModelChoiceField(label=_("哪一项"), queryset=Tie.objects.none())
    until = DayField(label=_("结束日期"))

    def arrange(self):
        if self.obj is not None:
            self.fields["tie"].queryset = self.obj.ties.filter(until__isnull=True).select_related("organisation")

    def clean(self):
        data = super().clean()
        tie, until = data.get("tie"), data.get("until")
        if until and until > clock.today(self.at):
            self.add_error("until", _t("结束日期不能晚于今天。"))
        elif tie and until and tie.since and until < tie.since:
            self.add_error("until", _t("结束不能早于开始。"))
        return data


@act_on("approvals.Expert")
class EndTie(Act):
    code = "end_tie"
    label = _("登记利害关系结束")
    done = _("利害关系结束")
    icon = "unlink"
    roles = (Role.EXPERT, *ORGANISERS)
    states = BOTH
    form = EndTieForm

    def unmet(self, question):
        if not question.obj.ties.filter(until__isnull=True).exists():
            yield Unmet("no_tie", _t("没有仍在持续的利害关系。"))

    def carry_out(self, deed):
        tie = deed.data["tie"]
        tie.until = deed.data["until"]
        tie.save(update_fields=["until"])
        deed.facts |= {"tie": tie.pk, "until": str(tie.until)}


class PromiseForm(ActForm):
    promise = forms.BooleanField(label=_("本人承诺：利害关系已全部申报，如有变化及时补报"))


@act_on("approvals.Expert")
class Promise(Act):
    code = "promise"
    label = _("作出承诺")
    done = _("已承诺利害关系全部申报")
    icon = "shield-check"
    roles = (Role.EXPERT,)
    states = BOTH
    form = PromiseForm

    def carry_out(self, deed):
        deed.obj.promised_at = deed.at


class CreditForm(ActForm):
    kind = forms.ChoiceField(
        label=_("事项"), choices=[(kind, kind.label) for kind in (Credit.Kind.PRAISED, Credit.Kind.COMPLAINT)]
    )
    note = forms.CharField(label=_("说明"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


@act_on("approvals.Expert")
class NoteCredit(Act):
    code = "note_credit"
    label = _("记入信用记录")
    done = _("记入信用记录")
    icon = "notebook-pen"
    # The system notes what follows from a review: late, withdrawn late, far off.
    roles = (Role.SYSTEM, *ORGANISERS)
    states = BOTH
    form = CreditForm

    def carry_out(self, deed):
        data = deed.data
        row = Credit.objects.create(
            expert=deed.obj, kind=data["kind"], application=data.get("application"), note=data.get("note", ""),
            at=deed.at, by=deed.by,
        )  # fmt: skip
        deed.facts |= {"credit": row.pk, "kind": row.kind}


@act_on("approvals.Expert")
class Suspend(Act):
    code = "suspend"
    label = _("暂停抽取")
    done = _("暂停抽取")
    tone = "danger"
    icon = "circle-pause"
    roles = ORGANISERS
    transition = "suspend"
    needs_reason = True


@act_on("approvals.Expert")
class Resume(Act):
    code = "resume"
    label = _("恢复抽取")
    done = _("恢复抽取")
    icon = "circle-play"
    roles = ORGANISERS
    transition = "resume"
