"""推荐函: a province's letter about everything it recommends, or does not, in one batch (programmes.md §3 PROV)."""

from typing import Any

from accounts import clock
from approvals.documents.kinds.common import agency, instant, numbered, specimen
from approvals.documents.model import Annex, Sheet, Signature, Table
from approvals.documents.text import apart
from approvals.models import Letter


def sheet(row: Letter, text: str) -> Sheet:
    """The sheet of a letter with its sentence *text* (`approvals.papers.words.letter_text`). No statement."""
    rules, office = row.batch.rules, _office(row)
    blocks, closing = apart(text)
    opinion, _none = apart(row.opinion)
    joint = tuple(f"{one['office']}（{one['signer']}）" if one.get("signer") else one["office"] for one in row.joint)
    annexes = [Annex(f"推荐名单（{len(row.recommended)}件，按推荐顺序）", (_recommended(row.recommended),))]
    if row.declined:
        annexes.append(Annex(f"不予推荐名单（{len(row.declined)}件）", (_declined(row.declined),)))
    return Sheet(
        "letter", f"{office}关于推荐{rules.name.zh}的函", (*blocks, *opinion), instant(row.at), (office,), row.number,
        addressee=agency(rules), closing=closing, annexes=tuple(annexes),
        signature=Signature((office, *joint), clock.today(row.at)), specimen=specimen(),
        protected=(rules.short_name.zh, row.province.name),
    )  # fmt: skip


def file_name(row: Letter) -> str:
    """The name of the letter's file; the number was typed by hand and may hold anything."""
    return f"推荐函-{row.batch.number}-{row.pk}"


def _office(row: Letter) -> str:
    return str(row.by.organisation.name if row.by.organisation_id else row.province.name)


def _recommended(rows: list[dict[str, Any]]) -> Table:
    lines = tuple((str(one["rank"]), one["number"], one["applicant"], one["title"]) for one in rows)
    return Table(lines, ("排序", "申报编号", "申报单位", "项目名称"), (2, 4, 5, 6), (0,), "本次没有推荐。")


def _declined(rows: list[dict[str, Any]]) -> Table:
    lines = numbered((one["number"], one["applicant"], one["title"], one["reason"]) for one in rows)
    return Table(lines, ("序号", "申报编号", "申报单位", "项目名称", "理由"), (2, 4, 4, 5, 5), (0,))
