"""公示: the public notice of a list, an announcement without number (programmes.md §7.1, §7.3)."""

from typing import Any

from approvals.documents import wording
from approvals.documents.kinds.common import agency, morning, numbered, specimen
from approvals.documents.model import Annex, Paragraph, Sheet, Signature, Table, day_words
from approvals.documents.text import apart
from approvals.listing import items_of
from pilots.models import Batch


def sheet(batch: Batch) -> Sheet:
    """The sheet of a batch whose notice has begun (`notice_from` is set). Two statements."""
    rules, items = batch.rules, [item for item in items_of(batch) if item.proposed]
    values = {
        "programme": rules.name.zh, "batch": batch.title, "n": str(len(items)), "first": day_words(batch.notice_from),
        "last": day_words(batch.notice_to), "objection": rules.notice.objection.zh if rules.notice else "",
    }  # fmt: skip
    at = morning(batch.notice_from)
    title, body = wording.words(wording.NOTICE, at, batch.programme.code, values)
    blocks, closing = apart(body)
    return Sheet(
        "plain", title, (*blocks, *_promoted(batch)), at, (agency(rules),), closing=closing,
        annexes=(Annex("拟批准名单", (_table(batch, items),)),) if items else (),
        signature=Signature((agency(rules),), batch.notice_from, sealed=False), specimen=specimen(),
        protected=(rules.short_name.zh, batch.title),
    )  # fmt: skip


def file_name(batch: Batch) -> str:
    """The name of the notice's file."""
    return f"{batch.number}公示"


def _promoted(batch: Batch) -> tuple[Paragraph, ...]:
    """Who moved up into a place that fell free has days of its own (programmes.md §5)."""
    rows = [item.application for item in items_of(batch) if item.application.own_notice_to]
    return tuple(
        Paragraph(f"{row.organisation.name}因名单有空缺，按位次递补，公示至{day_words(row.own_notice_to)}。")
        for row in rows
    )


def _table(batch: Batch, items: list[Any]) -> Table:
    rules = batch.rules
    classes = {item.code: item.name.zh for item in rules.classes}
    by_place = rules.applicants.per == "place"
    rows = []
    for item in items:
        application = item.application
        subject = application.place.name if by_place else application.title or application.organisation.name
        award = (classes.get(item.award, "—"),) if classes else ()
        rows.append((subject, *award, application.organisation.name, application.province.name))
    head = ("序号", "地方" if by_place else "项目名称", *(("奖项等级",) if classes else ()), "承担单位", "省份")
    return Table(numbered(rows), head, (2, 6, *((3,) if classes else ()), 7, 4), (0,))
