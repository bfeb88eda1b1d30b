"""Context of the component gallery (/ui/ in demo mode), from invented samples."""

from django.core.paginator import Paginator

from templates.gallery_data import (
    APPLICATIONS,
    COUNTS,
    CRITERIA,
    FUNNEL,
    INDICATORS,
    LOG,
    OFFERS,
    SITES,
    TODAY,
    D,
)
from templates.gallery_forms import FORM_DATA, SUMMARY, SampleFilter, SampleForm

STEP_NAMES = ("填报", "已提交", "省级推荐", "形式审查", "专家评审", "会签批复", "建设期", "三年验收", "结项")


def step_items(now, bad=None, skipped=()):
    """Return the nine steps with ``now`` (index) current."""
    rows = []
    for i, label in enumerate(STEP_NAMES):
        state = "done" if i < now else "now" if i == now else "todo"
        state = "bad" if i == bad else "skipped" if i in skipped else state
        rows.append({"label": label, "state": state, "note": {"now": "进行中", "bad": "退回补正"}.get(state, "")})
    return rows


def flow_picture():
    """Return states and edges of a flow with supplement, refusal and rectification branches."""
    kinds = ["done"] * 4 + ["now"] + ["todo"] * 4
    codes = ("draft", "sent", "rank", "check", "review", "sign", "build", "accept", "end")
    states = [
        {"code": c, "label": n, "col": i, "lane": 0, "kind": k}
        for i, (c, n, k) in enumerate(zip(codes, STEP_NAMES, kinds, strict=True))
    ]
    states += [
        {"code": "fix", "label": "补正", "col": 2, "lane": 1, "kind": "done"},
        {"code": "refused", "label": "不予受理", "col": 3, "lane": 1},
        {"code": "missed", "label": "未入选", "col": 4, "lane": 1},
        {"code": "mend", "label": "限期整改", "col": 7, "lane": 1},
        {"code": "revoked", "label": "撤销命名并公告", "col": 8, "lane": 1},
    ]
    words = ("提交", "推荐", "受理", "通过", "排名", "批复", "满三年", "合格")
    edges = [
        {"from": a, "to": b, "label": w, "kind": "done" if i < 4 else "todo"}
        for i, (a, b, w) in enumerate(zip(codes, codes[1:], words, strict=False))
    ]
    edges += [
        {"from": "check", "to": "fix", "label": "退回补正", "kind": "back"},
        {"from": "fix", "to": "sent", "label": "重新提交", "kind": "done"},
        {"from": "check", "to": "refused", "label": "不符合条件"},
        {"from": "review", "to": "missed", "label": "线下"},
        {"from": "accept", "to": "mend", "label": "不合格", "kind": "back"},
        {"from": "mend", "to": "revoked", "label": "仍不合格"},
    ]
    return {"states": states, "edges": edges}


def rows():
    """Return the sample list as dictionaries a table can draw."""
    keys = ("unit", "project", "province", "code", "state", "due", "officer")
    return [dict(zip(keys, row, strict=True)) for row in APPLICATIONS]


def shell():
    """Return a shell context with everything switched on."""

    def item(label, icon, active=False, count=None):
        return {"url": "#", "label": label, "icon": icon, "active": active, "count": count}

    return {
        "nav": [
            {"label": "", "items": [item("工作台", "layout-dashboard"), item("待我办理", "inbox", count=7)]},
            {
                "label": "办理",
                "items": [
                    item("申报", "files", True),
                    item("评审", "users"),
                    item("批次与批复", "file-pen"),
                    item("试点与站点", "map"),
                    item("证书与公告", "award"),
                ],
            },
            {
                "label": "管理",
                "items": [
                    item("项目与流程", "workflow"),
                    item("期限日历", "calendar-clock"),
                    item("系统设置", "settings"),
                ],
            },
        ],
        "unread": 3,
        "user_name": "王颖",
        "role_line": "运用促进司·项目主管",
        "source_url": "#",
        "account_links": [{"url": "#", "label": "账号与安全", "icon": "shield"}],
        "demo": {
            "now": "2026-11-22 09:30",
            "links": [{"url": "#", "label": "快进到下一期限"}, {"url": "#", "label": "换个身份"}],
        },
        "banner": None,
    }


def sample_context():
    """Return the context of gallery.html."""
    bad = SampleForm({**FORM_DATA, "money": "23.8"})
    bad.is_valid()
    return {
        "today": TODAY,
        "sample": bad,
        "filters": SampleFilter({"q": ""}),
        "steps_now": step_items(4),
        "steps_bad": step_items(3, bad=3, skipped=(2,)),
        "steps_first": step_items(0),
        "picture": flow_picture(),
        "offers": OFFERS,
        "log": LOG,
        "counts": COUNTS,
        "funnel_rows": FUNNEL,
        "sites": SITES,
        "rows": rows(),
        "page": Paginator(range(128), 12).page(3),
        "criteria": CRITERIA,
        "indicators": INDICATORS,
        "days": [
            D(2026, 11, 19),
            D(2026, 11, 22),
            D(2026, 11, 24),
            D(2026, 11, 30),
            D(2026, 12, 30),
            D(2027, 1, 8),
        ],
        "tab_items": [
            {"label": "基本信息", "url": "#", "active": True},
            {"label": "申报材料", "url": "#", "count": 8},
            {"label": "评分", "url": "#", "count": "3/5"},
            {"label": "绩效指标", "url": "#"},
            {"label": "往来文书", "url": "#", "count": 2},
        ],
        "fact_rows": [
            ("项目类别", "国家知识产权服务业集聚发展试验区"),
            ("申报单位", "成都高新区管委会（四川）"),
            {"label": "现有服务机构", "value": "17 家", "hint": "截至 2026-10-31"},
            ("联系人", ""),
            ("建设方案摘要", SUMMARY),
        ],
        "job": {"id": "1", "url": "#", "label": "正在生成证书", "done": 74, "total": 120, "state": "paused"},
        "job_failed": {
            "id": "2",
            "url": "#",
            "label": "已生成 119 份，1 份失败",
            "done": 119,
            "total": 120,
            "state": "failed",
            "error": "示例市江畔区：缺少批复文号",
            "retry_url": "#",
            "failed": [],
        },
        "section_items": [
            {"label": "申报单位", "url": "#", "state": "done"},
            {"label": "建设基础与方案", "url": "#", "state": "now"},
            {"label": "绩效目标", "url": "#", "state": "bad", "note": "有 1 处需要修改"},
            {"label": "附件材料（8 份）", "url": "#", "state": "todo"},
            {"label": "预览与提交", "url": "#", "state": "todo"},
        ],
        "events": [
            {"date": D(2026, 11, 24), "label": "评审截止", "url": "#", "tone": "warn"},
            {"date": D(2026, 11, 30), "label": "申报截止", "url": "#", "tone": "bad"},
            {"date": D(2026, 11, 6), "label": "推荐函", "url": "#", "tone": "ok"},
        ],
        "verify_url": "https://example.invalid/v/7K2M-9QXD",
        "sha": "7f3a91c40be2d5a8" * 4,
    }
