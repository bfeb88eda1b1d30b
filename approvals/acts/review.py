"""Assigning experts, scoring, recusal, and the end of the review."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.models import User
from accounts.roles import Role
from approvals import panel
from approvals.models import Review
from approvals.rules.scoring import aggregate, weighted
from pilots.models import ApplicationState as A


class ExpertsForm(ActForm):
    experts = forms.ModelMultipleChoiceField(
        label=_("评审专家"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def arrange(self):
        if self.obj is None:
            return
        seats = panel.pool(self.obj, self.at)
        free = [seat.expert.pk for seat in seats if not seat.excluded]
        field = self.fields["experts"]
        field.queryset = User.objects.filter(pk__in=free).select_related("organisation")
        field.label_from_instance = lambda user: f"{user.name} · {user.organisation or ''}"
        field.initial = free[: self.obj.rules.scoring.experts]
        self.seats = seats


class _Assign(Act):
    roles = (Role.EXPERT_SECRETARY, Role.PROGRAMME_OFFICER)
    icon = "users"
    form = ExpertsForm

    def assign(self, deed):
        experts = list(deed.data["experts"])
        Review.objects.bulk_create(
            Review(application=deed.obj, expert=expert, assigned_at=deed.at, assigned_by=deed.by) for expert in experts
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
    """One score per criterion on its own scale, and a comment."""

    comment = forms.CharField(
        label=_("评审意见"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def arrange(self):
        if self.obj is None:
            return
        for criterion in self.obj.rules.scoring.criteria:
            self.fields[criterion.code] = forms.DecimalField(
                label=str(criterion.name), min_value=0, max_value=criterion.scale, max_digits=5, decimal_places=1
            )
        self.order_fields([name for name in self.fields if name != "comment"] + ["comment"])


def own_review(application, user):
    """The user's own review of the application, or None."""
    return next((review for review in application.reviews.all() if review.expert_id == user.pk), None)


@act_on("pilots.Application")
class Score(Act):
    code = "score"
    label = _("评审打分")
    done = _("提交评审意见")
    tone = "primary"
    icon = "star"
    roles = (Role.EXPERT,)
    states = frozenset({A.EXPERT_REVIEW})
    separate_from = ("submit", "recommend", "accept", "assign_experts")
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
        review.total = weighted(scoring.criteria, scores)
        review.state, review.submitted_at = Review.State.SUBMITTED, deed.at
        review.save()
        deed.facts |= {"review": review.pk, "total": str(review.total)}
        _conclude_if_complete(deed)


def _conclude_if_complete(deed):
    """The last score closes the review in the same transaction, inside the same lock (trust.md R2)."""
    reviews = [review for review in deed.obj.reviews.all() if review.state != Review.State.RECUSED]
    waiting = [review for review in reviews if review.state == Review.State.ASSIGNED]
    if not waiting and len(reviews) >= deed.obj.rules.scoring.quorum:
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
        _conclude_if_complete(deed)


@act_on("pilots.Application")
class ConcludeReview(Act):
    code = "conclude_review"
    label = _("结束评审")
    done = _("专家评审完成")
    icon = "circle-check"
    roles = (Role.SYSTEM, Role.EXPERT_SECRETARY, Role.PROGRAMME_OFFICER)
    transition = "conclude_review"

    def unmet(self, question):
        scoring = question.obj.rules.scoring
        reviews = list(question.obj.reviews.all())
        given = sum(1 for review in reviews if review.state == Review.State.SUBMITTED)
        waiting = sum(1 for review in reviews if review.state == Review.State.ASSIGNED)
        if given < scoring.quorum:
            yield Unmet("quorum", _t("已评 %(given)s 位，未达法定人数 %(quorum)s 位。") % {
                "given": given, "quorum": scoring.quorum})  # fmt: skip
        if waiting and question.role == Role.SYSTEM:
            yield Unmet("waiting", _t("还差 %(n)s 位专家评分。") % {"n": waiting})

    def carry_out(self, deed):
        totals = [review.total for review in deed.obj.reviews.all() if review.state == Review.State.SUBMITTED]
        deed.obj.score = aggregate(deed.obj.rules.scoring, totals)
        deed.facts |= {"totals": [str(total) for total in sorted(totals)], "score": str(deed.obj.score)}
        self.step(deed)
