"""The offices' acts on an application: prefecture, province, formality check."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals.models import FormalityCheck, Recommendation
from pilots.models import Application, BatchState
from pilots.models import ApplicationState as A


@act_on("pilots.Application")
class PassPrefecture(Act):
    code = "pass_prefecture"
    label = _("审核通过")
    done = _("市级审核通过")
    tone = "primary"
    icon = "check"
    roles = (Role.PREFECTURE_OFFICER,)
    transition = "pass_prefecture"
    separate_from = ("submit",)


class RecommendForm(ActForm):
    rank = forms.IntegerField(label=_("省内排序"), min_value=1, max_value=999, help_text=_("1 为最优先。"))
    letter_number = forms.CharField(label=_("推荐函文号"), max_length=40, help_text=_("如 粤知函〔2017〕118号。"))
    opinion = forms.CharField(
        label=_("推荐意见"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def arrange(self):
        if self.obj is not None:
            self.fields["rank"].initial = _taken(self.obj) + 1
            self.fields["letter_number"].required = self.obj.rules.recommendation.letter_required


def _recommended(application):
    """Other applications this province has recommended in the batch."""
    return Application.objects.filter(
        batch=application.batch, province=application.province, province_rank__isnull=False
    ).exclude(pk=application.pk)


def _taken(application):
    return _recommended(application).exclude(state__in=[A.WITHDRAWN, A.DEEMED_WITHDRAWN, A.DRAFT]).count()


@act_on("pilots.Application")
class Recommend(Act):
    code = "recommend"
    label = _("推荐")
    done = _("省级推荐")
    tone = "primary"
    icon = "stamp"
    roles = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "recommend"
    separate_from = ("submit",)
    form = RecommendForm

    def lock_first(self, obj):
        # The batch row is the lock of its quotas: two officers cannot both take the last place (trust.md R7).
        type(obj.batch).objects.select_for_update().get(pk=obj.batch_id)

    def unmet(self, question):
        application = question.obj
        quota = application.batch.quota_of(application.province)
        if quota is not None and (taken := _taken(application)) >= quota:
            yield Unmet(
                "quota",
                _t("%(place)s配额 %(quota)s 个已用完（已推荐 %(taken)s 个）；请先对其中一个改为不推荐。")
                % {"place": application.province, "quota": quota, "taken": taken},
            )

    def faults(self, deed):
        rank = deed.data.get("rank")
        if rank and _recommended(deed.obj).filter(province_rank=rank).exists():
            yield Unmet("rank_taken", _t("第 %(rank)s 位已有另一份申报。") % {"rank": rank}, "rank")

    def carry_out(self, deed):
        deed.obj.province_rank = deed.data["rank"]
        Recommendation.objects.create(
            application=deed.obj,
            recommended=True,
            rank=deed.data["rank"],
            letter_number=deed.data["letter_number"],
            opinion=deed.data["opinion"],
            at=deed.at,
            by=deed.by,
        )
        deed.facts |= {"rank": deed.data["rank"], "letter": deed.data["letter_number"]}
        self.step(deed)


@act_on("pilots.Application")
class Decline(Act):
    code = "decline"
    label = _("不予推荐")
    done = _("未获省级推荐")
    tone = "danger"
    icon = "x"
    roles = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "decline"
    needs_reason = True

    def carry_out(self, deed):
        Recommendation.objects.create(
            application=deed.obj, recommended=False, opinion=deed.reason, at=deed.at, by=deed.by
        )
        deed.obj.ended_at = deed.at
        self.step(deed)


@act_on("pilots.Application")
class ReturnToApplicant(Act):
    code = "return_to_applicant"
    label = _("退回修改")
    done = _("退回申报单位修改")
    icon = "undo-2"
    roles = (Role.PREFECTURE_OFFICER, Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "return_to_applicant"
    needs_reason = True

    def seats(self, obj):
        return (Role.PREFECTURE_OFFICER,) if obj.state == A.PREFECTURE_CHECK else self.roles[1:]

    def unmet(self, question):
        batch = question.obj.batch
        if batch.state != BatchState.OPEN or question.at >= batch.closes_at:
            yield Unmet("window_over", _t("申报窗口已关闭，退回后将无法再提交；请推荐或不予推荐。"))


class ChecklistForm(ActForm):
    """One tick per line of the rules' checklist."""

    note = forms.CharField(
        label=_("审查意见"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def arrange(self):
        if self.obj is None:
            return
        for index, item in enumerate(self.obj.rules.checklist):
            self.fields[f"item_{index}"] = forms.BooleanField(label=str(item), required=False)
        self.order_fields([name for name in self.fields if name != "note"] + ["note"])

    def items(self):
        """The checklist as it was ticked."""
        return [
            {"item": item.zh, "ok": bool(self.cleaned_data.get(f"item_{index}"))}
            for index, item in enumerate(self.obj.rules.checklist)
        ]

    def clean(self):
        data = super().clean()
        data["items"] = self.items()
        return data


class _Check(Act):
    roles = (Role.FORMALITY_CHECKER,)
    separate_from = ("submit", "recommend", "score")
    form = ChecklistForm
    result = ""

    def carry_out(self, deed):
        FormalityCheck.objects.create(
            application=deed.obj,
            result=self.result,
            items=deed.data.get("items", []),
            note=deed.data.get("note") or deed.reason,
            at=deed.at,
            by=deed.by,
        )
        self.step(deed)


@act_on("pilots.Application")
class Accept(_Check):
    code = "accept"
    label = _("受理")
    done = _("形式审查通过")
    tone = "primary"
    icon = "clipboard-check"
    transition = "accept"
    result = FormalityCheck.Result.ACCEPTED

    def faults(self, deed):
        unticked = [item["item"] for item in deed.data.get("items", []) if not item["ok"]]
        if unticked:
            yield Unmet("unticked", _t("以下各项未勾选，不能受理：%(items)s") % {"items": _t("；").join(unticked)})


@act_on("pilots.Application")
class AskSupplement(_Check):
    code = "ask_supplement"
    label = _("一次性告知补正")
    done = _("退回补正")
    icon = "undo-2"
    transition = "ask_supplement"
    needs_reason = True
    result = FormalityCheck.Result.SUPPLEMENT

    def unmet(self, question):
        if question.obj.supplements:
            yield Unmet("asked_before", _t("补正只能告知一次，本申报已经补正过。"))
        if not question.obj.rules.uses("SUPP"):
            yield Unmet("not_used", _t("本项目规则没有补正环节。"))

    def carry_out(self, deed):
        deed.obj.supplements += 1
        super().carry_out(deed)


@act_on("pilots.Application")
class Reject(_Check):
    code = "reject"
    label = _("不予受理")
    done = _("不予受理")
    tone = "danger"
    icon = "x"
    transition = "reject"
    needs_reason = True
    result = FormalityCheck.Result.REJECTED

    def carry_out(self, deed):
        deed.obj.ended_at = deed.at
        super().carry_out(deed)
