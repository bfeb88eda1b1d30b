"""The words of messages. Named placeholders only: stored or edited text is never a template language (trust.md H10)."""

from string import Template

# By kind, then by language: subject and body.
WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "duty_opened": {
        "zh-hans": ("待办：$label · $case", "$case 已到您处办理：$label。请于 $due 前完成。$basis"),
        "en": ("To do: $label_en · $case", "$case is waiting for you: $label_en. Due $due. $basis"),
    },
    "date_changed": {
        "zh-hans": ("期限变更：$label · $case", "$case 的“$label”期限已改为 $due。"),
        "en": ("Date changed: $label_en · $case", "The due date of “$label_en” for $case is now $due."),
    },
    "reminder": {
        "zh-hans": ("提醒：$label 还剩 $days 天 · $case", "$case 的“$label”将于 $due 到期，还剩 $days 天。"),
        "en": ("Reminder: $label_en, $days days left · $case", "“$label_en” for $case is due on $due, in $days days."),
    },
    "due_today": {
        "zh-hans": ("今日到期：$label · $case", "$case 的“$label”今日（$due）到期。"),
        "en": ("Due today: $label_en · $case", "“$label_en” for $case is due today ($due)."),
    },
    "overdue": {
        "zh-hans": ("逾期 $days 天：$label · $case", "$case 的“$label”应于 $due 完成，已逾期 $days 天。"),
        "en": ("$days days overdue: $label_en · $case", "“$label_en” for $case was due on $due, $days days ago."),
    },
    "escalation": {
        "zh-hans": (
            "督办：$label 逾期 $days 天 · $case",
            "$case 的“$label”应于 $due 完成，已逾期 $days 天，经办角色：$holder。请督促办理。",
        ),
        "en": (
            "Escalated: $label_en, $days days overdue · $case",
            "“$label_en” for $case was due on $due, $days days ago. It is with: $holder. Please see that it is done.",
        ),
    },
    "vacant": {
        "zh-hans": (
            "无人承办：$label · $case",
            "$case 的“$label”应于 $due 完成，经办角色 $holder 目前没有人员，请指定人员或代为督办。",
        ),
        "en": (
            "Nobody holds this: $label_en · $case",
            "“$label_en” for $case is due $due. Its seat ($holder) is empty: please name somebody, or see to it.",
        ),
    },
    "invited": {
        "zh-hans": ("邀请协作填报 · $case", "$by 邀请您填写 $case 的以下部分：$parts。"),
        "en": ("Asked to help fill in · $case", "$by asks you to fill in parts of $case: $parts."),
    },
    "reopened": {
        "zh-hans": ("补开申报至 $until · $case", "$case 为本省补开申报和推荐，至 $until 止。理由：$reason"),
        "en": (
            "Window open again until $until · $case",
            "$case takes applications and recommendations of your province again, until $until. Reason: $reason",
        ),
    },
    "outcome": {
        "zh-hans": ("$case：$done", "$case：$done。$reason"),
        "en": ("$case: $done", "$case: $done. $reason"),
    },
}


def say(kind: str, language: str, **values: object) -> tuple[str, str]:
    """Subject and body of a message in a language (Chinese where a language is unknown)."""
    texts = WORDS[kind]
    subject, body = texts.get(language, texts["zh-hans"])
    filled = {key: str(value) for key, value in values.items()}
    one_line = Template(subject).safe_substitute(filled)
    return " ".join(one_line.split())[:200], Template(body).safe_substitute(filled).strip()
