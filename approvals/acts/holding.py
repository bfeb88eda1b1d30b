"""Titles that are held: their certificates, their yearly grade, re-examination, succession, merging, their end."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals.acts.acceptance import SITE_PAPERS, add_criteria, sheet
from approvals.acts.designation import give_certificate, revoke_certificates
from approvals.models import Certificate, Evaluation
from approvals.rules.numbering import DOCUMENT_NUMBER
from approvals.rules.scoring import weighted
from pilots import running, terms
from pilots.acts.designation import end
from pilots.models import Batch, BatchState, Counter, Designation, Filing
from pilots.models import DesignationState as D
from pilots.models.application import ENDED
from pilots.models.designation import COUNTING, RUNNING, road_of
from pilots.timing import end_of_upgrade


@act_on("pilots.Designation")
class AwardCertificate(Act):
    """The certificate of a title whose term was settled after the document: by the agreement or the plan."""

    code = "award_certificate"
    label = _("颁发证书")
    done = _("登记证书")
    roles = (Role.SYSTEM,)
    states = RUNNING
    offered = False

    def carry_out(self, deed):
        give_certificate(deed, Certificate.Kind.DESIGNATION)


class _Restriction(Act):
    roles = (Role.DIVISION_HEAD, Role.SYSTEM)
    needs_reason = True
    grave = True


@act_on("pilots.Designation")
class Restrict(_Restriction):
    code = "restrict"
    label = _("限制运行")
    done = _("限制运行")
    icon = "shield-alert"
    tone = "danger"
    transition = "restrict"


@act_on("pilots.Designation")
class LiftRestriction(_Restriction):
    code = "lift_restriction"
    label = _("解除限制")
    done = _("解除限制，恢复运行")
    icon = "circle-check"
    tone = "primary"
    roles = (Role.DIVISION_HEAD,)
    transition = "lift_restriction"


def asking_upward(site):
    """An application of the same holder for the higher title that is still on its way, or None."""
    upgrade = site.rules.upgrade
    if upgrade is None:
        return None
    from pilots.models import Application  # noqa: PLC0415 - read once, here

    rows = Application.objects.filter(
        batch__programme__code=upgrade.target, organisation_id=site.organisation_id, submitted_at__isnull=False
    )
    return rows.exclude(state__in=ENDED).order_by("-pk").first()


@act_on("pilots.Designation")
class Expire(Act):
    """The last day of a title that nobody renews has passed: a cultivation that led nowhere, a period that is over."""

    code = "expire"
    label = _("期满终止")
    done = _("期满，称号终止")
    roles = (Role.SYSTEM,)
    transition = "expire"
    offered = False

    def applies(self, question):
        return question.obj.rules.renewal is None

    def unmet(self, question):
        site = question.obj
        if site.term_end is None:
            yield Unmet("no_end", _t("这一称号没有止日。"))
        elif clock.today(question.at) <= (end_of_upgrade(site) or site.term_end):
            yield Unmet("not_over", _t("期限未满。"))
        waiting = asking_upward(site)
        if waiting is not None:
            yield Unmet("asking", _t("升级申报 %(number)s 正在办理，办结后再终止。") % {"number": waiting.number})

    def carry_out(self, deed):
        end(deed, deed.obj, 0, self.done)
        self.step(deed)


# --- re-examination --------------------------------------------------------------------------------------------


class RenewalSheet(ActForm):
    """The assessor's scores, points beyond 100 where the rules know them, and words."""

    bonus = forms.DecimalField(label=_("加分"), min_value=0, max_digits=5, decimal_places=2, required=False)
    comment = forms.CharField(label=_("复核意见"), max_length=3000, widget=forms.Textarea(attrs={"rows": 6}))

    def arrange(self):
        rules = self.obj.rules.renewal if self.obj is not None else None
        if rules is None:
            return
        add_criteria(self, rules.criteria, last="comment")
        if not rules.bonus_max:
            del self.fields["bonus"]
        else:
            self.fields["bonus"].max_value = rules.bonus_max
            self.fields["bonus"].help_text = _t("不超过 %(most)s 分。") % {"most": rules.bonus_max}

    def clean_bonus(self):
        bonus, most = self.cleaned_data["bonus"] or Decimal(0), self.obj.rules.renewal.bonus_max
        if bonus > most:
            raise forms.ValidationError(_t("加分不能超过 %(most)s 分。") % {"most": most})
        return bonus


def renew_title(deed):
    """The new term of a title that is held, its certificate and its reports; an accepted one counts longer."""
    site, rules = deed.obj, deed.obj.rules
    if site.state == D.ACCEPTED:
        site.valid_until = terms.add_months(site.valid_until, rules.renewal.months)
        site.renewal_filed_at = None
        deed.facts["valid_until"] = site.valid_until.isoformat()
        return
    start, last, text = terms.renewed(rules, site.term_end, rules.renewal.months, _current_batch_day(site))
    site.term_start, site.term_end, site.term_text = start, last, text
    site.valid_until, site.renewal_filed_at = last, None
    site.extensions = site.extended_months = 0
    deed.facts |= {"term": text, "valid_until": last.isoformat()}
    running.plan_reports(site, deed.at, max(start, clock.today(deed.at)), last)
    give_certificate(deed, Certificate.Kind.RENEWAL)


def _current_batch_day(site):
    """The day the current batch's term begins, where the rules let the re-examined join it (programmes.md card 20)."""
    if not site.rules.renewal.joins_batch:
        return None
    newest = (
        Batch.objects.filter(programme_id=site.batch.programme_id, state=BatchState.ISSUED,
                             document_date__gt=site.term_start)
        .exclude(pk=site.batch_id).order_by("-document_date").first()
    )  # fmt: skip
    return newest.document_date if newest else None


@act_on("pilots.Designation")
class AssessRenewal(Act):
    """Scores a re-examination; the band says whether the title goes on (programmes.md cards 12 and 20)."""

    code = "assess_renewal"
    label = _("作出复核结论")
    done = _("复核结论")
    tone = "primary"
    icon = "gavel"
    roles = (Role.ACCEPTANCE_LEAD, Role.DIVISION_HEAD)
    states = frozenset({D.ACCEPTED, D.HOLDING})
    separate_from = SITE_PAPERS
    form = RenewalSheet
    grave = True

    def seats(self, obj):
        stage = obj.rules.stage("REX")
        return (stage.owner,) if stage else self.roles

    def applies(self, question):
        return question.obj.rules.renewal is not None and bool(question.obj.rules.renewal.criteria)

    def unmet(self, question):
        if question.obj.renewal_filed_at is None:
            yield Unmet("not_asked", _t("还没有收到复核申请。"))

    def foretell(self, question):
        for band in question.obj.rules.renewal.bands:
            yield (_t("%(floor)s 分以上（%(grade)s）：续期。") if band.consequence == "renew"
                   else _t("%(floor)s 分以上（%(grade)s）：称号失效。")) % {"floor": band.floor, "grade": band.name}  # fmt: skip

    def carry_out(self, deed):
        site, rules = deed.obj, deed.obj.rules.renewal
        scores = sheet(rules.criteria, deed.data)
        total = weighted(rules.criteria, scores) + (deed.data.get("bonus") or 0)
        band = rules.band(total)
        Evaluation.objects.create(
            designation=site, stage=Evaluation.Stage.RENEWAL, opened_at=site.renewal_filed_at,
            round=site.evaluations.filter(stage=Evaluation.Stage.RENEWAL).count() + 1, score=total, band=band.code,
            conclusion=deed.data["comment"], concluded_at=deed.at, concluded_by=deed.by,
        )  # fmt: skip
        site.score, site.grade, site.grade_en = total, band.name.zh, band.name.en
        deed.facts |= {"score": str(total), "band": band.code, "consequence": band.consequence}
        if band.consequence == "renew":
            renew_title(deed)
        else:
            why = _t("复核结论：%(grade)s（%(score)s 分）") % {"grade": band.name.zh, "score": total}
            end(deed, site, 0, why)
            site.lapse()
            site.save()
            revoke_certificates(deed, site, why)


# --- one title in the place of another -------------------------------------------------------------------------


@act_on("pilots.Designation")
class Succeed(Act):
    """A new title stands in the place of this one; its certificates are replaced, its own days stay on record."""

    code = "succeed"
    label = _("由新称号承接")
    done = _("由新称号承接")
    roles = (Role.SYSTEM,)
    transition = "succeed"
    offered = False

    def carry_out(self, deed):
        new = deed.data["successor"]
        deed.facts |= {"successor": new.number, "title": new.title}
        end(deed, deed.obj, 0, _t("由%(title)s（%(number)s）承接") % {"title": new.title, "number": new.number})
        self.step(deed)


class DocumentNumberForm(ActForm):
    number = forms.CharField(label=_("依据文件文号"), max_length=60)

    def clean_number(self):
        number = self.cleaned_data["number"].strip()
        if not DOCUMENT_NUMBER.match(number):
            raise forms.ValidationError(_t("文号格式不对：机关代字、〔年份〕、序号和“号”，如 国知发规字〔2020〕5号。"))
        return number


class MergeForm(DocumentNumberForm):
    into = forms.CharField(label=_("并入的试点编号"), max_length=30)

    def clean_into(self):
        number = self.cleaned_data["into"].strip()
        site = Designation.objects.select_related(*Designation.related).filter(number=number).first()
        if site is None:
            raise forms.ValidationError(_t("没有编号为 %(number)s 的试点。") % {"number": number})
        return site


@act_on("pilots.Designation")
class Merge(Act):
    """Two records become one: this one is closed and points to the other (programmes.md §5, a rights-aid centre
    absorbed by a protection centre)."""

    code = "merge"
    label = _("并入另一试点")
    done = _("并入另一试点")
    icon = "merge"
    tone = "danger"
    roles = (Role.DIVISION_HEAD,)
    transition = "merge"
    form = MergeForm
    needs_reason = True
    grave = True

    def applies(self, question):
        return bool(absorbers(question.obj))

    def foretell(self, question):
        yield _t("本试点记录终止，证书作废，编号仍可查到，并指向并入的试点。")

    def faults(self, deed):
        site, into = deed.obj, deed.data["into"]
        if into.pk == site.pk:
            yield Unmet("itself", _t("不能并入自己。"), "into")
        elif into.state not in COUNTING:
            yield Unmet("over", _t("%(site)s 已是“%(state)s”，不能并入。") % {
                "site": into.number, "state": into.get_state_display()}, "into")  # fmt: skip
        elif site.batch.programme.code not in (*into.rules.absorbs, into.batch.programme.code):
            yield Unmet("not_absorbed", _t("%(programme)s的规则没有规定并入本项目的试点。") % {
                "programme": into.rules.name}, "into")  # fmt: skip

    def carry_out(self, deed):
        site, into = deed.obj, deed.data["into"]
        site.merged_into, site.end_document = into, deed.data["number"]
        end(deed, site, 0, deed.reason)
        deed.facts |= {"into": into.number, "number": site.end_document}
        self.step(deed)
        site.save()
        revoke_certificates(deed, site, _t("并入%(number)s") % {"number": into.number})


def absorbers(site):
    """Codes of the programmes whose present rules take sites of this one's programme in."""
    return site.batch.programme.absorbed_by


def successors_of(site):
    """Programmes whose present rules take over the titles of this one's programme (scheme migration)."""
    return site.batch.programme.taken_over_by


class ConvertForm(ActForm):
    batch = forms.ModelChoiceField(label=_("转入的批次"), queryset=Batch.objects.none(), empty_label=None)

    def arrange(self):
        if self.obj is not None:
            codes = successors_of(self.obj)
            self.fields["batch"].queryset = Batch.objects.filter(
                programme__code__in=codes, state=BatchState.ISSUED
            ).select_related("programme", "rules_version")


@act_on("pilots.Designation")
class Convert(Act):
    """A title of an old scheme becomes one of the new scheme by decision, without a new application (programmes.md §5,
    programme merged or renamed). The new title has the term of the batch it joins; the old one ends."""

    code = "convert"
    label = _("转入新方案称号")
    done = _("转入新方案称号")
    icon = "arrow-right-left"
    roles = (Role.DIVISION_HEAD,)
    states = COUNTING - {D.SELF_EVALUATION, D.PRE_ACCEPTANCE, D.ACCEPTANCE, D.RECTIFYING}
    form = ConvertForm
    needs_reason = True
    grave = True

    def applies(self, question):
        return bool(successors_of(question.obj))

    def unmet(self, question):
        codes = successors_of(question.obj)
        if not Batch.objects.filter(programme__code__in=codes, state=BatchState.ISSUED).exists():
            yield Unmet("no_batch", _t("新方案还没有已发文的批次可以转入。"))

    def foretell(self, question):
        yield _t("按所选批次的批复设立新称号，期限从该批；原称号随即由新称号承接，原文件和历史保留。")

    def carry_out(self, deed):
        old, batch = deed.obj, deed.data["batch"]
        rules = batch.rules
        start, last, text = terms.of_designation(rules, batch.document_date)
        serial = Counter.take(f"site:{rules.number_prefix}", batch.document_date.year)
        new = Designation.objects.create(
            batch=batch, number=f"{rules.number_prefix}-S{batch.document_date.year}-{serial:03d}",
            title=f"{old.place.name}{rules.name.zh}"[:120], holder_name=old.holder_name, place=old.place,
            organisation=old.organisation, term_start=start, term_end=last, term_text=text, predecessor=old,
            state=road_of(rules),
        )  # fmt: skip
        deed.facts |= {"new": new.number, "batch": batch.number}
        deed.perform(new, "begin")
        # In the same transaction, on the same locked row: what follows is told by the act that ends this title.
        end(deed, old, 0, _t("转入%(title)s（%(number)s）") % {"title": new.title, "number": new.number})
        old.succeed()


# --- delisting and the like are revocations; their words are the shape's own -----------------------------------


def last_grade(site):
    """The rules' grade of the newest yearly report that was passed on with one, or None."""
    if site.rules.report is None:
        return None
    graded = [row for row in site.filings.all() if row.kind == Filing.Kind.REPORT and row.grade]
    if not graded:
        return None
    code = max(graded, key=lambda row: (row.due_on, row.revision)).grade
    return next((grade for grade in site.rules.report.grades if grade.code == code), None)
