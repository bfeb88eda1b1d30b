"""The words of messages and letters. Named placeholders only: stored text is never a template language (trust.md H10).

A kind of message or letter says here which placeholders it knows, what they mean, and its words unless an office has
written its own (`notifications.wordings`). Upper floors register theirs with `register`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any, Literal

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Text = tuple[str, str]  # subject and body
LANGUAGES = ("zh-hans", "en")
SUBJECT_MOST, BODY_MOST = 200, 4000


@dataclass(frozen=True)
class Placeholder:
    """What may stand in the text as `$name`: its meaning, and an example for previews."""

    name: str
    label: Any
    example: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of message or letter. `needed` placeholders must stand in it: without them nobody knows what it is
    about. `cases` gives a preview real values: [(label, values)] that a person may see."""

    code: str
    group: Literal["message", "letter"]
    label: Any
    placeholders: tuple[Placeholder, ...]
    texts: Mapping[str, Text]
    needed: tuple[str, ...] = ("case",)
    cases: Callable[..., list[tuple[str, dict]]] | None = field(default=None, compare=False)

    def fallback(self, language: str) -> Text:
        """The words that came with the system (Chinese where a language is unknown)."""
        return self.texts.get(language, self.texts["zh-hans"])


_CASE = Placeholder("case", _("件的名称"), "上海市徐汇区知识产权服务业集聚发展试验区")
_DEADLINE = (
    _CASE,
    Placeholder("label", _("事项（中文）"), "形式审查"),
    Placeholder("label_en", _("事项（英文）"), "Formality check"),
    Placeholder("due", _("期限"), "2026-03-10"),
    Placeholder("days", _("相差天数"), "7"),
    Placeholder("basis", _("依据"), "《办法》第九条"),
    Placeholder("holder", _("经办角色"), "形式审查员"),
)

KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Makes a kind known. The same code again replaces it."""
    KINDS[kind.code] = kind
    return kind


def _message(code, label, placeholders, zh, en, needed=("case",)):
    register(Kind(code, "message", label, placeholders, {"zh-hans": zh, "en": en}, needed))


_message(
    "duty_opened", _("新的待办"), _DEADLINE,
    ("待办：$label · $case", "$case 已到您处办理：$label。请于 $due 前完成。$basis"),
    ("To do: $label_en · $case", "$case is waiting for you: $label_en. Due $due. $basis"),
)  # fmt: skip
_message(
    "date_changed", _("期限变更"), _DEADLINE,
    ("期限变更：$label · $case", "$case 的“$label”期限已改为 $due。"),
    ("Date changed: $label_en · $case", "The due date of “$label_en” for $case is now $due."),
)  # fmt: skip
_message(
    "reminder", _("到期提醒"), _DEADLINE,
    ("提醒：$label 还剩 $days 天 · $case", "$case 的“$label”将于 $due 到期，还剩 $days 天。"),
    ("Reminder: $label_en, $days days left · $case", "“$label_en” for $case is due on $due, in $days days."),
)  # fmt: skip
_message(
    "due_today", _("今日到期"), _DEADLINE,
    ("今日到期：$label · $case", "$case 的“$label”今日（$due）到期。"),
    ("Due today: $label_en · $case", "“$label_en” for $case is due today ($due)."),
)  # fmt: skip
_message(
    "overdue", _("逾期"), _DEADLINE,
    ("逾期 $days 天：$label · $case", "$case 的“$label”应于 $due 完成，已逾期 $days 天。"),
    ("$days days overdue: $label_en · $case", "“$label_en” for $case was due on $due, $days days ago."),
)  # fmt: skip
_message(
    "escalation", _("督办（下级逾期）"), _DEADLINE,
    ("督办：$label 逾期 $days 天 · $case", "$case 的“$label”应于 $due 完成，已逾期 $days 天，经办角色：$holder。请督促办理。"),
    ("Escalated: $label_en, $days days overdue · $case",
     "“$label_en” for $case was due on $due, $days days ago. It is with: $holder. Please see that it is done."),
)  # fmt: skip
_message(
    "vacant", _("承办岗位空缺"), _DEADLINE,
    ("无人承办：$label · $case", "$case 的“$label”应于 $due 完成，经办角色 $holder 目前没有人员，请指定人员或代为督办。"),
    ("Nobody holds this: $label_en · $case",
     "“$label_en” for $case is due $due. Its seat ($holder) is empty: please name somebody, or see to it."),
)  # fmt: skip
_message(
    "invited", _("邀请协作填报"),
    (_CASE, Placeholder("by", _("邀请人"), "王芳"), Placeholder("parts", _("表格部分"), "基本情况、工作基础")),
    ("邀请协作填报 · $case", "$by 邀请您填写 $case 的以下部分：$parts。"),
    ("Asked to help fill in · $case", "$by asks you to fill in parts of $case: $parts."),
)  # fmt: skip
_message(
    "reopened", _("补开申报"),
    (_CASE, Placeholder("until", _("截止日"), "2026-03-20"), Placeholder("reason", _("理由"), "系统维护期间无法提交")),
    ("补开申报至 $until · $case", "$case 为本省补开申报和推荐，至 $until 止。理由：$reason"),
    ("Window open again until $until · $case",
     "$case takes applications and recommendations of your province again, until $until. Reason: $reason"),
)  # fmt: skip
_message(
    "outcome", _("办理结果"),
    (_CASE, Placeholder("done", _("办理了什么"), "受理"), Placeholder("reason", _("理由"), "材料齐全")),
    ("$case：$done", "$case：$done。$reason"),
    ("$case: $done", "$case: $done. $reason"),
)  # fmt: skip


class _Strict(Template):
    """Placeholders are `$name` or `${name}` in Latin letters; what follows a name in Chinese does not belong to it."""

    flags = 0
    idpattern = "[a-z][a-z_]*"


def faults(kind: Kind, subject: str, body: str) -> list[tuple[Literal["subject", "body"], Any]]:
    """(field, what is wrong) of a text somebody wrote; [] for one that can be sent."""
    found: list[tuple[Literal["subject", "body"], Any]] = []
    known = {item.name for item in kind.placeholders}
    where: tuple[tuple[Literal["subject", "body"], str], ...] = (("subject", subject), ("body", body))
    for name, text in where:
        if not text.strip() and not (name == "subject" and kind.group == "letter"):
            found.append((name, _("不能为空。")))
        template = _Strict(text)
        if not template.is_valid():
            found.append((name, _("有一个单独的 $；要写 $ 本身，请写 $$。")))
        for stranger in sorted(set(template.get_identifiers()) - known):
            choice = "、".join(f"${one}" for one in sorted(known))
            found.append((name, format_lazy(_("没有 ${name} 这个占位符；可用：{known}"), name=stranger, known=choice)))
    if "\n" in subject.strip():
        found.append(("subject", _("标题只能有一行。")))
    used = set(_Strict(subject).get_identifiers()) | set(_Strict(body).get_identifiers())
    labels = {item.name: item.label for item in kind.placeholders}
    missing = _("标题或正文里要有 ${name}（{label}），否则收到的人不知道是哪一件。")
    found += [
        ("body", format_lazy(missing, name=name, label=labels[name])) for name in kind.needed if name not in used
    ]  # fmt: skip
    return found


def fill(text: Text, values: Mapping[str, object]) -> Text:
    """Subject on one line and body, with `values` in place of the placeholders. Values are text, never templates."""
    filled = {key: str(value) for key, value in values.items()}
    subject, body = text
    one_line = " ".join(_Strict(subject).safe_substitute(filled).split())
    return one_line[:SUBJECT_MOST], _Strict(body).safe_substitute(filled).strip()


def say(kind: str, language: str, text: Text | None = None, **values: object) -> Text:
    """Subject and body of a message: in the words of `text`, or those that came with the system."""
    return fill(text or KINDS[kind].fallback(language), values)
