"""Sample rows of the component gallery. Invented people, no real decisions."""

import datetime

D = datetime.date
TODAY = D(2026, 11, 22)
OFFERS = [
    {
        "code": "close_review",
        "label": "结束评审并排名",
        "tone": "primary",
        "icon": "circle-check",
        "url": "#",
        "allowed": True,
    },
    {
        "code": "swap_expert",
        "label": "更换评审专家",
        "tone": "neutral",
        "icon": "users",
        "url": "#",
        "allowed": True,
    },
    {"code": "return", "label": "退回补正…", "tone": "bad", "icon": "undo-2", "url": "#", "allowed": True},
    {
        "code": "sign",
        "label": "会签批复",
        "allowed": False,
        "reasons": ["还差 2 位专家评分", "本批次尚未排名"],
        "who": ["司局负责人"],
        "waiting_days": 3,
    },
    {
        "code": "withdraw",
        "label": "撤回申报",
        "allowed": False,
        "reasons": ["专家评审开始后不能撤回"],
        "who": ["申报单位"],
    },
]
LOG = [
    {"title": "专家评审进行中", "meta": "3／5 位专家已评分", "at": "2026-11-20 09:12", "tone": "info"},
    {"title": "形式审查通过", "meta": "李倩·材料齐全，符合申报条件", "at": "2026-11-18 16:40", "tone": "ok"},
    {
        "title": "退回补正后重新提交",
        "meta": "陈晓雯",
        "text": "已补充资金落实证明。",
        "at": "2026-11-12 10:05",
        "tone": "warn",
    },
    {"title": "省局推荐（第2位，名额3）", "meta": "黄志远", "at": "2026-11-05 15:22", "tone": "ok"},
]
COUNTS = {
    "37": 18,
    "32": 17,
    "44": 14,
    "33": 9,
    "35": 9,
    "41": 7,
    "51": 6,
    "31": 5,
    "43": 5,
    "61": 4,
    "42": 4,
    "23": 2,
    "22": 2,
    "66": 2,
    "65": 2,
    "62": 2,
    "11": 2,
    "12": 2,
    "21": 2,
    "13": 2,
    "50": 2,
    "34": 2,
    "53": 2,
    "52": 2,
    "36": 2,
    "45": 2,
    "3702": 3,
    "4403": 6,
    "3302": 1,
}
FUNNEL = [
    {"label": "提交", "value": 125},
    {"label": "省级推荐", "value": 112},
    {"label": "形式审查", "value": 96},
    {"label": "专家评审", "value": 84},
    {"label": "批复设立", "value": 16},
]
SITES = [
    {
        "label": "示例市高新区",
        "note": "试验区",
        "start": D(2023, 12, 1),
        "end": D(2026, 11, 1),
        "points": [{"on": D(2026, 11, 30), "label": "验收"}],
        "url": "#",
    },
    {
        "label": "示例市江畔区",
        "note": "试验区",
        "start": D(2024, 8, 15),
        "end": D(2027, 8, 14),
        "points": [{"on": D(2025, 8, 15), "label": "年度评估"}, {"on": D(2027, 8, 14), "label": "验收"}],
    },
    {
        "label": "示例市海湾区",
        "note": "示范区",
        "start": D(2025, 4, 20),
        "end": D(2028, 4, 19),
        "points": [{"on": D(2026, 8, 1), "label": "中期评估"}, {"on": D(2028, 4, 19), "label": "验收"}],
    },
]
APPLICATIONS = [
    (
        "绵阳市人民政府",
        "绵阳市集聚示范区建设项目",
        "四川",
        "SFQ-2026-128",
        ("专家评审", "warn", "users"),
        D(2026, 11, 19),
        "何静",
    ),
    (
        "浦东新区知识产权局",
        "浦东新区集聚示范区建设项目",
        "上海",
        "SFQ-2026-118",
        ("形式审查", "info", "clipboard-check"),
        D(2026, 11, 22),
        "赵鹏",
    ),
    (
        "长沙市人民政府",
        "长沙市集聚示范区建设项目",
        "湖南",
        "SFQ-2026-086",
        ("已提交", "neutral", "send"),
        D(2026, 11, 24),
        "李倩",
    ),
    (
        "苏州工业园区管委会",
        "苏州工业园区集聚示范区建设项目",
        "江苏",
        "SFQ-2026-117",
        ("已批复", "ok", "circle-check"),
        D(2026, 12, 30),
        "孙悦",
    ),
    (
        "洛阳市人民政府",
        "洛阳市强市创建项目",
        "河南",
        "QS-2026-065",
        ("退回补正", "bad", "undo-2"),
        D(2027, 1, 8),
        "李倩",
    ),
]
CRITERIA = [
    {
        "name": "c1",
        "label": "产业基础与服务资源",
        "weight": 25,
        "hint": "现有机构数量、营业收入、从业人员结构",
        "value": 8,
    },
    {
        "name": "c2",
        "label": "组织保障与政策配套",
        "weight": 20,
        "hint": "领导小组、专项资金、人才政策",
        "value": 7,
    },
    {"name": "c3", "label": "建设方案的可行性", "weight": 30, "hint": "目标可量化、任务可分解、进度可检查"},
    {
        "name": "c4",
        "label": "特色与示范作用",
        "weight": 25,
        "hint": "对周边产业的辐射带动，百分制",
        "max": 100,
        "value": 82,
    },
]
INDICATORS = [
    {"key": "orgs", "label": "知识产权服务机构", "unit": "家", "values": {"baseline": 36, "target": 80}},
    {"key": "staff", "label": "从业人员", "unit": "人", "values": {"baseline": 820, "target": 2000}},
    {
        "key": "loan",
        "label": "专利质押融资",
        "unit": "亿元",
        "hint": "按登记金额统计",
        "values": {"baseline": "2.6", "target": "1.2"},
        "errors": {"target": "目标低于现状"},
    },
]
