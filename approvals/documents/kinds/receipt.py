"""接收回执: what was received of one submission, when, with a code to compare prints by (programmes.md §3 SUB)."""

from typing import Any

from accounts import clock
from approvals.documents import wording
from approvals.documents.kinds.common import agency, facts, instant, numbered, specimen
from approvals.documents.model import Paragraph, Sheet, Signature, Table
from approvals.documents.text import paragraphs

FOOT = "校验码由申报书校验值算出；内容相同，校验码相同。附件可按 SHA-256 逐份核对。"


def sheet(application: Any, revision: Any, *, number: str, code: str) -> Sheet:
    """The receipt of one revision; *number* and *code* as `approvals.papers.words` makes them. One statement."""
    rules = application.rules
    title, body = wording.words(
        wording.RECEIPT, revision.at, application.batch.programme.code,
        {"holder": application.organisation.name, "batch": application.batch.title},
    )  # fmt: skip
    channel = next((one for one in rules.recommendation.channels if one.code == application.channel), None)
    moment = instant(revision.at)
    table = facts((
        ("申报批次", application.batch.title), ("申报编号", application.number),
        ("项目名称", _title(rules, revision)), ("申报地区", application.place.name),
        ("推荐渠道", channel.name.zh if channel else ""), ("提交人", revision.by.name),
        ("提交时间", f"{moment:%Y-%m-%d %H:%M:%S}（第 {revision.number} 版）"),
        ("申报书校验值", revision.sha256), ("校验码", code),
    ))  # fmt: skip
    return Sheet(
        "plain", title, (*paragraphs(body), table, Paragraph(f"附件清单（{len(revision.files)} 份）", 1), _files(rules, revision), Paragraph(FOOT)),
        moment, (agency(rules),), f"回执编号：{number}", addressee=application.organisation.name,
        signature=Signature((agency(rules),), clock.today(revision.at), sealed=False), specimen=specimen(),
    )  # fmt: skip


def _title(rules: Any, revision: Any) -> str:
    """The title as submitted: the first field of the form, where that is one."""
    section = rules.sections[0] if rules.sections else None
    return str(revision.answers.get(section.code, {}).get("title", "")) if section else ""


def _files(rules: Any, revision: Any) -> Table:
    names = {material.code: material.name.zh for material in rules.materials}
    rows = numbered(
        (names.get(file["material"], file["material"]), file["name"], f"{file['size']:,}", file["sha256"])
        for file in revision.files
    )
    return Table(rows, ("序号", "材料", "文件名", "字节数", "SHA-256"), (2, 4, 5, 3, 7), (0,), "没有附件。")
