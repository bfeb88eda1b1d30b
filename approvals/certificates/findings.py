"""What is wrong with a design or with a text, said to people: a short code, a place, and words with values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

ERROR, WARNING = "error", "warning"

#: Code -> what the author of a design reads.
FAULTS = {
    "file_missing": _("缺少文件"),
    "file_unknown": _("模板中不应有这个文件"),
    "file_large": _("文件过大，最多 %(limit)s 字节"),
    "not_utf8": _("文件不是 UTF-8 文本"),
    "element": _("不允许的元素 <%(name)s>"),
    "attribute": _("元素 <%(element)s> 不允许属性 %(name)s"),
    "nesting": _("标签没有正确闭合：%(name)s"),
    "depth": _("嵌套过深，最多 %(limit)s 层"),
    "elements": _("元素过多，最多 %(limit)s 个"),
    "span": _("%(name)s 必须是 1 到 %(limit)s 的整数"),
    "declaration": _("页面中不允许声明、指令和 CDATA"),
    "slot": _("没有名为 %(name)s 的填充位"),
    "slot_element": _("填充位 %(name)s 不能放在 <%(element)s> 上"),
    "slot_not_empty": _("填充位 %(name)s 的元素必须为空"),
    "slot_absent": _("页面必须有填充位 %(name)s"),
    "step": _("data-step 指向没有分档的 %(name)s"),
    "css_syntax": _("样式表有语法错误：%(why)s"),
    "css_rule": _("样式表不允许 @%(name)s"),
    "css_property": _("样式表不允许属性 %(name)s"),
    "css_function": _("样式表不允许 %(name)s()；不得引用任何地址"),
    "css_address": _("样式表不得引用地址 %(name)s"),
    "css_font": _("字体只能写成 var(--角色)，角色须在 design.toml 的 [fonts] 中"),
    "css_rules": _("样式规则过多，最多 %(limit)s 条"),
    "toml": _("design.toml 不能读取：%(why)s"),
    "key_missing": _("缺少 %(name)s"),
    "key_unknown": _("未知的键 %(name)s"),
    "key_value": _("%(name)s 的值不对"),
    "sample": _("样例 %(name)s 不完整"),
}

#: Code -> (level, words) of what is wrong with a text before it is issued.
CHECKS = {
    "glyph": (ERROR, _("字体中没有这些字：%(characters)s")),
    "overflow": (ERROR, _("文字过多，最小字号也排不下")),
    "control": (ERROR, _("含有控制字符或改变书写方向的字符：%(characters)s")),
    "length": (ERROR, _("过长：%(length)s 个字，最多 %(limit)s 个")),
    "empty": (ERROR, _("不能为空")),
    "term_order": (ERROR, _("有效期截止日早于起始日")),
    "term_half": (ERROR, _("有效期只有一个日期，须同时给出起止日期")),
    "issued_missing": (ERROR, _("缺少发证日期")),
    "space_edge": (WARNING, _("开头或结尾有空格")),
    "space_double": (WARNING, _("有连续空格")),
    "space_odd": (WARNING, _("含有特殊空格：%(characters)s")),
    "zero_width": (ERROR, _("含有看不见的零宽字符：%(characters)s")),
    "kind": (WARNING, _("文种与模板不一致")),
    "issued_after_end": (WARNING, _("发证日期晚于有效期截止日")),
}

#: Code -> why a font file a site uploaded cannot be used.
FONT_REFUSALS = {
    "not_a_font": _("不是可用的 OpenType 或 TrueType 单字体文件（.otf、.ttf）"),
    "too_large": _("字体文件过大"),
    "may_not_be_embedded": _("该字体的许可设置不允许嵌入文件"),
    "variable": _("可变字体不能使用，请上传单一字重的字体文件"),
    "no_hanzi": _("字体中缺少常用汉字"),
}


@dataclass(frozen=True)
class Fault:
    """One fault of a design: *file* and *line* (1 for the first) and `message` in the reader's language."""

    file: str
    line: int
    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The fault in words."""
        return str(FAULTS[self.code]) % self.values

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code} {dict(self.values) or ''}".rstrip()


@dataclass(frozen=True)
class Finding:
    """One thing pre-flight found in a text; *slot* is where, "" for the text as a whole."""

    level: str
    code: str
    slot: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The finding in words."""
        return str(CHECKS[self.code][1]) % self.values


def finding(code: str, slot: str = "", **values: object) -> Finding:
    """A finding of *code* at the level `CHECKS` gives it."""
    return Finding(CHECKS[code][0], code, slot, values)
