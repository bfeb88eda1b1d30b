"""Assigning experts, scoring, recusal, and the end of the review."""

from collections import Counter
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.models import User
from accounts.roles import ORGANISERS, Role
from approvals import panel, settling
from approvals.models import Credit, Expert, Review
from approvals.rules.scoring import aggregate, outliers, sheet_total
from notifications.models import Deadline
from pilots.models import ApplicationState as A

# More are never ticked by hand; who looks for somebody else in a large pool lets the batch be drawn.
MOST_SHOWN = 60


class ExpertsForm(ActForm):
    experts = forms.ModelMultipleChoiceField(
        label=_("评审专家"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("所选专家不能评审本件：在评审组、已回避、须回避或不在库。")},
    )

    def arrange(self):
        if self.obj is None:
            return
        seats = panel.pool(self.obj, self.at)
        first = panel.suggestion(self.obj, seats, self.at, self.leaving())
        free = {seat.expert.pk: seat for seat in seats if not seat.excluded}
        shown = list(free) if self.is_bound else list(dict.fromkeys([*first, *free]))[:MOST_SHOWN]
        field = self.fields["experts"]
        field.queryset = User.objects.filter(pk__in=shown).select_related("organisation")
        field.label_from_instance = lambda user: f"{user.name} · {user.organisation or ''}"
        field.initial = first
        field.hints = {
            pk: _t("在评 %(n)s 份") % {"n": free[pk].load} + (_t("；按规则推荐") if pk in first else "") for pk in shown
        }
        self.seats = seats

    def leaving(self):
        """Hook: sheets whose experts go, so that others come in their place."""
        return ()


class _Assign(Act):
    roles = ORGANISERS
    icon = "users"
    form = ExpertsForm

    def applies(self, question):
        return question.obj.rules.scoring is not None

    def faults(self, deed):
        most = deed.obj.rules.scoring.max_same_employer
        rows = deed.obj.reviews.filter(round=deed.obj.round).exclude(state="recused").select_related("expert")
        gone = self.passed_over(deed)
        live = [review.expert for review in rows if review.pk not in gone]
        found = Counter(user.organisation for user in [*live, *deed.data["experts"]] if user.organisation_id)
        for organisation, count in found.items():
            if count > most:
                yield Unmet(
                    "same_employer",
                    _t("%(name)s有 %(n)s 位专家，同一评审组同一单位至多 %(most)s 位。")
                    % {"name": organisation, "n": count, "most": most},
                    "experts",
                )

    def passed_over(self, deed):
        """Hook: keys of sheets that count no more."""
        return ()

    def assign(self, deed):
        experts = list(deed.data["experts"])
        Review.objects.bulk_create(
            Review(application=deed.obj, expert=expert, round=deed.obj.round, assigned_at=deed.at, assigned_by=deed.by)
            for expert in experts
        )
        deed.obj.forget_reviewers()
        deed.facts |= {"experts": [expert.pk for expert in experts]}


@act_on("pilots.Application")
class AssignExperts(_Assign):
    code = "assign_experts"
    label = _("分派专家")
    done = _("分派评审专家")
    tone = "primary"
    transition = "assign_experts"

    def faults(self, deed):
        wanted, given = deed.obj.rules.scoring.experts, len(deed.data.get("experts") or [])
        if given < wanted:
            yield Unmet(
                "too_few",
                _t("规则要求 %(wanted)s 位专家，选了 %(given)s 位。") % {"wanted": wanted, "given": given},
                "experts",
            )
        yield from super().faults(deed)

    def carry_out(self, deed):
        self.assign(deed)
        self.step(deed)


@act_on("pilots.Application")
class AddExpert(_Assign):
    code = "add_expert"
    label = _("增补专家")
    done = _("增补评审专家")
    states = frozenset({A.EXPERT_REVIEW})

    def carry_out(self, deed):
        self.assign(deed)


class ScoreForm(ActForm):
    """One score per criterion on its own scale, bonus and veto where the rules have them, and a comment."""

    comment = forms.CharField(
        label=_("评审意见"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    bonus = forms.DecimalField(label=_("加分"), min_value=0, max_digits=5, decimal_places=2, required=False)
    bonus_reason = forms.CharField(label=_("加分理由"), max_length=300, required=False)
    veto_reason = forms.CharField(label=_("否决理由"), max_length=300, required=False)

    def arrange(self):
        if self.obj is None:
            return
        scoring = self.obj.rules.scoring
        for criterion in scoring.criteria:
            self.fields[criterion.code] = forms.DecimalField(
                label=str(criterion.name), min_value=0, max_value=criterion.scale, max_digits=5, decimal_places=1
            )
        for index, item in enumerate(scoring.veto):
            self.fields[f"veto_{index}"] = forms.BooleanField(label=str(item), required=False)
        if not scoring.bonus_max:
            del self.fields["bonus"], self.fields["bonus_reason"]

    def clean(self):
        data = super().clean()
        scoring = self.obj.rules.scoring
        bonus = data.get("bonus") or 0
        if bonus > scoring.bonus_max:
            self.add_error("bonus", _t("加分不能超过 %(most)s 分。") % {"most": scoring.bonus_max})
        elif bonus and not data.get("bonus_reason", "").strip():
            self.add_error("bonus_reason", _t("加分须写明理由。"))
        data["vetoes"] = [item.zh for index, item in enumerate(scoring.veto) if data.get(f"veto_{index}")]
        if data["vetoes"] and not data.get("veto_reason", "").strip():
            self.add_error("veto_reason", _t("勾选一票否决事项的，须写明理由。"))
        return data


def own_review(application, user):
    """The user's own review of the application, or None."""
    return next((review for review in application.sheets if review.expert_id == user.pk), None)


@act_on("pilots.Application")
class Score(Act):
    code = "score"
    label = _("评审打分")
    done = _("提交评审意见")
    tone = "primary"
    icon = "star"
    roles = (Role.EXPERT,)
    side_by_side = True
    states = frozenset({A.EXPERT_REVIEW})
    separate_from = ("submit", "supplement", "recommend", "accept", "assign_experts")
    form = ScoreForm
    page = "review"

    def unmet(self, question):
        review = own_review(question.obj, question.by) if question.by else None
        if review is not None and review.state == Review.State.SUBMITTED:
            yield Unmet("scored", _t("您已提交评审意见，不能再改。"))

    def carry_out(self, deed):
        scoring = deed.obj.rules.scoring
        scores = {criterion.code: str(deed.data[criterion.code]) for criterion in scoring.criteria}
        review = own_review(deed.obj, deed.by)
        review.scores, review.comment = scores, deed.data["comment"]
        review.bonus, review.vetoes = deed.data.get("bonus") or Decimal(0), deed.data["vetoes"]
        review.bonus_reason = deed.data.get("bonus_reason", "").strip() if review.bonus else ""
        review.veto_reason = deed.data["veto_reason"].strip() if review.vetoes else ""
        review.total = sheet_total(scoring, scores, review.bonus)
        review.state, review.submitted_at = Review.State.SUBMITTED, deed.at
        review.save()
        deed.facts |= {"review": review.pk, "total": str(review.total)}
        if review.bonus:
            deed.facts |= {"bonus": str(review.bonus), "bonus_reason": review.bonus_reason}
        if review.vetoes:
            deed.facts |= {"vetoes": review.vetoes, "veto_reason": review.veto_reason}
        _note_if_late(deed, Credit.Kind.LATE)
        conclude_if_complete(deed)


def _note_if_late(deed, kind):
    """A review handed in or given back after its day goes into the expert's record."""
    due = Deadline.objects.of(deed.obj).open().filter(user=deed.by, due_at__lt=deed.at).first()
    profile = Expert.objects.filter(user=deed.by).first() if due is not None else None
    if profile is not None:
        late = (clock.today(deed.at) - due.due_on).days
        note = _t("期限 %(day)s，迟 %(n)s 天") % {"day": due.due_on, "n": max(late, 0)}
        deed.perform(profile, "note_credit", data={"kind": kind, "application": deed.obj, "note": note})


def conclude_if_complete(deed):
    """The last score closes the review in the same transaction, inside the same lock (trust.md R2).

    So does the last survey or inspection the rules ask for; scores too far apart wait for the panel's discussion.
    """
    deed.obj.forget_reviewers()
    reviews = [review for review in deed.obj.sheets if review.state != Review.State.RECUSED]
    waiting = [review for review in reviews if review.state == Review.State.ASSIGNED]
    if waiting or len(reviews) < deed.obj.rules.scoring.quorum:
        return
    # A discussion asked for one more opinion: the panel is not complete before that.
    if not any(settling.open_matters(deed.obj)):
        deed.facts["closes"] = True
        deed.then = ("conclude_review",)


@act_on("pilots.Application")
class Recuse(Act):
    code = "recuse"
    label = _("申请回避")
    done = _("专家回避")
    tone = "danger"
    icon = "shield-alert"
    roles = (Role.EXPERT,)
    side_by_side = True
    states = frozenset({A.EXPERT_REVIEW})
    needs_reason = True

    def unmet(self, question):
        review = own_review(question.obj, question.by) if question.by else None
        if review is not None and review.state == Review.State.SUBMITTED:
            yield Unmet("scored", _t("您已提交评审意见；如需作废请联系评审秘书。"))

    def carry_out(self, deed):
        review = own_review(deed.obj, deed.by)
        review.state, review.recusal_reason = Review.State.RECUSED, deed.reason
        review.save()
        deed.obj.forget_reviewers()
        deed.facts |= {"review": review.pk}
        _note_if_late(deed, Credit.Kind.RECUSED_LATE)
        conclude_if_complete(deed)


@act_on("pilots.Application")
class ConcludeReview(Act):
    code = "conclude_review"
    label = _("结束评审")
    done = _("专家评审完成")
    icon = "circle-check"
    roles = (Role.SYSTEM, *ORGANISERS)
    transition = "conclude_review"

    def unmet(self, question):
        scoring = question.obj.rules.scoring
        reviews = question.obj.sheets
        given = sum(1 for review in reviews if review.state == Review.State.SUBMITTED)
        waiting = sum(1 for review in reviews if review.state == Review.State.ASSIGNED)
        if given < scoring.quorum:
            yield Unmet("quorum", _t("已评 %(given)s 位，未达法定人数 %(quorum)s 位。") % {
                "given": given, "quorum": scoring.quorum})  # fmt: skip
        if waiting and question.role == Role.SYSTEM:
            yield Unmet("waiting", _t("还差 %(n)s 位专家评分。") % {"n": waiting})

        yield from settling.open_matters(question.obj)

    def carry_out(self, deed):
        scoring, reviews = deed.obj.rules.scoring, settling.submitted(deed.obj)
        totals = {review.expert_id: review.total for review in reviews}
        survey = deed.obj.survey.result if scoring.survey_weight else None
        deed.obj.score = aggregate(scoring, list(totals.values()), survey)
        deed.facts |= {"totals": [str(total) for total in sorted(totals.values())], "score": str(deed.obj.score)}
        vetoes = sorted({item for review in reviews for item in review.vetoes})
        if vetoes:
            deed.facts["vetoes"] = vetoes
        if survey is not None:
            deed.facts["survey"] = str(survey)
        self._note_outliers(deed, outliers(scoring, totals))
        self.step(deed)

    @staticmethod
    def _note_outliers(deed, experts):
        for profile in Expert.objects.filter(user__in=experts) if experts else ():
            deed.perform(profile, "note_credit", data={"kind": Credit.Kind.OUTLIER, "application": deed.obj,
                         "note": _t("与评审组其他专家的评分相差过大")})  # fmt: skip
