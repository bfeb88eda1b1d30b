"""Rules documents: what the catalogue says, and that no broken document gets through, with the right line."""

import csv
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from accounts.roles import Role
from pilots import catalogue
from pilots.rules import RulesError, loads
from pilots.rules import load as read_document
from pilots.rules.lines import LineMap
from pilots.rules.lint import lint
from pilots.rules.paths import resolve

HERE = Path(__file__).resolve().parent
FILES = catalogue.files()
TRIAL = (catalogue.FOLDER / "service_cluster_trial_zone.toml").read_text(encoding="utf-8")
CODES = catalogue.codes()

# Every test looks at every document; each is read once.
load = cache(read_document)


def broken(old: str, new: str, text: str = TRIAL) -> str:
    """`text` with one hole: the only occurrence of `old` replaced."""
    assert text.count(old) == 1, f"{text.count(old)} occurrences of {old!r}"
    return text.replace(old, new)


def line_of(fragment: str, text: str) -> int:
    """The line, from 1, on which `fragment` begins."""
    return text[: text.index(fragment)].count("\n") + 1


# --- The catalogue --------------------------------------------------------------------------------------------


def table(name):
    """{programme: row} of a table of programmes."""
    with name.open(encoding="utf-8") as file:
        return {row["programme"].removesuffix(" (reference)"): row for row in csv.DictReader(file)}


# The rows of programmes.md §3.1 (R/r required, O/o optional, - not used) and the parameters beside them.
MATRIX = table(catalogue.FOLDER / "reference_matrix.csv")
DEFAULTS = table(HERE / "programme_defaults.csv")
STAGE_COLUMNS = [name for name in next(iter(MATRIX.values())) if name not in ("programme", "shape")]
# The scheme of 2023 into which the cluster zones move (card 1) came after the table.
SUCCESSORS = {"service_cluster_quality_zone"}


def test_the_catalogue_has_these_programmes():
    assert len(MATRIX) == 37
    assert MATRIX.keys() == DEFAULTS.keys()
    assert set(CODES) == MATRIX.keys() | SUCCESSORS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_document_is_in_order(path):
    assert [str(finding) for finding in lint(path.read_text(encoding="utf-8"), str(path), CODES)] == []
    assert load(path).code == path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_every_programme_has(path):
    rules = load(path)
    first = rules.sections[0].fields[0]
    assert (first.code, first.type, first.max_length) == ("title", "text", 60)
    fields = {spec.code: spec for section in rules.sections for spec in section.fields}
    assert 14 <= len(fields) == sum(len(section.fields) for section in rules.sections) <= 24
    assert {code for code, spec in fields.items() if spec.identifying} >= {"contact_name", "contact_phone"}
    assert fields["summary"].type == "paragraph"
    assert fields["summary"].max_length == 800
    asked = fields["indicators"].indicators if "indicators" in fields else []
    assert asked == [indicator.code for indicator in rules.indicators]
    assert bool(asked) == (rules.shape != "VII"), "only a prize promises nothing"
    assert any(spec.type == "table" for spec in fields.values())
    assert {spec.unit for spec in fields.values() if spec.type == "money"} <= {"万元"}
    assert rules.document.series.startswith("国知") or rules.code == "provincial_patent_award"
    if rules.certificate:
        assert rules.certificate.issuer.zh == "国家知识产权试点工作演示办公室（示例）"
        assert bool(rules.certificate.on_acceptance) == bool(rules.acceptance)
        assert rules.acceptance is None or "{grade}" in rules.certificate.on_acceptance.zh
        assert ("{term}" in rules.certificate.paragraph.zh) != rules.open_ended
    assert any(item.defect for item in rules.checklist) or rules.code in FIRST_FIVE
    assert rules.confirm


FIRST_FIVE = {
    "patent_navigation_centre", "pilot_demo_city", "service_cluster_demo_zone", "service_cluster_trial_zone",
    "strong_city_creation",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(FIRST_FIVE))
def test_what_the_first_five_have_in_common(code):
    rules = load(catalogue.FOLDER / f"{code}.toml")
    assert (rules.scoring.experts, rules.scoring.quorum, rules.scoring.avoid_own_province) == (5, 5, True)
    assert rules.cutoff.min_score == 60
    assert (rules.term.months, rules.term.style, rules.term.anchor) == (36, "anniversary", "document_date")
    assert (rules.report.rhythm, rules.report.month_day) == ("yearly", "12-31")
    # The provinces accept cities within four months of the end of the term; the national office takes six.
    assert (rules.acceptance.opens_before.n, rules.acceptance.window_after.n) == (3, 4 if by_province(rules) else 6)
    assert rules.document.kind == ("通知" if by_province(rules) else "批复")


def by_province(rules):
    return rules.acceptance is not None and rules.acceptance.authority == "province"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_owners_are_those_who_can_act(path):
    owners = {
        "CALL": Role.PROGRAMME_OFFICER, "DRAFT": Role.APPLICANT_LEADER, "PREF": Role.PREFECTURE_OFFICER,
        "PROV": Role.PROVINCE_OFFICER, "FORM": Role.FORMALITY_CHECKER, "SUPP": Role.APPLICANT_LEADER,
        "EXP": Role.EXPERT, "SITE": Role.EXPERT_SECRETARY, "SURV": Role.SURVEY_CONTRACTOR,
        "CUT": Role.PROGRAMME_OFFICER, "SIGN": Role.LEADER, "NOTC": Role.PUBLICITY_OFFICER,
        "DOC": Role.DOCUMENT_CLERK, "AGR": Role.APPLICANT_LEADER, "PLAQ": Role.DOCUMENT_CLERK,
        "PLAN": Role.APPLICANT_LEADER, "ANN": Role.APPLICANT_CONTACT, "MID": Role.APPLICANT_LEADER,
        "CHG": Role.DIVISION_HEAD, "SELF": Role.APPLICANT_LEADER, "PACC": Role.PROVINCE_OFFICER,
        "ACC": Role.ACCEPTANCE_LEAD, "RECT": Role.APPLICANT_LEADER, "REX": Role.ACCEPTANCE_LEAD,
        "UPG": Role.APPLICANT_LEADER, "REV": Role.LEADER,
    }  # fmt: skip
    rules = load(path)
    if by_province(rules):
        owners["ACC"] = Role.PROVINCE_OFFICER
    if rules.code in RE_EXAMINED_BY_PROVINCES:
        owners["REX"] = Role.PROVINCE_OFFICER
    if {channel.role for channel in rules.recommendation.channels} == {"prefecture_officer"}:
        owners["PROV"] = Role.PREFECTURE_OFFICER
    for stage in rules.stages:
        assert stage.owner == owners[stage.code], stage.code
        assert stage.due.basis, f"{stage.code} does not say where its time comes from"


# Enterprises: the provinces' letter with the results was due by 16 October (2023, card 20). Aid centres: proposed.
RE_EXAMINED_BY_PROVINCES = {"advantage_enterprise", "demonstration_enterprise", "rights_aid_centre"}


@pytest.mark.parametrize("code", sorted(MATRIX))
def test_stages_follow_the_matrix(code):
    """Required stages are used; whatever differs from the matrix or was left open by it says why."""
    rules = load(catalogue.FOLDER / f"{code}.toml")
    assert rules.shape == MATRIX[code]["shape"]
    left_out = {item.stage for item in rules.omitted}
    for stage in STAGE_COLUMNS:
        mark, used = MATRIX[code][stage], rules.stage(stage)
        if mark in "Rr":
            assert used, f"{stage} is required"
        elif used:
            assert used.note, f"{stage} is {mark} in the matrix and used without a note"
        elif mark in "Oo":
            assert stage in left_out, f"{stage} is optional and left out without a reason"
    # Only what the matrix leaves open has to be excused.
    assert {stage for stage in STAGE_COLUMNS if MATRIX[code][stage] in "Oo" and not rules.uses(stage)} == left_out


# Where a document says something else than programme_defaults.csv, and why.
EXCEPTIONS = {
    ("pilot_demo_city", "name_zh"): "the document is the pilot half: a demonstration city is another title",
    ("pilot_demo_city", "upgrade_to"): "demonstration cities have no document; what follows is a plan",
    ("protection_centre", "name_zh"): "XX is written 地名",
    ("rapid_rights_centre", "name_zh"): "XX is written 地名",
    ("operation_platform_pilot", "name_zh"): "a slash is no name",
    ("service_cluster_demo_zone", "upgrade_to"): "the scheme of 2023 took the zones over (card 1)",
    ("analysis_review_demo_institution", "shape"): "the matrix and programmes.md §2 have it under III, not IV",
}  # fmt: skip
# Months nobody gave, chosen and listed under `confirm`.
CHOSEN_MONTHS = {"operation_platform_pilot": 24, "operation_fund": 60, "rights_aid_centre": 36}


@pytest.mark.parametrize("code", sorted(DEFAULTS))
def test_values_are_those_of_the_defaults(code):
    row, rules = DEFAULTS[code], load(catalogue.FOLDER / f"{code}.toml")
    months = row["build_months"] or row["term_months"] or CHOSEN_MONTHS.get(code)
    # Without notice, no days: the document must not have one either.
    notice = rules.notice.period if rules.notice else None
    wanted = {
        "name_zh": row["name_zh"],
        "shape": row["shape"],
        "upgrade_to": row["upgrade_to"] or None,
        "months": int(months) if months else None,
        "notice": (int(row["notice_days"]), row["notice_unit"]) if row["notice_days"] else None,
    }
    said = {
        "name_zh": rules.name.zh,
        "shape": rules.shape,
        "upgrade_to": rules.upgrade.target if rules.upgrade else None,
        "months": rules.term.months,
        "notice": (notice.n, notice.unit) if notice else None,
    }
    assert {name for name in wanted if wanted[name] != said[name]} == {name for of, name in EXCEPTIONS if of == code}
    if code in CHOSEN_MONTHS:
        assert rules.to_confirm("term.months")


@pytest.mark.parametrize("path", [path for path in FILES if load(path).notice], ids=lambda path: path.stem)
def test_notices_count_their_first_day(path):
    period = load(path).notice.period
    assert (period.count_first_day, period.roll) == (True, False)


@pytest.mark.parametrize(
    ("code", "bands"),
    [
        (
            "service_cluster_trial_zone",
            {95: "accept", 90: "accept", "59.99": "rectify", 50: "rectify", "49.99": "revoke"},
        ),
        ("service_cluster_demo_zone", {60: "accept", 55: "rectify", 0: "revoke"}),
        ("strong_city_creation", {70: "accept", "69.99": "new_round", 60: "new_round", "59.99": "revoke"}),
        ("pilot_demo_city", {72: "accept", 70: "accept", 65: "new_round", 60: "new_round", 58: "revoke"}),
        ("patent_navigation_centre", {60: "accept", "59.99": "revoke"}),
    ],
)
def test_bands_of_acceptance(code, bands):
    acceptance = load(catalogue.FOLDER / f"{code}.toml").acceptance
    assert {score: acceptance.band(Decimal(score)).consequence for score in bands} == bands


def test_prefixes_and_series_differ():
    documents = [load(path) for path in FILES]
    assert len({rules.number_prefix for rules in documents}) == len(documents)
    series = [rules.certificate.series for rules in documents if rules.certificate]
    assert len(set(series)) == len(series)
    # Batches and sites carry these in their numbers.
    kept = {"service_cluster_trial_zone": "JJQ", "service_cluster_demo_zone": "SFQ", "strong_city_creation": "QS",
            "patent_navigation_centre": "DHZX", "pilot_demo_city": "SDCS"}  # fmt: skip
    assert {rules.code: rules.number_prefix for rules in documents if rules.code in kept} == kept


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_happens_by_itself(path):
    rules = load(path)
    then = {stage.code: stage.then for stage in rules.stages if stage.then}
    assert then["SUPP"] == "deemed_withdrawn"
    if rules.uses("SELF") and rules.code != "patent_navigation_centre":  # no source lets a centre drop out by silence
        assert then["SELF"] == "deemed_exit"
    if rules.uses("AGR"):
        assert then["AGR"] == "deemed_waived"
        assert rules.to_confirm("stage.AGR.then")
    if then.get("PLAN"):
        assert then["PLAN"] == "deemed_waived"
        assert rules.to_confirm("stage.PLAN.then")
        assert min(rung for rung in rules.stage("PLAN").ladder if rung > -30) == -15, "no reminder before the day"
        assert rules.plan.final_notice, "no final notice"


def test_upgrades_lead_on_and_end():
    """A title leads to another of the catalogue and never back to where it began."""
    target = {rules.code: rules.upgrade.target for rules in map(load, FILES) if rules.upgrade}
    for code in target:
        way = [code]
        while way[-1] in target:
            way.append(target[way[-1]])
            assert way.count(way[-1]) == 1, way


@pytest.mark.parametrize("code", ["operation_system_city", "operation_fund"])
def test_money_is_paid_in_full_to_the_best(code):
    rules = load(catalogue.FOLDER / f"{code}.toml")
    assert sum(part.percent for part in rules.tranches) == 100
    for part in rules.tranches:
        if part.by_band:
            assert list(part.by_band) == [band.code for band in rules.mid_term.bands]
            assert list(part.by_band.values()) == sorted(part.by_band.values(), reverse=True)
            assert (max(part.by_band.values()), min(part.by_band.values())) == (100, 0)


def test_the_award_has_the_rubric_and_the_golds_of_the_measures():
    rules = load(catalogue.FOLDER / "china_patent_award.toml")
    assert [int(item.weight) for item in rules.scoring.criteria] == [25, 25, 35, 15]
    # Of the 25 golds 20 were for inventions and utility models and 5 for designs; 895 awards in all (19th award).
    assert [(item.code, item.places) for item in rules.classes] == [("gold", 25), ("excellence", None)]
    assert rules.cutoff.max_places == 895


def test_military_civil_pilots_are_the_only_ones_kept_from_the_public():
    assert [path.stem for path in FILES if load(path).confidential] == ["military_civil_pilot"]


# --- Documents with one hole ----------------------------------------------------------------------------------

# name: (what is replaced, by what, where the fault stands afterwards, a piece of what is said)
HOLES = {
    "unknown key": ('short_name = {', 'shortname = "x"\nshort_name = {', 'shortname = "x"', "不认识的键"),
    "unknown key of a stage": ('owner = "expert"', 'owner = "expert"\nhelper = "expert"', 'helper = "expert"', "不认识的键"),
    "unknown key of a period": (
        'due = { n = 5, unit = "working", basis = "领域简报 §3 CUT', 'due = { n = 5, unit = "working", days = 1, basis = "领域简报 §3 CUT',
        'due = { n = 5, unit = "working", days', "不认识的键",
    ),
    "unknown table": ("[signoff]", "[sign_off]", "[sign_off]", "不认识的键"),
    "weights of experts": ("weight = 25\nscale = 10\nguidance = { zh = \"组织", "weight = 24\nscale = 10\nguidance = { zh = \"组织", "[scoring]", "99"),
    "weights of acceptance": ("weight = 40", "weight = 45", "[acceptance]", "105"),
    "weight of nothing": ("weight = 40", "weight = 0", "weight = 0", "须大于 0"),
    "no owner": ('owner = "expert"\n', "", '[[stage]]\ncode = "EXP"', "缺少"),
    "unknown owner": ('owner = "expert"', 'owner = "wizard"', 'owner = "wizard"', "只能是"),
    "no due": ('due = { n = 10, unit = "working", basis = "领域简报 §3 EXP：10 至 15 个工作日；取值待确认" }\n', "", '[[stage]]\ncode = "EXP"', "缺少"),
    "due of nothing": ('due = { n = 10, unit = "working", basis = "领域简报 §3 EXP', 'due = { n = 0, unit = "working", basis = "领域简报 §3 EXP', "due = { n = 0", "须不小于 1"),
    "unit unknown": ('due = { n = 10, unit = "working", basis = "领域简报 §3 EXP', 'due = { n = 10, unit = "week", basis = "领域简报 §3 EXP', 'due = { n = 10, unit = "week"', "只能是"),
    "unclosed string": ('number_prefix = "JJQ"', 'number_prefix = "JJQ', 'number_prefix = "JJQ\n', "TOML"),
    "no value": ("schema = 1", "schema =", "schema =\n", "TOML"),
    "key twice": ("max_places = 10", "max_places = 10\nmax_places = 11", "max_places = 11", "TOML"),
    "unclosed array": ("approvals_needed = 1", "approvals_needed = [1", "[notice]", "TOML"),
    "text without end": ('closing = { zh = "此复。"', 'closing = { zh = """此复。', 'reason = "36 个月参照城市办法（X）"', "TOML"),
    "quorum above experts": ("quorum = 5", "quorum = 6", "quorum = 6", "法定人数 6"),
    "trimmed mean of two": ('experts = 5\nquorum = 5\naggregation = "mean"', 'experts = 5\nquorum = 2\naggregation = "trimmed_mean"', 'aggregation = "trimmed_mean"', "至少需要 3 位"),
    "band gap": ("floor = 0\n", "floor = 10\n", "floor = 10\n", "没有覆盖 0 至 10"),
    "bands out of order": ("floor = 60", "floor = 95", "floor = 95", "从高到低"),
    "bands equal": ("floor = 50", "floor = 60.0", "floor = 60.0", "各不相同"),
    "band of nowhere": ("floor = 90", "floor = 101", "floor = 101", "须不大于 100"),
    "consequence unknown": ('consequence = "rectify"', 'consequence = "forgive"', 'consequence = "forgive"', "只能是"),
    "rectify without time": ('rectification = { n = 3', 'follow_up = { n = 3', "[acceptance]", "rectification"),
    "stage order": ('code = "CUT"\nowner = "programme_officer"', 'code = "PREF"\nowner = "programme_officer"', 'code = "PREF"', "位置不对"),
    "stage twice": ('code = "CUT"\nowner', 'code = "EXP"\nowner', 'code = "EXP"\nowner = "programme_officer"', "写了两次"),
    "stage unknown": ('code = "CUT"\nowner', 'code = "CUTS"\nowner', 'code = "CUTS"', "只能是"),
    "no table for a stage": ("[notice]\n", "[notice_]\n", "[notice_]\n", "不认识的键"),
    "nobody signs": ('code = "SIGN"\nowner = "leader"', 'code = "SITE"\nowner = "leader"', 'code = "SITE"', "位置不对"),
    "then of another stage": ('owner = "expert"\n', 'owner = "expert"\nthen = "deemed_exit"\n', 'then = "deemed_exit"\n', "只用于环节 SELF"),
    "ladder out of reach": ("ladder = [-14, -7, -3, -1, 0]", "ladder = [-500, -7]", "ladder = [-500", "须不小于 -400"),
    "field twice": ('code = "core_area"', 'code = "area_kind"', 'code = "area_kind"\nname = { zh = "核心区', "area_kind 重复"),
    "field without choices": ('type = "yes_no"', 'type = "choice"', '[[section.field]]\ncode = "had_title"', "须写 choices"),
    "setting without effect": ('type = "yes_no"', 'type = "yes_no"\nmax_length = 5', "max_length = 5\n", "不起作用"),
    "choice twice": ('{ code = "legal",', '{ code = "agency",', '{ code = "agency", name = { zh = "法律', "agency 重复"),
    "section twice": ('code = "goals"', 'code = "foundation"', 'code = "foundation"\nname = { zh = "三、', "foundation 重复"),
    "material twice": ('code = "commitment"', 'code = "form_scan"', 'code = "form_scan"\nname = { zh = "政府', "form_scan 重复"),
    "criterion twice": ('code = "effect"', 'code = "plan"', 'code = "plan"\nname = { zh = "预期', "plan 重复"),
    "band twice": ('code = "pass"', 'code = "excellent"', 'code = "excellent"\nname = { zh = "合格', "excellent 重复"),
    "indicator twice": ('code = "service_staff"', 'code = "service_firms"', 'code = "service_firms"\nname = { zh = "知识产权服务从业', "service_firms 重复"),
    "indicator unknown": ('indicators = ["service_firms", "service_staff",', 'indicators = ["service_firms", "staff",', 'indicators = ["service_firms", "staff"', "没有代码为 staff 的指标"),
    "tie by an unknown criterion": ('tie = "head_decides"', 'tie = "higher_criterion"\ntie_criterion = "luck"', 'tie_criterion = "luck"', "没有 luck"),
    "tie without its criterion": ('tie = "head_decides"', 'tie = "higher_criterion"', "[cutoff]", "tie_criterion"),
    "question in the place of an input": ('code = "funds_spent"', 'code = "next_plan"', 'code = "next_plan"', "已经用过"),
    "criterion in the place of an input": ('code = "gathering"', 'code = "conclusion"', 'code = "conclusion"', "自有的输入项"),
    "no such day": ('month_day = "12-31"', 'month_day = "11-31"', 'month_day = "11-31"', "不是日期"),
    "quota without number": ("places = 2\n", "", "[quota]", "places"),
    "upgrade to itself": ('target = "service_cluster_demo_zone"', 'target = "service_cluster_trial_zone"', 'target = "service_cluster_trial_zone"', "自己"),
    "no term": ("months = 36\n", "", "[term]", "term.months"),
    "text without Chinese": ('title = { zh = "证书"', 'title = { zh = ""', 'title = { zh = ""', "不能为空"),
    "text that is a number": ('title = { zh = "证书", en = "Certificate" }', "title = 5", "title = 5", "须为表"),
    "grade too long for its certificate": ('name = { zh = "优秀", en', 'name = { zh = "' + "优" * 31 + '", en', 'name = { zh = "优优', "等次名称过长"),
    "wrong version": ('version = "2026.2"', 'version = "one"', 'version = "one"', "格式不对"),
    "a weight of no number": ("weight = 40", "weight = nan", "weight = nan", "有限"),
    "a table that is a number": ("[ban]\nrevoked = 24", "[ban]\nrevoked = true_", "revoked = true_", "TOML"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "said"), HOLES.values(), ids=HOLES.keys())
def test_a_broken_document_is_refused_with_its_line(old, new, at, said):
    text = broken(old, new)
    with pytest.raises(RulesError) as caught:
        loads(text, "broken.toml")
    found = [(fault.line, fault.text) for fault in caught.value.faults]
    assert any(line == line_of(at, text) and said in words for line, words in found), f"{found} at {line_of(at, text)}"
    assert f"broken.toml:{line_of(at, text)}: " in str(caught.value)
    # The linter says the same.
    assert [(finding.line, finding.text) for finding in lint(text)] == found
    assert {finding.level for finding in lint(text)} == {"error"}


# A block that a stage needs, and a stage that a block needs: the two halves cannot be taken apart.
@pytest.mark.parametrize("name", ["scoring", "notice", "certificate", "plan", "report", "acceptance"])
def test_a_stage_needs_its_block(name):
    stage = {"scoring": "EXP", "notice": "NOTC", "certificate": "PLAQ", "plan": "PLAN", "report": "ANN",
             "acceptance": "ACC"}[name]  # fmt: skip
    text = re.sub(rf"(?ms)^\[\[?{name}[\].].*?(?=^\[\[?(?!{name}[.\]]))", "", TRIAL)
    text = re.sub(r"(?m)^\[\[confirm\]\]\npath = .*\nreason = .*\n", "", text)
    with pytest.raises(RulesError) as caught:
        loads(text)
    wanted = line_of(f'code = "{stage}"', text)
    assert (wanted, f"用到环节 {stage}，但缺少 [{name}]") in [(fault.line, fault.text) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("stage", "name"),
    [("EXP", "scoring"), ("NOTC", "notice"), ("DOC", "document"), ("PLAQ", "certificate"), ("ANN", "report")],
)
def test_a_block_needs_its_stage(stage, name):
    text = re.sub(rf'(?ms)^\[\[stage\]\]\ncode = "{stage}".*?(?=^\[|^# ---)', "", TRIAL)
    with pytest.raises(RulesError) as caught:
        loads(text)
    wanted = (line_of(f"[{name}", text), f"写了 [{name}]，但环节中没有 {stage}")
    assert wanted in [(fault.line, fault.text) for fault in caught.value.faults]


def test_a_programme_without_sign_off_is_refused():
    text = re.sub(r'(?ms)^\[\[stage\]\]\ncode = "SIGN".*?(?=^\[)', "", TRIAL)
    with pytest.raises(RulesError, match="没有 SIGN"):
        loads(text)


def test_all_faults_are_told_at_once():
    text = broken('owner = "expert"\n', "", broken('version = "2026.2"', 'version = "one"'))
    with pytest.raises(RulesError) as caught:
        loads(text)
    assert [fault.line for fault in caught.value.faults] == [
        line_of('version = "one"', text), line_of('[[stage]]\ncode = "EXP"', text)
    ]  # fmt: skip


def test_a_file_that_is_no_text(tmp_path: Path):
    path = tmp_path / "latin.toml"
    path.write_bytes("名".encode("gb18030"))
    with pytest.raises(RulesError, match="UTF-8"):
        load(path)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TRIAL.replace("\n", "\r\n").encode())
    assert load(path) == loads(TRIAL)


# --- Lines ----------------------------------------------------------------------------------------------------


def test_lines_of_everything():
    text = (
        'a = 1 # """\n'  # 1
        'b = """\n[x]\ny = 1\n"""\n'  # 2-5
        "c = [\n  [1, 2],\n  [3, 4]\n]\n"  # 6-9
        "d = [\n  { e = 1 }, # ]\n  { e = '#', f.g = 2 },\n]\n"  # 10-13
        '[t."u.v"]\nw = "a\\"b"\n'  # 14-15
        "[[s]]\n[[s.k]]\nz = 1979-05-27 07:32:00\n[[s]]\n[[s.k]]\n[[s.k]]\nz = 2\n"  # 16-22
    )
    lines = LineMap(text)
    for path, line in {
        ("a",): 1, ("b",): 2, ("c",): 6, ("c", 0): 7, ("c", 1): 8, ("c", 1, 0): 8, ("d",): 10, ("d", 0, "e"): 11,
        ("d", 1, "e"): 12, ("d", 1, "f", "g"): 12, ("t", "u.v", "w"): 15, ("s", 0, "k", 0, "z"): 18, ("s", 1): 19,
        ("s", 1, "k", 0): 20, ("s", 1, "k", 1, "z"): 22,
    }.items():  # fmt: skip
        assert lines.find(path) == line, path
    assert lines.find(("d", 1, "missing", "deep")) == 12
    assert lines.find(("nothing",)) == 1


def test_lines_are_those_of_an_editor_whatever_unicode_says():
    text = 'a = "x\u2028y\u0085z"\r\nb = 2\r\n'
    assert LineMap(text).find(("b",)) == 2


# --- The linter -----------------------------------------------------------------------------------------------

REMARKS = {
    "kind of organisation": ('"zone_committee"]', '"zone_office"]', 'kinds = ["city_gov"', "error", "zone_office"),
    "kind of place": ('"district", "development_zone"]', '"district", "village"]', "place_kinds", "error", "village"),
    "upgrade to nowhere": ('target = "service_cluster_demo_zone"', 'target = "elsewhere"', "target =", "error", "elsewhere"),
    "placeholder of a document": ("共{n}个", "共{number}个", "body = ", "error", "{number}"),
    "placeholder too early": ("建设期为{term}。特发", "建设期为{term}，{grade}。特发", "paragraph = ", "error", "{grade}"),
    "placeholder that is not filled": ('closing = { zh = "此复。"', 'closing = { zh = "{n}此复。"', "closing = ", "error", "不能用占位符"),
    "brace too many": ('title = { zh = "证书"', 'title = { zh = "证书}"', 'title = { zh = "证书}', "error", "多余的 }"),
    "no English": ('short_name = { zh = "集聚试验区", en = "Cluster trial zone" }', 'short_name = "集聚试验区"', "short_name", "warning", "缺少英文"),
    "confirm path": ('path = "cutoff.max_places"', 'path = "cutoff.most"', 'path = "cutoff.most"', "warning", "cutoff.most"),
    "confirm path of a stage not used": ('path = "scoring.quorum"', 'path = "stage.SURV.due"', 'path = "stage.SURV.due"', "warning", "stage.SURV.due"),
    "title is not first": ('code = "title"', 'code = "project"', '[[section]]\ncode = "overview"', "warning", "title"),
    "plan waived unasked": ('path = "stage.PLAN.then"', 'path = "stage.PLAN.ladder"', 'then = "deemed_waived"', "warning", "confirm"),
    "guess not listed": ('path = "stage.CUT.due"', 'path = "stage.CUT.owner"', 'due = { n = 5, unit = "working", basis = "领域简报 §3 CUT', "warning", "confirm"),
    "acceptance nobody carries out": ('basis = "领域简报 §3 FORM；取值待确认" }\n', 'basis = "领域简报 §3 FORM；取值待确认" }\nthen = "deemed_accepted"\n', 'then = "deemed_accepted"', "warning", "没有来源的取值"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "level", "said"), REMARKS.values(), ids=REMARKS.keys())
def test_the_linter_sees(old, new, at, level, said):
    text = broken(old, new)
    loads(text)
    found = lint(text, "x.toml", CODES)
    assert found, "nothing was said"
    assert {(finding.line, finding.level) for finding in found} == {(line_of(at, text), level)}
    assert all(said in finding.text for finding in found)


def test_without_a_catalogue_targets_are_not_looked_up():
    assert lint(broken('target = "service_cluster_demo_zone"', 'target = "elsewhere"')) == []


def test_paths():
    rules = loads(TRIAL)
    assert resolve(rules, "stage.PLAN.due.n") == 3
    assert resolve(rules, "acceptance.band.pass.floor") == 60
    assert resolve(rules, "section.overview.field.title.max_length") == 60
    assert resolve(rules, "checklist.0.zh").startswith("申报主体")
    assert rules.to_confirm("stage.RECT.due") is not None
    assert rules.to_confirm("number_prefix") is None
    for path in ("stage.PLAN.due.m", "agreement", "stage.99", ""):
        with pytest.raises(LookupError):
            resolve(rules, path)


@pytest.mark.parametrize("path", [path for path in FILES if load(path).certificate], ids=lambda path: path.stem)
def test_certificates_can_be_printed(path):
    from approvals.certificates.coverage import missing_glyphs

    rules = load(path)
    words = rules.certificate
    text = words.title.zh + words.paragraph.zh + words.issuer.zh + rules.name.zh
    if rules.acceptance:
        text += words.on_acceptance.zh + "".join(band.name.zh for band in rules.acceptance.bands)
    assert missing_glyphs(re.sub(r"\{\w+\}", "", text), "body") == ""
    assert missing_glyphs(rules.name.zh + words.title.zh, "strong") == ""
