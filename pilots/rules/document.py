"""Reading a rules document: TOML to `Rules`, every fault with its line."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .lines import LineMap
from .schema import Rules


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a document. `line` counts from 1; 0 means the document as a whole."""

    line: int
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.line}: {self.path + ': ' if self.path else ''}{self.text}"


class RulesError(ValueError):
    """A document that cannot be used, with all its faults."""

    def __init__(self, faults: list[Fault], source: str = "") -> None:
        self.faults = faults
        self.source = source
        super().__init__("\n".join(f"{source or '<rules>'}:{fault}" for fault in faults))


# pydantic speaks English to programmers; authors of rules are neither.
_WORDS = {
    "extra_forbidden": "不认识的键",
    "missing": "缺少这一项",
    "literal_error": "只能是以下之一：{expected}",
    "enum": "只能是以下之一：{expected}",
    "string_pattern_mismatch": "格式不对，须符合 {pattern}",
    "string_too_short": "不能为空",
    "string_too_long": "最多 {max_length} 个字符",
    "greater_than_equal": "须不小于 {ge}",
    "greater_than": "须大于 {gt}",
    "less_than_equal": "须不大于 {le}",
    "less_than": "须小于 {lt}",
    "too_short": "至少要有 {min_length} 项",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "string_type": "须为文字",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "decimal_type": "须为数字",
    "decimal_parsing": "须为数字",
    "finite_number": "须为有限的数字",
    "list_type": "须为数组（[…] 或 [[…]]）",
    "dict_type": "须为表（[…] 或 {{…}}）",
    "model_type": "须为表（[…] 或 {{…}}）",
    "date_type": "须为日期",
    "time_type": "须为时刻",
}


def _say(error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    template = _WORDS.get(kind)
    return template.format(**context) if template else str(error["msg"])


def _faults(error: Any, lines: LineMap) -> Iterator[Fault]:
    """The faults one error of pydantic stands for; checks of a whole part carry several (`parts.refuse`)."""
    found = error.get("ctx", {}).get("faults") if error["type"] == "rules" else None
    for where, text in found or [((), _say(error))]:
        location = (*error["loc"], *where)
        yield Fault(lines.find(location), ".".join(str(part) for part in location), text)


def loads(text: str, source: str = "") -> Rules:
    """The rules a text holds. Raises RulesError with every fault and its line."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = LineMap.of_syntax_error(str(error), text)
        raise RulesError([Fault(line, "", f"不是有效的 TOML：{error}")], source) from error
    try:
        return Rules.model_validate(data)
    except ValidationError as error:
        lines = LineMap(text)
        faults = [fault for item in error.errors() for fault in _faults(item, lines)]
        raise RulesError(sorted(faults, key=lambda fault: fault.line), source) from error


def read(path: Path) -> str:
    """The text of a file, with or without a byte order mark.

    Raises RulesError when it is not UTF-8, OSError when it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RulesError([Fault(0, "", "文件不是 UTF-8 编码")], str(path)) from error


def load(path: Path) -> Rules:
    """The rules in a file. Raises RulesError, or OSError when it cannot be read."""
    return loads(read(path), str(path))


@lru_cache(maxsize=256)
def cached(text: str) -> Rules:
    """Like `loads`, for published texts, which never change."""
    return loads(text)
