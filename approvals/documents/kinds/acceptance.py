"""验收结论: panel, method, findings per indicator and criterion, grade, opinion, signatures (programmes.md §7.3)."""

from decimal import Decimal
from typing import Any

from django.utils import translation

from accounts import clock
from approvals.documents import wording
from approvals.documents.kinds.common import agency, facts, instant, numbered, specimen
from approvals.documents.model import Block, Paragraph, Sheet, Signature, Table, day_words
from approvals.documents.text import paragraphs
from approvals.models import Evaluation, PanelRecord
from pilots.models import IndicatorValue

_HAN = "一二三四五六七八九"


def sheet(row: Evaluation) -> Sheet:
    """The conclusion of a round that was concluded. Raises ValueError while it is open. At most seven statements."""
    if row.concluded_at is None:
        raise ValueError("the round is open")
    # Labels of the choices are the paper's, whatever language the reader has chosen.
    with translation.override("zh-hans"):
        return _sheet(row)


def file_name(row: Evaluation) -> str:
    """「JJQ-S2017-001-验收结论-1」: Chinese in any language, as the paper is."""
    with translation.override("zh-hans"):
        return f"{row.designation.number}-{row.get_stage_display()}结论-{row.round}"


def _sheet(row: Evaluation) -> Sheet:
    site = row.designation
    rules, stage = site.rules, str(row.get_stage_display())
    values = {
        "title": site.title,
        "holder": site.holder_name,
        "document": site.batch.document_number or site.batch.title,
        "stage": stage,
    }
    title, body = wording.words(wording.ACCEPTANCE, row.concluded_at, site.batch.programme.code, values)
    parts = [
        (f"{stage}对象", [facts((("试点名称", site.title), ("试点编号", site.number), ("承担单位", site.holder_name),
                               ("批复文号", site.batch.document_number), ("期限", site.term_text), ("轮次", f"第{row.round}轮")))]),
        (f"{stage}组", _members(row)),
        (f"{stage}方式", _methods(row)),
        ("指标完成情况", _indicators(site)),
        ("评分情况", _criteria(row)),
        (f"{stage}等次", _grade(row)),
        (f"{stage}意见", list(paragraphs(row.conclusion))),
        ("整改事项", _mending(row)),
    ]  # fmt: skip
    blocks: list[Block] = list(paragraphs(body))
    for index, (heading, inner) in enumerate((part for part in parts if part[1]), 0):
        blocks += [Paragraph(f"{_HAN[index]}、{heading}", 1), *inner]
    return Sheet(
        "plain", title, tuple(blocks), instant(row.concluded_at), (agency(rules),),
        signature=Signature((agency(rules),), clock.today(row.concluded_at)), specimen=specimen(),
        protected=(rules.short_name.zh, site.place.name),
    )  # fmt: skip


def _members(row: Evaluation) -> list[Block]:
    """Who judged, with what they said and the day they signed; who stood aside is not on the panel."""
    opinions = list(row.opinions.select_related("by__organisation"))
    lines = numbered(
        (
            one.by.name,
            one.by.organisation.name if one.by.organisation_id else "",
            one.comment,
            day_words(clock.today(one.at)),
        )
        for one in opinions
    )
    return [Table(lines, ("序号", "姓名", "单位", "意见", "签署日期"), (2, 3, 5, 6, 4), (0,))] if lines else []


def _methods(row: Evaluation) -> list[Block]:
    found: list[Block] = []
    for one in row.records.all():
        label = str(PanelRecord.Kind(one.kind).label)
        found.append(Paragraph(f"{day_words(one.on)}，{label}：{one.note.strip().rstrip('。')}。"))
    return found


def _indicators(site: Any) -> list[Block]:
    """Promised and actual numbers: baseline and target from the application as approved, actual from the last report."""
    promised: dict[str, Any] = {}
    for section in site.rules.sections if site.application else ():
        for spec in section.fields:
            if spec.type == "indicators":
                promised |= site.application.answers.get(section.code, {}).get(spec.code) or {}
    actual: dict[str, tuple[str, Decimal]] = {}
    for value in site.indicator_values.filter(state=IndicatorValue.State.STANDS).order_by("period", "revision"):
        actual[value.code] = (value.period, value.value)
    lines = []
    for indicator in site.rules.indicators:
        row = promised.get(indicator.code) or {}
        period, value = actual.get(indicator.code, ("", None))
        if not row and value is None:
            continue
        lines.append((
            f"{indicator.name.zh}（{indicator.unit.zh}）", str(row.get("baseline", "") or "—"), str(row.get("target", "") or "—"),
            "—" if value is None else f"{value.normalize():f}（{period}）",
        ))  # fmt: skip
    return [Table(tuple(lines), ("指标", "现状", "目标", "实际"), (7, 3, 3, 4), (1, 2, 3))] if lines else []


def _criteria(row: Evaluation) -> list[Block]:
    """The mean of the members' scores per criterion, beside its weight; the sheet of a renewal has criteria of its own."""
    rules = row.designation.rules
    criteria = rules.renewal.criteria if row.stage == Evaluation.Stage.RENEWAL else rules.acceptance.criteria
    sheets = [one.scores for one in row.opinions.all() if one.scores]
    lines = []
    for item in criteria:
        marks = [Decimal(str(scores[item.code])) for scores in sheets if item.code in scores]
        if marks:
            mean = sum(marks) / len(marks)
            lines.append((item.name.zh, f"{item.weight.normalize():f}", f"{item.scale}", f"{mean:.2f}"))
    return (
        [Table(numbered(lines), ("序号", "评价内容", "权重", "满分", "平均分"), (2, 9, 2, 2, 3), (0, 2, 3, 4))]
        if lines
        else []
    )


def _grade(row: Evaluation) -> list[Block]:
    rules = row.designation.rules
    bands = rules.renewal.bands if row.stage == Evaluation.Stage.RENEWAL else rules.acceptance.bands
    name = next((band.name.zh for band in bands if band.code == row.band), row.band)
    return [Paragraph(f"总分{row.score.normalize():f}分，等次为“{name}”。")]


def _mending(row: Evaluation) -> list[Block]:
    """What has to be mended, as it was listed with this round's conclusion."""
    site = row.designation
    bands = site.rules.acceptance.bands if site.rules.acceptance else ()
    mend = [band.code for band in bands if band.consequence == "rectify"]
    if row.stage != Evaluation.Stage.FINAL or row.band not in mend:
        return []
    # The n-th conclusion that asks for mending has the n-th list.
    before = site.evaluations.filter(stage=Evaluation.Stage.FINAL, round__lte=row.round, band__in=mend).count()
    lines = numbered((one.what, day_words(one.due_on)) for one in site.rectification_items.filter(round=before))
    return [Table(lines, ("序号", "整改事项", "完成日期"), (2, 10, 4), (0,))] if lines else []
