"""What belongs to a review beside the sheets: discussions, surveys, inspections."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.days import DayField
from accounts.holders import still_hold
from accounts.models import User
from accounts.roles import ORGANISERS, Role
from approvals import settling
from approvals.acts.review import conclude_if_complete
from approvals.models import Discussion, Inspection, Photo, Review, Survey
from pilots import storage, uploads
from pilots.models import ApplicationState as A

# What a photograph may be; checked like every other upload.
PHOTO = uploads.Limits(formats=("jpg", "png"), max_mb=5)
MOST_PHOTOS = 4


class _PastDayForm(ActForm):
    held_on = DayField(label=_("日期"))

    def clean_held_on(self):
        day = self.cleaned_data["held_on"]
        if day > clock.today(self.at):
            raise forms.ValidationError(_t("日期不能晚于今天。"))
        return day


class DiscussionForm(_PastDayForm):
    present = forms.ModelMultipleChoiceField(
        label=_("到会专家"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    minutes = forms.CharField(
        label=_("合议纪要"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("写明分歧所在、各方意见和处理理由。"),
    )  # fmt: skip
    outcome = forms.ChoiceField(label=_("合议结果"), choices=Discussion.Outcome.choices, widget=forms.RadioSelect)
    reopen = forms.ModelMultipleChoiceField(
        label=_("重新评分的专家"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("只在结果为“部分专家重新评分”时勾选；原评分留作底稿。"),
    )  # fmt: skip

    def arrange(self):
        if self.obj is None:
            return
        totals = {review.expert_id: review.total for review in settling.submitted(self.obj)}
        people = User.objects.filter(pk__in=totals).order_by("pk")
        for name in ("present", "reopen"):
            self.fields[name].queryset = people
        self.fields["reopen"].hints = {pk: _t("%(total)s 分") % {"total": total} for pk, total in totals.items()}
        self.fields["held_on"].initial = clock.today(self.at)

    def clean(self):
        data = super().clean()
        again, chosen = data.get("outcome") == Discussion.Outcome.REVISE, data.get("reopen")
        if again and not chosen:
            self.add_error("reopen", _t("请勾选重新评分的专家。"))
        elif chosen and not again:
            self.add_error("reopen", _t("只有选“部分专家重新评分”时才能勾选。"))
        if chosen and self.obj is not None:
            able = still_hold([user.pk for user in chosen], Role.EXPERT, self.obj.batch.programme.code, self.at)
            if gone := [str(user) for user in chosen if user.pk not in able]:
                names = _t("、").join(gone)
                self.add_error("reopen", _t("%(names)s已不能评审，不能重新评分；其原评分有效。") % {"names": names})
        return data


@act_on("pilots.Application")
class HoldDiscussion(Act):
    code = "hold_discussion"
    label = _("专家合议")
    done = _("专家合议")
    tone = "primary"
    icon = "messages-square"
    roles = ORGANISERS
    states = frozenset({A.EXPERT_REVIEW})
    form = DiscussionForm

    def applies(self, question):
        return question.obj.rules.scoring is not None and question.obj.rules.scoring.spread_flag is not None

    def unmet(self, question):
        if any(review.state == Review.State.ASSIGNED for review in question.obj.sheets):
            yield Unmet("waiting", _t("还有专家没有评分，全部评完后再合议。"))
        elif settling.undiscussed(question.obj) is None:
            yield Unmet("agreed", _t("评分差距在规则允许之内，不需要合议。"))

    def carry_out(self, deed):
        data, application = deed.data, deed.obj
        reopened = [user.pk for user in data["reopen"]]
        talk = Discussion.objects.create(
            application=application, held_on=data["held_on"], minutes=data["minutes"], outcome=data["outcome"],
            present=[user.pk for user in data["present"]], spread=settling.undiscussed(application), at=deed.at,
            by=deed.by,
        )  # fmt: skip
        before = {str(review.expert_id): str(review.total) for review in settling.submitted(application)}
        application.reviews.filter(expert__in=reopened, round=application.round).update(
            state=Review.State.ASSIGNED, submitted_at=None, total=None, reopened_at=deed.at
        )
        deed.facts |= {"discussion": talk.pk, "spread": str(talk.spread), "outcome": talk.outcome,
                       "totals": before, "reopened": reopened}  # fmt: skip
        conclude_if_complete(deed)


class SurveyForm(ActForm):
    result = forms.DecimalField(
        label=_("调查得分"), min_value=0, max_value=100, max_digits=5, decimal_places=2, help_text=_("百分制。")
    )
    sample = forms.IntegerField(label=_("有效样本数"), min_value=1, max_value=1_000_000)
    note = forms.CharField(
        label=_("调查说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@act_on("pilots.Application")
class RecordSurvey(Act):
    code = "record_survey"
    label = _("录入调查结果")
    done = _("录入第三方调查结果")
    icon = "chart-column"
    roles = (Role.SURVEY_CONTRACTOR, *ORGANISERS)
    states = frozenset({A.EXPERT_REVIEW})
    form = SurveyForm

    def applies(self, question):
        return question.obj.rules.uses("SURV")

    def unmet(self, question):
        if hasattr(question.obj, "survey"):
            yield Unmet("surveyed", _t("调查结果已经录入。"))

    def carry_out(self, deed):
        data = deed.data
        row = Survey.objects.create(
            application=deed.obj,
            result=data["result"],
            sample=data["sample"],
            note=data["note"],
            at=deed.at,
            by=deed.by,
        )
        deed.facts |= {"survey": str(row.result), "sample": row.sample}
        conclude_if_complete(deed)


class InspectionForm(_PastDayForm):
    mode = forms.ChoiceField(label=_("方式"), choices=Inspection.Mode.choices)
    people = forms.CharField(label=_("参加人员"), max_length=300)
    findings = forms.CharField(label=_("考察情况"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))

    def arrange(self):
        for number in range(1, MOST_PHOTOS + 1):
            field = forms.FileField(label=_t("照片 %(n)s") % {"n": number}, required=False)
            field.max_bytes, field.accept = PHOTO.max_mb * 1024 * 1024, ".jpg,.jpeg,.png"
            self.fields[f"photo_{number}"] = field

    def clean(self):
        data = super().clean()
        data["photos"] = []
        for number in range(1, MOST_PHOTOS + 1):
            name = f"photo_{number}"
            file = data.pop(name, None)
            if file:
                self._photo(name, file, data["photos"])
        return data

    def _photo(self, name, file, photos):
        try:
            photos.append(uploads.read(file, PHOTO))
        except forms.ValidationError as fault:
            self.add_error(name, fault)


@act_on("pilots.Application")
class RecordInspection(Act):
    code = "record_inspection"
    label = _("录入考察记录")
    done = _("录入实地考察记录")
    icon = "camera"
    roles = ORGANISERS
    states = frozenset({A.EXPERT_REVIEW})
    form = InspectionForm

    def applies(self, question):
        return question.obj.rules.uses("SITE")

    def carry_out(self, deed):
        data = deed.data
        row = Inspection.objects.create(
            application=deed.obj, held_on=data["held_on"], mode=data["mode"], people=data["people"],
            findings=data["findings"], at=deed.at, by=deed.by,
        )  # fmt: skip
        photos = [
            Photo(
                inspection=row,
                name=photo.name,
                format=photo.format,
                size=len(photo.data),
                sha256=storage.store(photo.data),
            )
            for photo in data["photos"]
        ]
        Photo.objects.bulk_create(photos)
        deed.facts |= {"inspection": row.pk, "mode": row.mode, "photos": [photo.sha256 for photo in photos]}
        conclude_if_complete(deed)
