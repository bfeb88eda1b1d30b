"""What an act wrote down beside its outcome, in words."""

import json

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User

# How the ledger's facts are called; what is not named here is shown by its own key.
FACTS = {
    "score": _("得分"), "total": _("得分"), "totals": _("各专家得分"), "band": _("分数段"), "consequence": _("后果"),
    "list_version": _("名单版本"), "list_hash": _("名单校验值"), "proposed": _("拟批准"), "of": _("共"),
    "number": _("文号"), "items": _("项数"), "from": _("自"), "to": _("至"), "designation": _("试点编号"),
    "document": _("批复文号"), "period": _("期次"), "kind": _("种类"), "tied": _("同分"), "chosen": _("选定"),
    "signature": _("签署"), "party": _("会签单位"), "application": _("申报编号"), "void": _("作废文号"),
    "corrects": _("更正"), "notice_to": _("公示至"), "rank": _("位次"), "revision": _("版次"), "sha256": _("校验值"),
    "letter": _("推荐函"), "experts": _("专家"), "members": _("成员"), "again_by": _("重新评分"), "seed": _("抽签号"),
    "panels": _("评审组数"), "spread": _("分差"), "vetoes": _("否决项"), "veto_reason": _("否决理由"), "bonus": _("加分"),
    "bonus_reason": _("加分理由"), "outcome": _("结果"), "before": _("变更前"), "after": _("变更后"), "until": _("期限至"),
    "late_days": _("迟报天数"), "opinions": _("意见数"), "round": _("轮次"), "term": _("期限"), "signed": _("签署"),
    "valid_until": _("有效期至"), "comment": _("意见"), "sample": _("样本数"), "mode": _("方式"), "on": _("日期"),
    "evidence": _("证据"), "file": _("附件校验值"), "what": _("事项"), "tie": _("利害关系"), "organisation": _("单位"),
    "signer": _("签署人"), "grade": _("考核等次"), "effect": _("等次的效果"), "successor": _("承接称号"),
    "title": _("名称"), "into": _("并入"), "voucher": _("凭证号"), "amount": _("金额（万元）"),
    "recovered": _("收回（万元）"), "tranche": _("期次"), "invited": _("受邀单位"), "next": _("下一轮"),
    "out": _("未进入下一轮"), "name": _("名称"), "new": _("新称号"), "batch": _("批次"), "upheld": _("异议"),
}  # fmt: skip
# The same key says something else in another act.
OF_ACTS = {
    ("sign_agreement", "party"): _("签署方"), ("next_round", "on"): _("进入下一轮"),
    ("succeed", "successor"): _("承接称号"), ("recover_tranche", "amount"): _("已拨付（万元）"),
}  # fmt: skip
# Codes that the rules or the acts write, in words.
VALUES = {
    ("effect", "none"): _("无"), ("effect", "excellent"): _("优秀"), ("effect", "restrict"): _("限制运行"),
    ("effect", "propose_revocation"): _("提出撤销"), ("consequence", "accept"): _("验收合格"),
    ("consequence", "operate"): _("投入运行"), ("consequence", "rectify"): _("限期整改"),
    ("consequence", "revoke"): _("撤销"), ("consequence", "new_round"): _("转入新一轮"),
    ("consequence", "lapse"): _("称号失效"), ("consequence", "renew"): _("续期"),
    ("consequence", "pass"): _("通过"), ("consequence", "improve"): _("限期改进"),
    ("consequence", "propose_revocation"): _("提出撤销"),
}  # fmt: skip
# Row numbers that say nothing to a reader; the rows themselves are on the page.
ROWS = frozenset({
    "review", "draw", "discussion", "inspection", "filing", "survey", "credit", "closes", "jobs", "scores", "change",
})  # fmt: skip
# Facts that name people by their keys.
PEOPLE = frozenset({"experts", "members", "again_by"})


def names_of(entries):
    """{key: name} of everybody the facts mention by key; one statement, none where nobody is."""
    keys = set()
    for row in entries:
        facts = json.loads(row.text)["facts"]
        for name in PEOPLE & set(facts):
            keys.update(key for key in (facts[name] if isinstance(facts[name], list) else [facts[name]]))
    return dict(User.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}


def told(row, names, rules):
    """[(name, value)] of what the act wrote down beside its outcome."""
    shown = []
    for key, value in json.loads(row.text)["facts"].items():
        if key in ROWS or value in ("", None, [], {}):
            continue
        people = (
            [names.get(one, one) for one in (value if isinstance(value, list) else [value])] if key in PEOPLE else None
        )
        said = people or _in_words(key, value, rules)
        shown.append((OF_ACTS.get((row.act, key)) or FACTS.get(key, key), _value(said)))
    return shown


def _in_words(key, value, rules):
    """The words of a code; anything else as it is."""
    if key == "grade" and rules.report is not None:
        return next((str(grade.name) for grade in rules.report.grades if grade.code == value), value)
    return VALUES.get((key, value), value) if isinstance(value, str) else value


def _value(value):
    if isinstance(value, list):
        return _t("、").join(str(_value(item)) for item in value)
    if isinstance(value, bool):
        return _t("是") if value else _t("否")
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"
