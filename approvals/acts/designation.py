"""How a term ends: the panel's conclusion and its consequence; revocation for cause."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, act_on
from accounts.roles import Role
from approvals import issuing
from approvals.models import Certificate, CertificateState, Evaluation, Opinion
from approvals.rules.scoring import weighted
from pilots.acts.designation import end
from pilots.models import DesignationState as D


def _certificate(deed, kind):
    row = issuing.certificate_row(deed.obj, kind, deed.at)
    if row is not None:
        row.save()
        deed.perform(row, "begin")


@act_on("pilots.Designation")
class BeginDesignation(Act):
    code = "begin"
    label = _("设立试点")
    done = _("批复设立")
    roles = (Role.SYSTEM,)
    states = frozenset({D.PLAN_DUE})
    offered = False

    def carry_out(self, deed):
        _certificate(deed, Certificate.Kind.DESIGNATION)


class ConclusionForm(ActForm):
    """Scores of the acceptance sheet and the panel's words."""

    conclusion = forms.CharField(
        label=_("验收结论"), max_length=3000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("听取汇报、查看现场、审阅材料的情况和结论。"),
    )  # fmt: skip

    def arrange(self):
        if self.obj is None:
            return
        for criterion in self.obj.rules.acceptance.criteria:
            self.fields[criterion.code] = forms.DecimalField(
                label=str(criterion.name), min_value=0, max_value=criterion.scale, max_digits=5, decimal_places=1
            )
        self.order_fields([name for name in self.fields if name != "conclusion"] + ["conclusion"])


@act_on("pilots.Designation")
class Conclude(Act):
    code = "conclude"
    label = _("作出验收结论")
    done = _("验收结论")
    tone = "primary"
    icon = "gavel"
    roles = (Role.ACCEPTANCE_LEAD, Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "conclude"
    separate_from = ("file_plan", "file_report", "file_self_evaluation", "rectify")
    form = ConclusionForm
    grave = True

    def seats(self, obj):
        stage = obj.rules.stage("ACC")
        return (stage.owner,) if stage else self.roles

    def carry_out(self, deed):
        site, rules = deed.obj, deed.obj.rules.acceptance
        scores = {criterion.code: str(deed.data[criterion.code]) for criterion in rules.criteria}
        score = weighted(rules.criteria, scores)
        band = rules.band(score)
        consequence = band.consequence
        if consequence == "rectify" and site.rectifications >= rules.rectify_times:
            # Mended once already: what is still below the line has failed (programmes.md §5).
            consequence = "revoke"
        evaluation = Evaluation.objects.create(
            designation=site, round=site.evaluations.count() + 1, opened_at=site.since or deed.at, score=score,
            band=band.code, conclusion=deed.data["conclusion"], concluded_at=deed.at, concluded_by=deed.by,
        )  # fmt: skip
        Opinion.objects.create(
            evaluation=evaluation, by=deed.by, scores=scores, total=score, comment=deed.data["conclusion"], at=deed.at
        )
        deed.facts |= {"score": str(score), "band": band.code, "consequence": consequence}
        site.score, site.grade, site.grade_en = score, band.name.zh, band.name.en
        if consequence == "rectify":
            site.rectifications += 1
        else:
            end(site, deed.at, site.rules.ban.revoked if consequence == "revoke" else 0)
        site.conclude(consequence)
        site.save()
        if consequence == "accept":
            _certificate(deed, Certificate.Kind.ACCEPTANCE)
        elif consequence == "revoke":
            revoke_certificates(deed, site, _t("验收未通过（%(score)s 分）") % {"score": score})


def revoke_certificates(deed, site, reason):
    """Takes back every certificate of a site that still counts."""
    for certificate in Certificate.objects.filter(designation=site, state=CertificateState.ISSUED):
        deed.perform(certificate, "revoke", reason=reason)


@act_on("pilots.Designation")
class Revoke(Act):
    code = "revoke"
    label = _("撤销试点资格")
    done = _("撤销试点资格")
    tone = "danger"
    icon = "shield-x"
    roles = (Role.LEADER,)
    transition = "revoke"
    needs_reason = True
    grave = True

    def carry_out(self, deed):
        end(deed.obj, deed.at, deed.obj.rules.ban.revoked)
        self.step(deed)
        revoke_certificates(deed, deed.obj, deed.reason)


class _RunsOut(Act):
    """A deadline of the site has passed and the rules say what that means."""

    roles = (Role.SYSTEM,)
    offered = False

    def ban(self, rules):
        """Months without a new application (programmes.md §0.6)."""
        return rules.ban.exited

    def carry_out(self, deed):
        end(deed.obj, deed.at, self.ban(deed.obj.rules))
        self.step(deed)
        revoke_certificates(deed, deed.obj, str(self.done))


@act_on("pilots.Designation")
class DeemWaived(_RunsOut):
    code = "deem_waived"
    label = _("视为放弃")
    done = _("逾期未报建设方案，视为放弃")
    transition = "deem_waived"


@act_on("pilots.Designation")
class DeemExited(_RunsOut):
    code = "deem_exited"
    label = _("视为退出")
    done = _("逾期未提交自评总结，视为退出")
    transition = "deem_exited"


@act_on("pilots.Designation")
class FailRectification(_RunsOut):
    code = "fail_rectification"
    label = _("整改逾期")
    done = _("整改逾期，撤销资格")
    transition = "fail_rectification"

    def ban(self, rules):
        return rules.ban.revoked
