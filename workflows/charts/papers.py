"""Which papers each stage of a programme lives on: what goes in, what comes out (programmes.md §7)."""

from __future__ import annotations

from pilots.rules import Rules
from pilots.rules.parts import Words

_ALWAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "CALL": (("申报通知", "call"), ("配额表", "table of quotas")),
    "PREF": (("审核意见", "opinion of the check"),),
    "PROV": (("推荐函和汇总表", "letter of recommendation with its list"),),
    "FORM": (("形式审查表", "formality checklist"),),
    "SUPP": (("一次性补正告知书", "request for a supplement"),),
    "EXP": (("评分表", "scoring sheets"),),
    "SITE": (("考察记录和照片", "record of the inspection, photographs"),),
    "SURV": (("第三方调查结果", "result of the survey"),),
    "CUT": (("排序名单", "ranked list"),),
    "SIGN": (("签批单", "sheet of signatures"),),
    "NOTC": (("公示", "public notice"), ("异议登记和答复", "objections and replies")),
    "MID": (("中期报告", "mid-term report"), ("中期评估意见", "mid-term opinion")),
    "CHG": (("变更申请和省局函", "request for the change, letter of the province"),),
    "SELF": (("自评总结", "self-evaluation"),),
    "PACC": (("初验意见", "opinion of the pre-acceptance"),),
    "ACC": (("验收意见书", "conclusion of the acceptance"),),
    "RECT": (("整改清单和整改报告", "list and report of rectification"),),
    "REX": (("复核申请和结论", "request for re-examination, conclusion"),),
    "UPG": (("升级申报书", "application for the higher title"),),
    "REV": (("拟撤销告知书", "notice of the proposed revocation"), ("撤销决定", "decision of revocation")),
}


def papers_of(rules: Rules, code: str) -> list[Words]:
    """The papers of one stage under these rules, the office's standing ones and the programme's own."""
    found = [Words(zh=zh, en=en) for zh, en in _ALWAYS.get(code, ())]
    match code:
        case "DRAFT":
            found += [Words(zh="申报书", en="application form"), *(item.name for item in rules.materials)]
        case "DOC":
            found.append(Words(zh=rules.document.kind, en=f"document ({rules.document.kind})"))
        case "AGR" if rules.agreement:
            found.append(rules.agreement.title)
        case "PLAQ" if rules.certificate:
            found.append(Words(zh="证书（样章）", en="certificate (sample seal)"))
        case "PLAN" if rules.plan:
            found += [item.name for item in rules.plan.materials] or [Words(zh="方案", en="plan")]
        case "ANN" if rules.report:
            found.append(Words(zh="定期报告和指标数据", en="periodic report with figures"))
    return found
