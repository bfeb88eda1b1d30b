"""What another version of the rules would mean for a running case: nothing, a mapping, or no way to go on.

Functions of (old rules, new rules, facts of the case). `plan` reads the cases; nothing here changes any.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.holders import holders
from accounts.roles import REACH, UNGRANTABLE, Reach, Role
from pilots.models import Application, ApplicationState, Batch, BatchState, Designation, DesignationState
from pilots.models.application import ENDED, road_after
from pilots.models.designation import RUNNING

A, B, D = ApplicationState, BatchState, DesignationState
# The answer to a need: what was there is not carried on; the ledger keeps it.
DROP = "-"
NEXT = "next"

STATIONS = {A.PREFECTURE_CHECK: "PREF", A.PROVINCE_REVIEW: "PROV", A.FORMALITY_CHECK: "FORM", A.SUPPLEMENT: "SUPP",
             A.PANEL_DRAW: "EXP", A.EXPERT_REVIEW: "EXP"}  # fmt: skip
# Stations somebody can be led past: nothing has been begun there that would hang in the air.
_PASSABLE = frozenset({A.PREFECTURE_CHECK, A.PROVINCE_REVIEW, A.FORMALITY_CHECK, A.PANEL_DRAW})
_SITE_STATIONS = {D.AGREEMENT_DUE: "AGR", D.PLAN_DUE: "PLAN", D.SELF_EVALUATION: "SELF", D.PRE_ACCEPTANCE: "PACC",
                  D.ACCEPTANCE: "ACC", D.RECTIFYING: "RECT"}  # fmt: skip
_BATCH_STATIONS = {B.TO_PUBLISH: "NOTC", B.NOTICE: "NOTC", B.DOCUMENT: "DOC"}
_OVER = (B.ISSUED, B.CANCELLED)


@dataclass(frozen=True)
class Need:
    """A question somebody has to answer before a case can go over. `key` is the same for all cases that ask it."""

    key: str
    text: str
    # (answer, words); the first one is proposed.
    choices: tuple[tuple[str, str], ...]


@dataclass
class Row:
    """One case, and what the new version means for it."""

    case: object
    needs: list[Need] = field(default_factory=list)
    # Why it cannot go over at all.
    strands: list[str] = field(default_factory=list)
    # Worth knowing, and no obstacle.
    notes: list[str] = field(default_factory=list)

    @property
    def verdict(self):
        return "stranded" if self.strands else "mapping" if self.needs else "unaffected"

    def open_needs(self, mapping):
        """Needs that the given answers leave open."""
        return [need for need in self.needs if mapping.get(need.key) not in dict(need.choices)]


def pinned(case):
    """The version a case goes by now."""
    return case.rules_version if case.rules_version_id else case.batch.rules_version


def plan(programme, version, at):
    """A `Row` for every running case of a programme that goes by another version: batches, applications, sites."""
    rows = []
    batches = Batch.objects.filter(programme=programme).exclude(state__in=_OVER).exclude(rules_version=version)
    rows += [judge(case, version, at) for case in batches.select_related(*Batch.related).order_by("pk")]
    for model, running in ((Application, ~Q(state__in=ENDED)), (Designation, Q(state__in=RUNNING))):
        cases = model.objects.filter(running, batch__programme=programme).select_related(*model.related)
        for case in _ahead(cases).order_by("pk"):
            if pinned(case).pk != version.pk:
                rows.append(judge(case, version, at))
    return rows


def _ahead(cases):
    """Reads with the cases what their judgement asks, so that the plan of a programme costs a few statements."""
    if cases.model is Application:
        reviews = cases.model._meta.get_field("reviews").related_model
        return cases.annotate(scored=Exists(reviews.objects.filter(application=OuterRef("pk"), state="submitted")))
    opinions = cases.model._meta.get_field("evaluations").related_model
    return cases.annotate(
        scored=Exists(opinions.objects.filter(designation=OuterRef("pk"), concluded_at__isnull=True, opinions__isnull=False))
    ).select_related("mid_term", "application").prefetch_related("indicator_values")  # fmt: skip


def judge(case, version, at):
    """What `version` means for one case."""
    old, new = pinned(case).rules, version.rules
    row = Row(case)
    judges = {"batch": _batch, "application": _application, "designation": _site}
    judges[case._meta.model_name](row, case, old, new)
    _owner(row, case, old, new, at)
    return row


def _owner(row, case, old, new, at):
    """Whoever has the case now must have somebody under the new rules, too."""
    stations = STATIONS | _SITE_STATIONS | _BATCH_STATIONS
    stage = new.stage(stations[case.state]) if case.state in stations else None
    before = old.stage(stage.code) if stage else None
    if stage is None or (before is not None and before.owner == stage.owner):
        return
    role = Role(stage.owner)
    if role not in UNGRANTABLE and REACH[role] is not Reach.PERSONAL and not holders([role], case.scope(), at):
        row.strands.append(
            _("环节“%(stage)s”改由%(role)s办理，但没有人担任。") % {"stage": _stage(stage.code), "role": role.label}
        )


def _stage(code):
    from pilots.authoring import words  # noqa: PLC0415 - authoring reads models

    return words.value("Stage.code", code)


# --- batches ----------------------------------------------------------------------------------------------------------
def _batch(row, batch, old, new):
    station = _BATCH_STATIONS.get(batch.state)
    if station and not new.uses(station):
        row.strands.append(_("批次正在“%(state)s”，新版本不使用这一环节。") % {"state": batch.get_state_display()})
    if batch.list_version and batch.state not in (B.DRAFT, B.OPEN) and new.cutoff != old.cutoff:
        row.strands.append(_("名单已按原来的入选条件拟定，新版本改了入选条件。"))
    if batch.state in (B.COUNTERSIGN, B.LEADER) and new.signoff != old.signoff:
        row.strands.append(_("审签已经开始，新版本改了审签的人。"))
    if batch.state == B.NOTICE and new.notice != old.notice:
        row.notes.append(_("公示已经开始，公示期不变。"))
    if batch.state != B.DRAFT:
        row.notes.append(_("本批已有的申报和试点仍按原版本，除非一并转入。"))


# --- applications -----------------------------------------------------------------------------------------------------
def _application(row, case, old, new):
    _where_it_stands(row, case, new)
    if (
        case.state == A.EXPERT_REVIEW
        and old.scoring != new.scoring
        and _has_scores(case)
        and _sheet(old) != _sheet(new)
    ):
        row.strands.append(_("专家已经评分，新版本改了评分项。"))
    if (
        case.channel
        and case.channel not in {one.code for one in new.recommendation.channels}
        and new.recommendation.channels
    ):
        row.needs.append(Need(f"channel:{case.channel}", _("推荐渠道“%(code)s”没有了") % {"code": case.channel},
                              tuple((one.code, str(one.name)) for one in new.recommendation.channels)))  # fmt: skip
    row.needs += answer_needs(old, new, case.answers)
    asked = sum(spec.required and spec.code not in case.answers.get(section.code, {}) for section, spec in _specs(new))
    if asked and case.state not in (A.DRAFT, A.SUPPLEMENT):
        row.notes.append(_("新版本另有 %(n)s 道必填题，已提交的不再补填。") % {"n": asked})


def _has_scores(case):
    known = getattr(case, "scored", None)
    return case.reviews.filter(state="submitted").exists() if known is None else known


def _sheet(rules):
    return [(one.code, one.weight, one.scale) for one in rules.scoring.criteria] if rules.scoring else None


def _where_it_stands(row, case, new):
    code = STATIONS.get(case.state)
    if code is None or new.uses(code):
        return
    if case.state not in _PASSABLE:
        row.strands.append(_("正在“%(state)s”，新版本不使用这一环节。") % {"state": case.get_state_display()})
        return
    target = ApplicationState(next_station(case, new)).label
    row.needs.append(Need(f"stage:{code}", _("正在“%(state)s”，新版本不使用这一环节") % {"state": case.get_state_display()},
                          ((NEXT, _("跳过，进入“%(target)s”") % {"target": target}),)))  # fmt: skip


class _Under:
    """An application as if it went by other rules: only what the road asks."""

    def __init__(self, case, rules):
        self._case, self.rules = case, rules

    def passes(self, code):
        return self.rules.uses(code) and not (code == "PROV" and self._case.own_recommender)


def next_station(case, rules):
    """The state an application would enter when led past its station under `rules`."""
    return road_after(_Under(case, rules), case.state)


def _specs(rules) -> Iterable[tuple]:
    for section in rules.sections:
        for spec in section.fields:
            yield section, spec


def answer_needs(old, new, answers):
    """Answered questions that are not asked any more, or ask for something else; answers that may not be chosen."""
    fields = {(section.code, spec.code): spec for section, spec in _specs(new)}
    found = []
    for section, spec in _specs(old):
        given = answers.get(section.code, {}).get(spec.code)
        if given in (None, "", [], {}):
            continue
        now = fields.get((section.code, spec.code))
        if now is None or now.type != spec.type:
            why = _("题目“%(name)s”没有了") if now is None else _("题目“%(name)s”改了类型")
            found.append(Need(f"answer:{section.code}.{spec.code}", why % {"name": spec.name}, _homes(new, old, spec)))
        elif spec.type in ("choice", "choices"):
            found += _options(section, spec, now, given)
    return found


def _homes(new, old, spec):
    """Questions of the new form that could take the answer: same type first of all, and new ones before old ones."""
    known = {(section.code, one.code) for section, one in _specs(old)}
    fitting = [
        (f"{section.code}.{one.code}", _("填入“%(name)s”") % {"name": one.name})
        for section, one in _specs(new)
        if one.type == spec.type and (section.code, one.code) not in known
    ]
    return (*fitting, (DROP, _("不再保留，原答复记入办理记录")))


def _options(section, spec, now, given):
    known = {choice.code for choice in now.choices}
    names = {choice.code: choice.name for choice in spec.choices}
    for code in given if isinstance(given, list) else [given]:
        if code not in known:
            yield Need(f"option:{section.code}.{spec.code}.{code}",
                       _("“%(name)s”的选项“%(option)s”没有了") % {"name": spec.name, "option": names.get(code, code)},
                       (*((choice.code, str(choice.name)) for choice in now.choices), (DROP, _("不再保留，原答复记入办理记录"))))  # fmt: skip


# --- sites ------------------------------------------------------------------------------------------------------------
def _site(row, site, old, new):
    station = _SITE_STATIONS.get(site.state)
    if station and not new.uses(station):
        row.strands.append(_("正在“%(state)s”，新版本不使用这一环节。") % {"state": site.get_state_display()})
    if site.state == D.RECTIFYING and (new.acceptance is None or new.acceptance.rectification is None):
        row.strands.append(_("正在整改，新版本没有整改期限。"))
    if new.acceptance is not None and site.term_end is None:
        row.strands.append(_("这个试点没有期限，新版本要求期满验收。"))
    if site.state == D.ACCEPTANCE and _has_opinions(site) and _judged(old) != _judged(new):
        row.strands.append(_("验收组已有人签署意见，新版本改了评分项或分数段。"))
    _mid_term(row, site, new)
    _indicators(row, site, old, new)
    if old.acceptance is not None and new.acceptance is None and site.state == D.BUILDING:
        row.notes.append(_("新版本没有验收，期满不再验收。"))


def _has_opinions(site):
    known = getattr(site, "scored", None)
    if known is None:
        return site.evaluations.filter(concluded_at__isnull=True, opinions__isnull=False).exists()
    return known


def _judged(rules):
    if rules.acceptance is None:
        return None
    return [(one.code, one.weight) for one in rules.acceptance.criteria], [
        (one.code, one.floor) for one in rules.acceptance.bands
    ]


def _mid_term(row, site, new):
    result = getattr(site, "mid_term", None)
    if result is None:
        return
    if (
        result.consequence == "improve"
        and result.improved_at is None
        and (new.mid_term is None or new.mid_term.improve is None)
    ):
        row.strands.append(_("中期评估要求限期改进，新版本没有改进期限。"))
    bands = new.mid_term.bands if new.mid_term else []
    if result.band and bands and result.band not in {band.code for band in bands}:
        row.needs.append(Need(f"band:{result.band}", _("中期结论“%(code)s”没有了") % {"code": result.band},
                              tuple((band.code, str(band.name)) for band in bands)))  # fmt: skip


def _indicators(row, site, old, new):
    """Numbers that were reported or promised must have a name under the new rules."""
    known, names = {one.code for one in new.indicators}, {one.code: one.name for one in old.indicators}
    fresh = [one for one in new.indicators if one.code not in names]
    for code in sorted({value.code for value in site.indicator_values.all()} - known):
        choices = (
            *((one.code, _("改记为“%(name)s”") % {"name": one.name}) for one in fresh),
            (DROP, _("不再列出，已报数据保留")),
        )
        row.needs.append(
            Need(f"indicator:{code}", _("指标“%(name)s”没有了") % {"name": names.get(code, code)}, choices)
        )
