"""The offices' acts on an application: prefecture, province, formality check."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals.models import FormalityCheck, Letter, Recommendation
from notifications.models import Deadline
from pilots.models import Application
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
    separate_from = ("submit", "supplement")


class RecommendForm(ActForm):
    rank = forms.IntegerField(label=_("省内排序"), min_value=1, max_value=999, help_text=_("1 为最优先。"))
    letter_number = forms.CharField(label=_("推荐函文号"), max_length=40, help_text=_("如 粤知函〔2017〕118号。"))
    opinion = forms.CharField(
        label=_("推荐意见"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    # Set by the letter that covers a whole batch; nobody types it.
    letter = forms.ModelChoiceField(queryset=Letter.objects.all(), required=False, widget=forms.HiddenInput)

    def arrange(self):
        if self.obj is None:
            return
        rules = self.obj.rules.recommendation
        self.fields["rank"].initial = _taken(self.obj) + 1
        self.fields["letter_number"].required = rules.letter_required
        self.fields["letter"].queryset = Letter.objects.filter(batch=self.obj.batch_id, province=self.obj.province_id)
        for name, office in joint_inputs(rules):
            self.fields[name] = forms.CharField(
                label=_t("%(office)s会签人") % {"office": office},
                max_length=40,
                help_text=_("联合推荐，写明签署人姓名。"),
            )


def joint_inputs(rules: Any) -> list[tuple[str, str]]:
    """[(name of the input, office)] of those who recommend together with the province (rules: recommendation.joint)."""
    return [(f"joint_{index}", str(office)) for index, office in enumerate(rules.joint)]


def joint_given(rules: Any, data: Mapping[str, Any]) -> list[dict[str, str]]:
    """[{"office", "signer"}] as they were typed."""
    return [
        {"office": office.zh, "signer": data[f"joint_{index}"]}
        for index, office in enumerate(rules.joint)
        if data.get(f"joint_{index}")
    ]


def _recommended(application):
    """Other applications this province has recommended in the batch, through the same channel."""
    return Application.objects.filter(
        batch=application.batch, province=application.province, channel=application.channel,
        province_rank__isnull=False,
    ).exclude(pk=application.pk)  # fmt: skip


def _taken(application):
    return _recommended(application).exclude(state__in=[A.WITHDRAWN, A.DEEMED_WITHDRAWN, A.DRAFT]).count()


def _recommenders(obj):
    """Who speaks for the chosen channel: the province's people, or the one seat the channel names."""
    role = obj.recommender
    return (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER) if role == Role.PROVINCE_OFFICER else (role,)


@act_on("pilots.Application")
class Recommend(Act):
    code = "recommend"
    label = _("推荐")
    done = _("省级推荐")
    tone = "primary"
    icon = "stamp"
    roles = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "recommend"
    separate_from = ("submit", "supplement")
    form = RecommendForm

    def seats(self, obj):
        return _recommenders(obj)

    def lock_first(self, obj):
        # The batch row is the lock of its quotas: two officers cannot both take the last place (trust.md R7).
        type(obj.batch).objects.select_for_update().get(pk=obj.batch_id)

    def unmet(self, question):
        application = question.obj
        # The table is of provinces: another channel has no number of its own.
        own = application.recommender == Role.PROVINCE_OFFICER
        quota = application.batch.quota_of(application.province) if own else None
        if quota is not None and (taken := _taken(application)) >= quota:
            yield Unmet(
                "quota",
                _t("%(place)s配额 %(quota)s 个已用完（已推荐 %(taken)s 个）；请先将其中一份改为不予推荐。")
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
            letter=deed.data.get("letter"),
            joint=(joint := joint_given(deed.obj.rules.recommendation, deed.data)),
            at=deed.at,
            by=deed.by,
        )
        deed.facts |= {"rank": deed.data["rank"], "letter": deed.data["letter_number"]}
        if joint:
            deed.facts["joint"] = joint
        self.step(deed)


class DeclineForm(ActForm):
    # Set by the letter that covers a whole batch; nobody types it.
    letter = forms.ModelChoiceField(queryset=Letter.objects.all(), required=False, widget=forms.HiddenInput)

    def arrange(self):
        if self.obj is not None:
            self.fields["letter"].queryset = Letter.objects.filter(
                batch=self.obj.batch_id, province=self.obj.province_id
            )


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
    separate_from = ("submit", "supplement")
    form = DeclineForm

    def seats(self, obj):
        return _recommenders(obj)

    def carry_out(self, deed):
        letter = deed.data.get("letter")
        Recommendation.objects.create(
            application=deed.obj, recommended=False, opinion=deed.reason, letter=letter,
            letter_number=letter.number if letter else "", at=deed.at, by=deed.by,
        )  # fmt: skip
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
        return (Role.PREFECTURE_OFFICER,) if obj.state == A.PREFECTURE_CHECK else _recommenders(obj)

    def unmet(self, question):
        application = question.obj
        if not application.batch.takes_from(application.province, question.at):
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


class DefectsForm(ChecklistForm):
    """What is not met: the standard wording of each line, with a word of one's own where it is needed."""

    def arrange(self):
        super().arrange()
        if self.obj is None:
            return
        order = []
        for index, item in enumerate(self.obj.rules.checklist):
            self.fields[f"item_{index}"].help_text = _t("未勾选即告知：%(text)s") % {"text": item.wording}
            self.fields[f"detail_{index}"] = forms.CharField(
                label=_t("第 %(n)s 项补充说明") % {"n": index + 1}, max_length=200, required=False
            )
            order += [f"item_{index}", f"detail_{index}"]
        self.fields["note"].label = _("其他须补正的内容")
        self.order_fields([*order, "note"])

    def items(self):
        rows = super().items()
        for index, (row, item) in enumerate(zip(rows, self.obj.rules.checklist, strict=True)):
            if not row["ok"]:
                detail = self.cleaned_data.get(f"detail_{index}", "").strip()
                row["defect"] = item.wording.zh + (f"（{detail}）" if detail else "")
        return rows


class _Check(Act):
    roles = (Role.FORMALITY_CHECKER,)
    separate_from = ("submit", "supplement", "recommend", "score")
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


def _time_is_over(question):
    """True when the rules take silence for acceptance, and the time to speak has passed (Licensing Law, art. 32)."""
    stage = question.obj.rules.stage("FORM")
    if stage is None or stage.then != "deemed_accepted":
        return False
    return Deadline.objects.of(question.obj).passed(question.at).filter(code="form").exists()


@act_on("pilots.Application")
class AskSupplement(_Check):
    code = "ask_supplement"
    label = _("一次性告知补正")
    done = _("退回补正")
    icon = "undo-2"
    transition = "ask_supplement"
    form = DefectsForm
    result = FormalityCheck.Result.SUPPLEMENT

    def unmet(self, question):
        if question.obj.supplements:
            yield Unmet("asked_before", _t("补正只能告知一次，本申报已经补正过。"))
        if not question.obj.rules.uses("SUPP"):
            yield Unmet("not_used", _t("本项目规则没有补正环节。"))
        elif _time_is_over(question):
            yield Unmet("too_late", _t("审查期限内没有告知补正，本申报视为受理。"))

    def faults(self, deed):
        if not (_defects(deed) or deed.data.get("note") or deed.reason):
            yield Unmet("no_defect", _t("请取消勾选不符合的各项，或写明须补正的内容；告知须一次列全。"), "note")

    def foretell(self, question):
        yield _t("补正只能告知一次，请一次列全所有须补正的内容。")

    def carry_out(self, deed):
        deed.obj.supplements += 1
        # One text with all of it: what the applicant is told is what the ledger keeps.
        lines = [*_defects(deed), *(text for text in (deed.data.get("note"), deed.reason) if text)]
        deed.reason = "\n".join(f"{n}. {text}" for n, text in enumerate(lines, 1)) if len(lines) > 1 else lines[0]
        super().carry_out(deed)


def _defects(deed):
    """What the request says about each line that is not met. A checklist left alone altogether names nothing."""
    items = deed.data.get("items", [])
    if not any(item["ok"] for item in items) and deed.reason:
        return []
    return [item["defect"] for item in items if not item["ok"]]


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

    def unmet(self, question):
        if _time_is_over(question):
            yield Unmet("too_late", _t("审查期限内没有告知，本申报视为受理。"))

    def carry_out(self, deed):
        deed.obj.ended_at = deed.at
        super().carry_out(deed)


@act_on("pilots.Application")
class DeemAccept(Act):
    """No request came in time: the application counts as accepted (rules: stage FORM, then = "deemed_accepted")."""

    code = "deem_accept"
    label = _("视为受理")
    done = _("期限内未告知补正，视为受理")
    roles = (Role.SYSTEM,)
    transition = "accept"
    offered = False

    def applies(self, question):
        stage = question.obj.rules.stage("FORM")
        return stage is not None and stage.then == "deemed_accepted"

    def unmet(self, question):
        if not _time_is_over(question):
            yield Unmet("still_time", _t("审查期限未满。"))

    def carry_out(self, deed):
        FormalityCheck.objects.create(
            application=deed.obj, result=FormalityCheck.Result.DEEMED, items=[], note=str(self.done), at=deed.at
        )
        self.step(deed)
