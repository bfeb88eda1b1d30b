"""What must hold between the parts of a rules document. Each check yields (where, words for the author)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .forms import Section
from .lines import Path
from .parts import twice
from .stages import STAGE_ORDER

if TYPE_CHECKING:
    from .schema import Rules

Found = Iterator[tuple[Path, str]]

# Inputs every form has of its own (pilots.forms.filing, approvals.acts): a question may not take their place.
OWN_INPUTS = {
    "plan": frozenset({"issued_number", "summary"}),
    "report": frozenset({"summary", "next_plan"}),
    "acceptance": frozenset({"summary", "self_score"}),
    "mid_term": frozenset({"summary"}),
}
_FULL = 100


def faults(rules: Rules) -> Found:
    """Everything that does not fit together, in the order of the document."""
    yield from _stages(rules)
    yield from _blocks(rules)
    yield from _needs(rules)
    yield from _codes(rules)
    yield from _forms(rules)
    yield from _money(rules)
    yield from _titles(rules)


def _stages(rules: Rules) -> Found:
    codes = [stage.code for stage in rules.stages]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield ("stage", index, "code"), f"环节 {code} 写了两次"
        elif index and STAGE_ORDER.index(code) < STAGE_ORDER.index(codes[index - 1]):
            right = " → ".join(sorted(set(codes), key=STAGE_ORDER.index))
            yield ("stage", index, "code"), f"环节 {code} 的位置不对；须按办理先后排列：{right}"


def _at(rules: Rules, code: str) -> Path:
    return ("stage", next(index for index, stage in enumerate(rules.stages) if stage.code == code), "code")


def _blocks(rules: Rules) -> Found:
    """A stage that is used needs its parameters, and parameters need their stage."""
    codes = {stage.code for stage in rules.stages}
    for code, given, name in (
        ("EXP", rules.scoring, "scoring"),
        ("NOTC", rules.notice, "notice"),
        ("DOC", rules.document, "document"),
        ("AGR", rules.agreement, "agreement"),
        ("PLAQ", rules.certificate, "certificate"),
        ("PLAN", rules.plan, "plan"),
        ("ANN", rules.report, "report"),
        ("MID", rules.mid_term, "mid_term"),
        ("ACC", rules.acceptance, "acceptance"),
    ):
        if code in codes and given is None:
            yield _at(rules, code), f"用到环节 {code}，但缺少 [{name}]"
        if given is not None and code not in codes:
            yield (name,), f"写了 [{name}]，但环节中没有 {code}"


def _needs(rules: Rules) -> Found:
    codes = {stage.code for stage in rules.stages}
    endless = rules.open_ended
    mends = rules.acceptance is not None and rules.acceptance.rectification is not None
    for broken, where, text in (
        ("SIGN" not in codes, ("stage",), "环节中没有 SIGN：名单总要有人签发"),
        ("PROV" in codes and not rules.recommendation.channels, ("recommendation",),
         "用到环节 PROV，但 [recommendation] 没有写 channel"),
        ("SURV" in codes and rules.scoring is not None and not rules.scoring.survey_weight, ("scoring",),
         "用到环节 SURV，但 [scoring] 没有写 survey_weight"),
        (rules.scoring is not None and bool(rules.scoring.survey_weight) and "SURV" not in codes,
         ("scoring", "survey_weight"), "写了 survey_weight，但环节中没有 SURV"),
        (bool({"SITE", "SURV"} & codes) and "EXP" not in codes, ("stage",),
         "实地考察（SITE）和第三方调查（SURV）要有专家评审（EXP）"),
        ("SUPP" in codes and "FORM" not in codes, ("stage",), "有补正（SUPP）就要有形式审查（FORM）"),
        ("FORM" in codes and not rules.checklist, ("checklist",), "用到环节 FORM，但 checklist 是空的"),
        (rules.acceptance is not None and "SELF" not in codes, ("acceptance",),
         "写了 [acceptance]，但环节中没有 SELF：验收从自评开始"),
        ("SELF" in codes and rules.acceptance is None, ("stage",), "用到环节 SELF，但缺少 [acceptance]"),
        ("RECT" in codes and not mends, ("stage",), "用到环节 RECT，但 [acceptance] 没有写 rectification"),
        ("RECT" in codes and not _mended(rules), ("stage",), "用到环节 RECT，但没有一个分数段的后果是限期整改（rectify）"),
        (mends and "RECT" not in codes, ("acceptance", "rectification"),
         "写了 rectification，但环节中没有 RECT"),
        (rules.change is not None and "CHG" not in codes, ("change",), "写了 [change]，但环节中没有 CHG"),
        (rules.renewal is not None and "REX" not in codes, ("renewal",), "写了 [renewal]，但环节中没有 REX"),
        ("REX" in codes and rules.renewal is None and not _again(rules), ("stage",),
         "用到环节 REX，但没有写 [renewal]，也没有转入新一轮的分数段"),
        (rules.renewal is not None and rules.acceptance is None and endless, ("renewal",),
         "没有期限的称号无从复核：请写 term.months，或去掉 [renewal]"),
        (rules.acceptance is not None and rules.acceptance.authority == "province_then_national"
         and "PACC" not in codes, ("acceptance", "authority"), "先省后国的验收须有环节 PACC"),
        (rules.upgrade is not None and "UPG" not in codes, ("upgrade",), "写了 [upgrade]，但环节中没有 UPG"),
        ("UPG" in codes and rules.upgrade is None and not _follows(rules), ("stage",),
         "用到环节 UPG，但没有写 [upgrade]，也没有要求后续方案的分数段"),
        (rules.upgrade is not None and rules.upgrade.precondition == "accepted" and rules.acceptance is None,
         ("upgrade", "precondition"), "没有验收的项目，升级条件不能是 accepted"),
        (rules.upgrade is not None and rules.upgrade.precondition == "last_assessment_excellent"
         and not _excellence(rules), ("upgrade", "precondition"),
         "升级条件是考核优秀，但没有任何考核、复核或验收会得出优秀"),
        (rules.window.kind in ("rolling", "commissioned") and "CALL" in codes, ("window", "kind"),
         "常年受理和委托承担的项目不发申报通知，环节中不应有 CALL"),
        (rules.window.kind in ("batch", "standing") and "CALL" not in codes, ("stage",),
         "分批或按固定日期申报的项目要发通知，环节中缺少 CALL"),
        (rules.applicants.most is not None and rules.applicants.per != "project", ("applicants", "most"),
         "most 只用于按项目申报（per = \"project\"）"),
        (rules.upgrade is not None and rules.upgrade.target == rules.code, ("upgrade", "target"),
         "不能升级为本项目自己"),
        (rules.acceptance is not None and endless, ("term",),
         "有验收的项目须写 term.months，或把 term.style 写成 stated"),
    ):  # fmt: skip
        if broken:
            yield where, text


def _again(rules: Rules) -> bool:
    """True where the end of a term may open a new round, which is a re-examination, too (programmes.md card 4)."""
    return rules.acceptance is not None and any(band.consequence == "new_round" for band in rules.acceptance.bands)


def _mended(rules: Rules) -> bool:
    return rules.acceptance is not None and any(band.consequence == "rectify" for band in rules.acceptance.bands)


def _follows(rules: Rules) -> bool:
    return rules.acceptance is not None and any(band.follow_up for band in rules.acceptance.bands)


def _excellence(rules: Rules) -> bool:
    """True where something a site can reach counts as excellent."""
    graded = rules.report is not None and any(grade.effect == "excellent" for grade in rules.report.grades)
    examined = rules.renewal is not None and any(band.excellent for band in rules.renewal.bands)
    return graded or examined or rules.acceptance is not None


def _codes(rules: Rules) -> Found:
    yield from twice(("section",), [section.code for section in rules.sections], "表单部分")
    yield from twice(("material",), [material.code for material in rules.materials], "材料")
    yield from twice(("indicator",), [indicator.code for indicator in rules.indicators], "指标")
    yield from twice(
        ("recommendation", "channel"), [channel.code for channel in rules.recommendation.channels], "推荐渠道"
    )
    if rules.plan:
        yield from twice(("plan", "material"), [material.code for material in rules.plan.materials], "材料")
    criteria = {criterion.code for criterion in rules.scoring.criteria} if rules.scoring else set()
    tie = rules.cutoff.tie_criterion
    if tie and tie not in criteria:
        yield ("cutoff", "tie_criterion"), f"评分表中没有 {tie} 这一项"
    for block, judged, own in (
        ("scoring", rules.scoring, "comment"),
        ("acceptance", rules.acceptance, "conclusion"),
    ):
        for index, criterion in enumerate(judged.criteria if judged else []):
            if criterion.code == own:
                yield (block, "criterion", index, "code"), f"{own} 是评分页自有的输入项，评分项不能用它作代码"


def _forms(rules: Rules) -> Found:
    for index, section in enumerate(rules.sections):
        yield from _indicators_known(rules, ("section", index), section)
    for name in OWN_INPUTS:
        block = getattr(rules, name)
        if block is not None:
            yield from _one_form(rules, name, block.sections)


def _indicators_known(rules: Rules, path: Path, section: Section) -> Found:
    known = {indicator.code for indicator in rules.indicators}
    for number, spec in enumerate(section.fields):
        for place, code in enumerate(spec.indicators):
            if code not in known:
                yield (*path, "field", number, "indicators", place), f"没有代码为 {code} 的指标"


def _one_form(rules: Rules, name: str, sections: Sequence[Section]) -> Found:
    """The sections of a filing make one form, so their questions share one set of codes."""
    taken = set(OWN_INPUTS[name])
    if name == "report":
        # A report asks for every indicator by itself.
        taken |= {indicator.code for indicator in rules.indicators}
    yield from twice((name, "section"), [section.code for section in sections], "表单部分")
    for index, section in enumerate(sections):
        yield from _indicators_known(rules, (name, "section", index), section)
        for number, spec in enumerate(section.fields):
            if spec.code in taken:
                where = (name, "section", index, "field", number, "code")
                yield where, f"代码 {spec.code} 在这张表中已经用过"
            taken.add(spec.code)


def _money(rules: Rules) -> Found:
    if rules.tranches and sum(tranche.percent for tranche in rules.tranches) != _FULL:
        yield ("tranche",), "各期拨付比例之和须为 100"
    if bool(rules.tranches) != (rules.funding is not None):
        yield ("tranche" if rules.tranches else "funding",), "[funding] 与 [[tranche]] 须同时写或同时不写"
    codes = {stage.code for stage in rules.stages}
    for index, tranche in enumerate(rules.tranches):
        needs = {"plan_filed": "PLAN", "mid_term": "MID", "accepted": "ACC"}.get(tranche.condition)
        if needs and needs not in codes:
            yield ("tranche", index, "condition"), f"拨付条件 {tranche.condition} 须有环节 {needs}"
        if tranche.by_band and tranche.condition != "mid_term":
            yield ("tranche", index, "by_band"), "只有按中期评估拨付的一期可以按分数段调整"
    bands = {band.code for band in rules.mid_term.bands} if rules.mid_term else set()
    for index, tranche in enumerate(rules.tranches):
        for code in tranche.by_band:
            if code not in bands:
                yield ("tranche", index, "by_band", code), f"没有代码为 {code} 的分数段"


def _titles(rules: Rules) -> Found:
    """What a title may be: prizes with their classes, operation, merging."""
    yield from twice(("class",), [item.code for item in rules.classes], "奖项等级")
    for index, item in enumerate(rules.classes[:-1]):
        if item.places is None:
            yield ("class", index, "places"), "只有最后一个等级可以不写数目"
    if rules.shape == "VII" and rules.acceptance is not None:
        yield ("acceptance",), "奖项没有验收"
    if rules.shape == "II" and not (
        rules.acceptance and any(band.consequence == "operate" for band in rules.acceptance.bands)
    ):
        yield ("acceptance",), "先建后验的项目，验收须有投入运行（operate）的分数段"
    for name in ("takes_over", "absorbs"):
        if rules.code in getattr(rules, name):
            yield (name, getattr(rules, name).index(rules.code)), "不能是本项目自己"
    used = {stage.code for stage in rules.stages}
    for index, left_out in enumerate(rules.omitted):
        if left_out.stage in used:
            yield ("omitted", index, "stage"), f"环节 {left_out.stage} 已在使用，不必说明为什么不用"
    yield from twice(("omitted",), [left_out.stage for left_out in rules.omitted], "环节")
