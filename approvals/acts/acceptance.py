"""The panel at the end of a term: who sits on it, what it did, each member's opinion (programmes.md §7.3)."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.days import DayField
from accounts.models import User
from accounts.roles import Role
from approvals import acceptance
from approvals.models import Evaluation, Opinion, PanelMember, PanelRecord
from approvals.rules.scoring import weighted
from pilots.forms.fields import FileInput
from pilots.models import DesignationState as D
from pilots.uploads import keep

FINAL, PROVINCE = Evaluation.Stage.FINAL, Evaluation.Stage.PROVINCE
# What the site itself hands in: whoever did it does not judge it.
SITE_PAPERS = (
    "file_plan", "file_report", "file_mid_term", "file_self_evaluation", "rectify", "file_renewal", "answer_revocation",
    "sign_agreement",
)  # fmt: skip


def open_round(site):
    """The round of acceptance that is not concluded, or None."""
    return next((row for row in site.evaluations.all() if row.stage == FINAL and row.concluded_at is None), None)


def sitting(evaluation):
    """Members who did not stand aside."""
    return [row for row in evaluation.members.all() if row.stood_aside_at is None]


def has_panel(site):
    """True where the rules ask for the opinions of several."""
    return site.rules.acceptance is not None and site.rules.acceptance.opinions > 1


class _Lead(Act):
    roles = (Role.ACCEPTANCE_LEAD, Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    states = frozenset({D.ACCEPTANCE})
    separate_from = SITE_PAPERS

    def seats(self, obj):
        stage = obj.rules.stage("ACC")
        return (stage.owner,) if stage else self.roles

    def applies(self, question):
        return has_panel(question.obj)


class MembersForm(ActForm):
    members = forms.ModelMultipleChoiceField(
        label=_("验收组成员"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def arrange(self):
        if self.obj is None:
            return
        self.seats = acceptance.pool(self.obj, self.at)
        free = [seat.expert.pk for seat in self.seats if not seat.excluded]
        field = self.fields["members"]
        field.queryset = User.objects.filter(pk__in=free).select_related("organisation")
        field.label_from_instance = lambda user: f"{user.name} · {user.organisation or ''}"
        before = set(acceptance.members_before(self.obj)) & set(free)
        # Those who judged the first time look again.
        field.initial = [*before, *(pk for pk in free if pk not in before)][: self.obj.rules.acceptance.opinions]
        out = [f"{seat.expert.name}（{seat.excluded}）" for seat in self.seats if seat.excluded]
        if out:
            field.help_text = _t("不能参加：%(who)s。") % {"who": _t("、").join(out)}


class _Appoint(_Lead):
    icon = "users"
    form = MembersForm

    def appoint(self, deed, evaluation):
        people = list(deed.data["members"])
        PanelMember.objects.bulk_create(
            PanelMember(evaluation=evaluation, user=user, appointed_at=deed.at) for user in people
        )
        deed.obj.forget_members()
        deed.obj.__dict__.get("_prefetched_objects_cache", {}).pop("evaluations", None)
        deed.facts |= {"members": [user.pk for user in people], "round": evaluation.round}


@act_on("pilots.Designation")
class OpenPanel(_Appoint):
    code = "open_panel"
    label = _("组成验收组")
    done = _("组成验收组")
    tone = "primary"

    def unmet(self, question):
        if open_round(question.obj):
            yield Unmet("open", _t("本轮验收组已经组成。"))

    def faults(self, deed):
        wanted, given = deed.obj.rules.acceptance.opinions, len(deed.data.get("members") or [])
        if given < wanted:
            yield Unmet("too_few", _t("规则要求 %(wanted)s 位成员，选了 %(given)s 位。") % {
                "wanted": wanted, "given": given}, "members")  # fmt: skip

    def carry_out(self, deed):
        last = deed.obj.evaluations.filter(stage=FINAL).count()
        self.appoint(deed, Evaluation.objects.create(designation=deed.obj, round=last + 1, opened_at=deed.at))


@act_on("pilots.Designation")
class AddMember(_Appoint):
    code = "add_member"
    label = _("增补验收组成员")
    done = _("增补验收组成员")

    def unmet(self, question):
        if open_round(question.obj) is None:
            yield Unmet("no_panel", _t("还没有组成验收组。"))

    def carry_out(self, deed):
        self.appoint(deed, open_round(deed.obj))


class RecordForm(ActForm):
    kind = forms.ChoiceField(label=_("方式"), choices=PanelRecord.Kind.choices, widget=forms.RadioSelect)
    on = DayField(label=_("日期"))
    note = forms.CharField(label=_("情况说明"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    file = FileInput(label=_("照片或材料"), required=False)

    def arrange(self):
        if self.at is not None:
            self.fields["on"].initial = clock.today(self.at)

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > clock.today(self.at):
            raise forms.ValidationError(_t("日期不能晚于今天。"))
        return day


@act_on("pilots.Designation")
class RecordWork(_Lead):
    code = "record_work"
    label = _("记录验收过程")
    done = _("记录验收过程")
    icon = "clipboard-pen"
    form = RecordForm

    def unmet(self, question):
        if open_round(question.obj) is None:
            yield Unmet("no_panel", _t("还没有组成验收组。"))

    def carry_out(self, deed):
        given = deed.data
        row = PanelRecord.objects.create(
            evaluation=open_round(deed.obj), kind=given["kind"], on=given["on"], note=given["note"],
            file=keep(deed.obj, "panel_record", given["file"], by=deed.by, at=deed.at), at=deed.at, by=deed.by,
        )  # fmt: skip
        deed.facts |= {"kind": row.kind, "on": row.on.isoformat(), "file": row.file.sha256 if row.file else ""}


class OpinionForm(ActForm):
    """Scores of the acceptance sheet and a member's own words."""

    comment = forms.CharField(label=_("验收意见"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))

    def arrange(self):
        if self.obj is not None:
            add_criteria(self, self.obj.rules.acceptance.criteria, last="comment")


def add_criteria(form, criteria, *, last):
    """One number per criterion on its own scale, before the words in `last`."""
    for criterion in criteria:
        form.fields[criterion.code] = forms.DecimalField(
            label=str(criterion.name), min_value=0, max_value=criterion.scale, max_digits=5, decimal_places=1,
            help_text=str(criterion.guidance or ""),
        )  # fmt: skip
        form.fields[criterion.code].unit = f"/ {criterion.scale}"
    form.order_fields([criterion.code for criterion in criteria] + [last])


def sheet(criteria, data):
    """{criterion: points as text} of a filled-in form."""
    return {criterion.code: str(data[criterion.code]) for criterion in criteria}


class _Member(Act):
    roles = (Role.EXPERT,)
    states = frozenset({D.ACCEPTANCE})
    separate_from = SITE_PAPERS

    def applies(self, question):
        return has_panel(question.obj)

    def unmet(self, question):
        evaluation = open_round(question.obj)
        if evaluation is None:
            yield Unmet("no_panel", _t("还没有组成验收组。"))
        elif question.by is not None and any(row.by_id == question.by.pk for row in evaluation.opinions.all()):
            yield Unmet("signed", _t("您已经签署验收意见。"))


@act_on("pilots.Designation")
class GiveOpinion(_Member):
    code = "give_opinion"
    label = _("签署验收意见")
    done = _("签署验收意见")
    tone = "primary"
    icon = "pen-line"
    form = OpinionForm
    grave = True

    def carry_out(self, deed):
        criteria = deed.obj.rules.acceptance.criteria
        scores = sheet(criteria, deed.data)
        row = Opinion.objects.create(
            evaluation=open_round(deed.obj), by=deed.by, scores=scores, total=weighted(criteria, scores),
            comment=deed.data["comment"], at=deed.at,
        )  # fmt: skip
        deed.facts |= {"total": str(row.total), "scores": scores}


@act_on("pilots.Designation")
class StandAside(_Member):
    code = "stand_aside"
    label = _("申请回避")
    done = _("验收组成员回避")
    icon = "user-x"
    needs_reason = True

    def carry_out(self, deed):
        open_round(deed.obj).members.filter(user=deed.by).update(stood_aside_at=deed.at, reason=deed.reason)
        deed.obj.forget_members()
        deed.obj.__dict__.get("_prefetched_objects_cache", {}).pop("evaluations", None)


@act_on("pilots.Designation")
class PreAccept(Act):
    """The province looks first where the rules say so (stage PACC)."""

    code = "pre_accept"
    label = _("通过省级初验")
    done = _("通过省级初验")
    tone = "primary"
    icon = "stamp"
    roles = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "pre_accept"
    separate_from = SITE_PAPERS
    form = OpinionForm

    def seats(self, obj):
        stage = obj.rules.stage("PACC")
        return (stage.owner,) if stage else self.roles

    def applies(self, question):
        return question.obj.rules.acceptance is not None

    def carry_out(self, deed):
        site, rules = deed.obj, deed.obj.rules.acceptance
        scores = sheet(rules.criteria, deed.data)
        total = weighted(rules.criteria, scores)
        evaluation = Evaluation.objects.create(
            designation=site, stage=PROVINCE, round=site.evaluations.filter(stage=PROVINCE).count() + 1,
            opened_at=site.since or deed.at, score=total, band=rules.band(total).code,
            conclusion=deed.data["comment"], concluded_at=deed.at, concluded_by=deed.by,
        )  # fmt: skip
        Opinion.objects.create(
            evaluation=evaluation, by=deed.by, scores=scores, total=total, comment=deed.data["comment"], at=deed.at
        )
        deed.facts["score"] = str(total)
        self.step(deed)


@act_on("pilots.Designation")
class ReturnSelfEvaluation(Act):
    code = "return_self_evaluation"
    label = _("退回自评总结")
    done = _("省级初验退回自评总结")
    icon = "undo-2"
    roles = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "return_self_evaluation"
    needs_reason = True

    def carry_out(self, deed):
        deed.obj.filings.filter(kind="self_evaluation", returned_at__isnull=True).update(
            returned_at=deed.at, note=deed.reason
        )
        self.step(deed)
