"""Titles broken by sense into lines of a trapezoid or a diamond (programmes.md §7.4).

A line never splits a word that is known, never begins with 的 or a stop, never ends with 的 or 关于. Among what is left
the breaks are chosen whose lines widen, narrow, or bulge evenly; an hourglass is avoided.
"""

from collections.abc import Iterable
from itertools import combinations, pairwise
from math import ceil

from approvals.documents.metrics import advance

# Words of titles in this field. Longer ones first does not matter: a break inside any of them costs.
WORDS = (
    "关于", "同意", "确定", "公布", "授予", "支持", "设立", "建设", "开展", "实施", "委托", "印发", "更正", "撤销", "推荐", "批准",
    "通知", "批复", "决定", "公示", "公告", "名单", "复函", "工作", "情况", "立项计划", "验收结论", "结论", "回执", "申报材料", "接收",
    "国家", "国家知识产权", "全国", "中国", "国家级", "知识产权", "服务业", "集聚", "发展", "试验区", "示范区", "示范", "试点", "城市", "城区", "园区",
    "县域", "强省", "强市", "强县", "强企", "优势", "企业", "培育", "市场", "规范化", "专业", "专利", "商标", "版权", "导航", "运营",
    "平台", "机构", "品牌", "服务", "质量", "保护中心", "维权中心", "快速", "维权", "援助", "仲裁", "调解", "纠纷", "信息", "公共",
    "分析评议", "创建", "高校", "高等学校", "学校", "教育", "中小学", "战略", "研究", "基地", "软科学", "项目", "综合管理", "改革",
    "投融资", "质押", "融资", "保险", "基金", "重点", "产业", "区域", "布局", "军民融合", "社会监督员", "监督员", "贯标", "认证",
    "体系", "管理", "人才", "培训", "高价值", "商用化", "单位", "拟批准", "承担", "资格", "自治区", "直辖市", "人民政府", "委员会",
    "规划发展司", "专利管理司", "保护协调司", "办公室",
    "保护", "规范", "做好", "有关", "加强", "推进", "促进", "组织", "申报", "评审", "立项", "计划", "复核", "验收", "评估", "考核",
    "年度", "中期", "报告", "资金", "补助", "奖励", "创新", "创造", "运用", "能力", "提升", "工程", "行动", "方案", "办法", "意见",
    "新区", "高新", "开发区", "技术", "经济", "科技", "工业", "中小", "联盟", "协会", "中心", "分中心", "第一批", "第二批", "第三批",
)  # fmt: skip
_NOT_FIRST = frozenset("的和与及等、，。：；）》”〕第之")
_NOT_LAST = frozenset("的和与及、（《“〔")
_OPEN, _CLOSE = frozenset("（《〔“"), frozenset("）》〕”")
# Before these a new thought begins.
_GOOD_BEFORE = ("关于", "（", "国家", "拟批准", "\u3000")
_FORBIDDEN, _BAD = 10_000.0, 400.0


def title_lines(text: str, most: int = 20, known: Iterable[str] = ()) -> list[str]:
    """*text* in lines of at most *most* full-width characters. *known* words (names) are not split either.

    A text that fits is one line. Where every break is bad the least bad is taken, so a line is never too long as long
    as it can be broken at all.
    """
    # A wide space parts the agencies of a joint title; it is dropped where a line is broken.
    text = "".join(text.replace("\u3000", "\0").split()).replace("\0", "\u3000")
    if _cells(text) <= most:
        return [text]
    costs = _costs(text, (*WORDS, *known))
    at_least = ceil(_cells(text) / most)
    tries = [_best(text, costs, count, most) for count in range(at_least, at_least + 2)]
    found = min((one for one in tries if one is not None), default=None)
    if found is None:
        return [text[index : index + most] for index in range(0, len(text), most)]
    return [line.strip("\u3000") for line in found[1]]


def _cells(text: str) -> float:
    return sum(advance(char, "xiaobiaosong") for char in text)


def _costs(text: str, words: Iterable[str]) -> list[float]:
    """What a break before each character costs."""
    costs = [0.0] * len(text)
    for word in words:
        start = text.find(word)
        while start >= 0 and len(word) > 1:
            # A long name may be broken rather than set in a line of its own; a short word never.
            weight = _FORBIDDEN if len(word) <= 4 else _BAD
            for index in range(start + 1, start + len(word)):
                costs[index] += weight
            start = text.find(word, start + 1)
    depth = 0
    for index, char in enumerate(text):
        costs[index] += _between(text, index) + _BAD * (depth > 0)
        depth += (char in _OPEN) - (char in _CLOSE)
        if index and text.startswith(_GOOD_BEFORE, index) and depth < 2:
            costs[index] = max(costs[index] - 30.0, -30.0)
    return costs


def _between(text: str, index: int) -> float:
    """What a break before *index* costs by the two characters it parts."""
    before, after = text[index - 1 : index], text[index]
    if before in _OPEN or after in _CLOSE or (before.isascii() and after.isascii()):
        return _FORBIDDEN
    return _BAD if after in _NOT_FIRST or before in _NOT_LAST or text[:index].endswith("关于") else 0.0


def _best(text: str, costs: list[float], count: int, most: int) -> tuple[float, tuple[str, ...]] | None:
    best = None
    for cuts in combinations(_candidates(costs, count), count - 1):
        edges = (0, *cuts, len(text))
        lines = tuple(text[start:end] for start, end in pairwise(edges))
        lengths = [_cells(line) for line in lines]
        if max(lengths) > most:
            continue
        cost = sum(costs[cut] for cut in cuts) + _shape(lengths) + 60.0 * (count - 1)
        if best is None or cost < best[0]:
            best = (cost, lines)
    return best


def _candidates(costs: list[float], count: int) -> list[int]:
    """Places to break at. Many lines have many combinations, so only the best places of a very long title are tried."""
    places = sorted(range(1, len(costs)), key=lambda index: (costs[index], index))
    return sorted(places[: 90 if count < 4 else 36])


def _shape(lengths: list[float]) -> float:
    """How far the lines are from a trapezoid or a diamond: even steps are best, an hourglass or a crumb is worst."""
    steps = [after - before for before, after in pairwise(lengths)]
    cost = sum((abs(step) - 3) ** 2 for step in steps) * 1.5
    # Narrower in the middle than at both ends.
    cost += sum(200.0 for left, right in pairwise(steps) if left < 0 < right)
    cost += sum(120.0 for length in lengths if length < 5)
    return cost + max(0.0, max(lengths) - 18) * 8
