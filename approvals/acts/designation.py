"""How a term ends: the panel's conclusion and its consequence, and what happens by itself."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals import issuing
from approvals.acts.acceptance import SITE_PAPERS, add_criteria, has_panel, open_round, sheet, sitting
from approvals.models import Certificate, CertificateState, Evaluation, Opinion, PanelRecord
from approvals.rules.scoring import mean, weighted
from pilots import mending, running
from pilots.acts.designation import end
from pilots.models import DesignationState as D
from pilots.models.designation import ENTERING
from pilots.terms import add_months
from pilots.timing import after


def give_certificate(deed, kind):
    """Registers a certificate of the site, where its programme prints one; a job makes it."""
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
    states = frozenset({D.AGREEMENT_DUE, D.PLAN_DUE, D.BUILDING, D.HOLDING})
    offered = False

    def carry_out(self, deed):
        site, anchor = deed.obj, deed.obj.rules.term.anchor
        running.plan_money(site)
        running.fall_due(site, "approved", deed.at)
        # The paper names the term; and what is only to be built is certified once it runs.
        settled = not (anchor in ("agreement_date", "plan_date") and site.state in ENTERING)
        if site.rules.shape != "II" and settled:
            give_certificate(deed, Certificate.Kind.DESIGNATION)
        running.enter(deed)


class ConclusionForm(ActForm):
    """The panel's words; the scores too where the lead judges alone; the list of what is to be mended."""

    conclusion = forms.CharField(
        label=_("验收结论"), max_length=3000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("听取汇报、查看现场、审阅材料的情况和结论。"),
    )  # fmt: skip
    items = forms.CharField(
        label=_("整改事项"), max_length=6000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("得分落在“限期整改”时必填：每行一项，先写完成日期再写事项，如“2020-03-31 补齐服务机构台账”。"),
    )  # fmt: skip

    def arrange(self):
        if self.obj is None:
            return
        rules = self.obj.rules.acceptance
        if rules.opinions == 1:
            add_criteria(self, rules.criteria, last="conclusion")
        if not any(band.consequence == "rectify" for band in rules.bands):
            del self.fields["items"]

    def clean_items(self):
        return mending.parse(self.cleaned_data["items"], self.obj, clock.today(self.at))


@act_on("pilots.Designation")
class Conclude(Act):
    code = "conclude"
    label = _("作出验收结论")
    done = _("验收结论")
    tone = "primary"
    icon = "gavel"
    roles = (Role.ACCEPTANCE_LEAD, Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "conclude"
    separate_from = SITE_PAPERS
    form = ConclusionForm
    grave = True

    def seats(self, obj):
        stage = obj.rules.stage("ACC")
        return (stage.owner,) if stage else self.roles

    def applies(self, question):
        return question.obj.rules.acceptance is not None

    def unmet(self, question):
        if has_panel(question.obj):
            yield from _panel_unready(question.obj)

    def foretell(self, question):
        site = question.obj
        if not has_panel(site):
            yield from (_meaning(site, band.floor) for band in site.rules.acceptance.bands)
        elif not any(_panel_unready(site)):
            score = mean([row.total for row in open_round(site).opinions.all()])
            yield _t("各成员平均 %(score)s 分。") % {"score": score}
            yield _meaning(site, score)

    def faults(self, deed):
        if outcome(deed.obj, score_of(deed))[1] == "rectify" and not deed.data.get("items"):
            yield Unmet("no_items", _t("得分落在“限期整改”，请列出整改事项和完成日期。"), "items")

    def carry_out(self, deed):
        site, score = deed.obj, score_of(deed)
        band, consequence = outcome(site, score)
        self.record(deed, score, band)
        deed.facts |= {"score": str(score), "band": band.code, "consequence": consequence}
        site.score, site.grade, site.grade_en = score, band.name.zh, band.name.en
        if consequence == "rectify":
            site.rectifications += 1
            mending.open_list(site, deed.data["items"])
            deed.facts["items"] = [{"by": day.isoformat(), "what": what} for day, what in deed.data["items"]]
        elif consequence == "operate":
            site.operating_since = clock.today(deed.at)
        else:
            why = _t("验收结论：%(grade)s（%(score)s 分）") % {"grade": band.name.zh, "score": score}
            failed = consequence in ("revoke", "lapse")
            end(deed, site, site.rules.ban.revoked if consequence == "revoke" else 0, why if failed else "")
            what_comes_next(site, band)
        site.conclude(consequence)
        site.save()
        if consequence in ("accept", "operate"):
            running.fall_due(site, "accepted", deed.at, why=str(band.name))
            give_certificate(deed, Certificate.Kind.ACCEPTANCE)
        if consequence == "operate":
            running.plan_reports(site, deed.at, site.operating_since, None)
        elif consequence in ("revoke", "lapse"):
            revoke_certificates(deed, site, _t("验收未通过（%(score)s 分）") % {"score": score})

    def record(self, deed, score, band):
        """The round with its conclusion; the lead's own sheet where nobody else gave one."""
        site = deed.obj
        evaluation = open_round(site)
        if evaluation is None:
            last = site.evaluations.filter(stage=Evaluation.Stage.FINAL).count()
            evaluation = Evaluation(designation=site, round=last + 1, opened_at=site.since or deed.at)
        evaluation.score, evaluation.band, evaluation.conclusion = score, band.code, deed.data["conclusion"]
        evaluation.concluded_at, evaluation.concluded_by = deed.at, deed.by
        evaluation.save()
        if has_panel(site):
            deed.facts["opinions"] = [str(row.total) for row in evaluation.opinions.all()]
        else:
            scores = sheet(site.rules.acceptance.criteria, deed.data)
            Opinion.objects.create(
                evaluation=evaluation, by=deed.by, scores=scores, total=score, comment=deed.data["conclusion"],
                at=deed.at,
            )  # fmt: skip


def _panel_unready(site):
    """What a panel still has to do before its lead may conclude."""
    rules, evaluation = site.rules.acceptance, open_round(site)
    if evaluation is None:
        yield Unmet("no_panel", _t("还没有组成验收组。"))
        return
    members, signed = sitting(evaluation), {row.by_id for row in evaluation.opinions.all()}
    if len(members) < rules.opinions:
        yield Unmet("too_few", _t("验收组须有 %(n)s 位成员，现有 %(have)s 位，请增补。") % {
            "n": rules.opinions, "have": len(members)})  # fmt: skip
    waiting = [row.user.name for row in members if row.user_id not in signed]
    if waiting:
        yield Unmet("opinions", _t("还有 %(n)s 位成员没有签署意见：%(who)s。") % {
            "n": len(waiting), "who": _t("、").join(waiting)})  # fmt: skip
    done = {row.kind for row in evaluation.records.all()}
    missing = [str(PanelRecord.Kind(kind).label) for kind in rules.methods if kind not in done]
    if missing:
        yield Unmet("records", _t("还没有记录：%(what)s。") % {"what": _t("、").join(missing)})


def score_of(deed):
    """The score of a round, points of 100: the mean of the members' totals, or the lead's own sheet."""
    criteria = deed.obj.rules.acceptance.criteria
    if not has_panel(deed.obj):
        return weighted(criteria, sheet(criteria, deed.data))
    return mean([row.total for row in open_round(deed.obj).opinions.all()])


def outcome(site, score):
    """(band, consequence) of a score. Mended once already: what is still below the line has failed."""
    rules = site.rules.acceptance
    band = rules.band(score)
    consequence = band.consequence
    if consequence == "rectify" and site.rectifications >= rules.rectify_times:
        consequence = "revoke"
    return band, consequence


def _meaning(site, score):
    """「60 分以上（合格）：验收通过，生成验收证书。」: what a score would bring this site now."""
    band, consequence = outcome(site, score)
    what = {
        "accept": _t("验收通过，生成验收证书"),
        "operate": _t("投入运行，生成证书，此后按年考核"),
        "rectify": _t("限期整改，须在下面列出整改事项"),
        "revoke": _t("撤销试点资格，证书作废，%(n)s 个月内不得再次申报") % {"n": site.rules.ban.revoked},
        "new_round": _t("转入新一轮试点"),
        "lapse": _t("称号失效"),
    }[consequence]
    return _t("%(floor)s 分以上（%(grade)s）：%(what)s。") % {"floor": band.floor, "grade": band.name, "what": what}


def what_comes_next(site, band):
    """The days after an acceptance: for the plan that must follow, and how long the title counts."""
    rules = site.rules
    if band.follow_up:
        site.follow_up_by = after(max(site.term_end, site.ended_on), rules.acceptance.follow_up)
    if band.consequence == "accept" and rules.renewal:
        site.valid_until = add_months(max(site.term_end, site.ended_on), rules.renewal.months)


def revoke_certificates(deed, site, reason):
    """Takes back every certificate of a site that still counts or is suspended, and those that are still being made."""
    live = (CertificateState.ISSUED, CertificateState.SUSPENDED, CertificateState.PENDING)
    for certificate in Certificate.objects.filter(designation=site, state__in=live):
        deed.perform(certificate, "revoke", reason=reason)


class _RunsOut(Act):
    """A deadline of the site has passed and the rules say what that means."""

    roles = (Role.SYSTEM,)
    offered = False

    def ban(self, rules):
        """Months without a new application (programmes.md §0.6)."""
        return rules.ban.exited

    def carry_out(self, deed):
        end(deed, deed.obj, self.ban(deed.obj.rules), self.done)
        self.step(deed)
        revoke_certificates(deed, deed.obj, str(self.done))


@act_on("pilots.Designation")
class DeemWaived(_RunsOut):
    code = "deem_waived"
    label = _("视为放弃")
    done = _("逾期未签协议或未报建设方案，视为放弃")
    transition = "deem_waived"

    def unmet(self, question):
        plan = question.obj.rules.plan if question.obj.state == D.PLAN_DUE else None
        if plan is not None and plan.final_notice is not None and question.obj.final_notice_at is None:
            yield Unmet("no_notice", _t("还没有发出最后通知。"))


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


@act_on("pilots.Designation")
class DeemNotFollowedUp(_RunsOut):
    code = "deem_not_followed_up"
    label = _("未报后续方案，视为退出")
    done = _("逾期未报后续方案，视为退出")
    transition = "deem_not_followed_up"


@act_on("pilots.Designation")
class Lapse(_RunsOut):
    code = "lapse"
    label = _("办理期满失效")
    done = _("有效期满未申请复核，称号失效")
    transition = "lapse"

    def ban(self, rules):
        return 0
