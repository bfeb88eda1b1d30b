"""Sentences of documents an office may write itself (page 通知文字), with the words they come with.

The rules give the words of approvals; these are for papers the rules say nothing about. A document is made again in the
words that counted on its day (`notifications.wordings`).
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications import wordings
from notifications.words import Kind, Placeholder, fill, register

NOTE, COPIES, NOTICE, ACCEPTANCE, REVOCATION, RECEIPT = (
    "document_note", "document_copies", "document_notice", "document_acceptance", "document_revocation",
    "document_receipt",
)  # fmt: skip
_PROGRAMME = Placeholder("programme", _("项目"), "国家知识产权服务业集聚发展试验区")
_BATCH = Placeholder("batch", _("批次"), "2026 年第一批")
_TITLE = Placeholder("title", _("试点名称"), "徐汇区国家知识产权服务业集聚发展试验区")
_HOLDER = Placeholder("holder", _("承担单位"), "徐汇区人民政府")
_DOCUMENT = Placeholder("document", _("批复文号"), "国知发规字〔2026〕6号")


def _register(
    code: str, label: Any, placeholders: tuple[Placeholder, ...], subject: str, body: str, needed: tuple[str, ...]
) -> None:
    register(Kind(code, "letter", label, placeholders, {"zh-hans": (subject, body)}, needed))


_register(NOTE, _("公文附注"), (_BATCH,), "", "（此件公开发布）", ())
_register(COPIES, _("公文抄送（单位较多时）"), (_BATCH,), "", "附件所列各承担单位", ())
_register(
    NOTICE, _("公示正文"),
    (_PROGRAMME, _BATCH, Placeholder("n", _("拟批准项数"), "2"), Placeholder("first", _("公示首日"), "2026年6月1日"),
     Placeholder("last", _("公示末日"), "2026年6月7日"), Placeholder("objection", _("异议的提出（规则）"), "请在公示期内以书面形式实名提出。")),
    "关于$programme拟批准名单的公示",
    "根据$batch工作安排，经申报、审查和评审，拟批准附件所列$n项，现予公示。\n公示期为$first至$last。\n$objection",
    ("first", "last"),
)  # fmt: skip
_register(
    ACCEPTANCE, _("验收结论"), (_TITLE, _HOLDER, _DOCUMENT, Placeholder("stage", _("环节"), "验收")),
    "$title$stage结论",
    "按照$document和$stage工作安排，对$holder承担的$title进行了$stage，形成如下结论。",
    ("title",),
)  # fmt: skip
_register(
    REVOCATION, _("撤销决定正文"),
    (_TITLE, _HOLDER, _DOCUMENT, Placeholder("grounds", _("理由"), "弄虚作假"),
     Placeholder("evidence", _("事实和证据"), "经核查，申报材料中的合同系伪造。"),
     Placeholder("heard", _("陈述申辩和听证的经过"), "你单位未提出陈述和申辩。")),
    "关于撤销$title的决定",
    "$document批准你单位承担$title。现查明：\n$evidence\n$heard\n"
    "鉴于上述情况（$grounds），现决定撤销$title，由你单位交回牌匾和证书。\n"
    "如不服本决定，可以自收到本决定之日起六十日内依法申请行政复议，也可以在六个月内依法提起行政诉讼。\n特此决定。",
    ("title", "grounds"),
)  # fmt: skip
_register(
    RECEIPT, _("接收回执正文"), (_HOLDER, _BATCH), "申报材料接收回执",
    "你单位提交的下列申报材料已经收到。本回执只说明材料已经收到，不表示材料合格。", (),
)  # fmt: skip


def words(kind: str, at: datetime, programme: str, values: dict[str, str]) -> tuple[str, str]:
    """(title, body) of a kind in the words that counted at the instant *at*. One statement."""
    subject, body = fill(wordings.book(at).text(kind, "zh-hans", programme), values)
    return subject.strip(), body.strip()
