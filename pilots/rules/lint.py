"""A second reading of a rules document: what the schema cannot know and what is easily forgotten."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from . import designs
from .document import RulesError, loads
from .lines import LineMap, Path
from .parts import Period, Words
from .paths import resolve, walk
from .schema import Rules

Level = Literal["error", "warning"]

# What is filled in where a document or a certificate is drawn up (approvals.issuing). Anything else in braces
# would be printed as it stands.
_OF_A_DOCUMENT = frozenset({"batch", "programme", "first", "n", "places", "call"})
# {class}: of a prize, as the signed list gave it.
_OF_A_CERTIFICATE = frozenset({"place", "title", "term", "document", "class"})
PLACEHOLDERS: dict[str, frozenset[str]] = {
    "recommendation.letter": frozenset({"province", "batch", "programme", "n"}),
    "document.title": _OF_A_DOCUMENT,
    "document.body": _OF_A_DOCUMENT,
    "document.closing": frozenset(),
    "agreement.title": frozenset(),
    "agreement.text": frozenset({"site", "holder", "programme", "document", "term", "amount"}),
    "certificate.title": frozenset(),
    "certificate.paragraph": _OF_A_CERTIFICATE,
    "certificate.on_acceptance": _OF_A_CERTIFICATE | {"grade"},
    "certificate.issuer": frozenset(),
}
_BRACES = re.compile(r"\{([^{}]*)\}|([{}])")

# A basis that says so stands for a value no source gives (marks X and G-low of programmes.md).
UNCONFIRMED = "待确认"


@dataclass(frozen=True)
class Finding:
    """One remark. `line` counts from 1; 0 means the whole file. Errors keep a document from publication."""

    line: int
    level: Level
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.line}: {self.level}: {self.path + ': ' if self.path else ''}{self.text}"


Remark = tuple[Level, Path, str, str]
Value = tuple[Path, str, Any]


def lint(text: str, source: str = "", catalogue: Collection[str] = ()) -> list[Finding]:
    """Everything to say about a document, by line.

    `catalogue` holds the codes of all programmes; when it is empty, targets of upgrades are not looked up. A
    document the schema refuses is not read further: its other parts are not known.
    """
    try:
        rules = loads(text, source)
    except RulesError as error:
        return [Finding(fault.line, "error", fault.path, fault.text) for fault in error.faults]
    return remarks(rules, text, catalogue)


def remarks(rules: Rules, text: str, catalogue: Collection[str] = ()) -> list[Finding]:
    """What is to be said about the document `text`, which the schema has accepted as `rules`."""
    values = list(walk(rules))
    said = [
        *_kinds(rules), *_periods(rules), *_designs(rules), *_target(rules, catalogue), *_class_of_nothing(rules), *_texts(values), *_first_field(rules), *_confirms(rules, values),
    ]  # fmt: skip
    if not said:
        return []  # and the lines need not be counted
    lines = LineMap(text)
    found = [Finding(lines.find(where), level, path, words) for level, where, path, words in said]
    return sorted(found, key=lambda finding: finding.line)


def _kinds(rules: Rules) -> Iterator[Remark]:
    from accounts.models import Organisation, Place  # noqa: PLC0415 - needs the app registry, the schema does not

    for name, given, known, what in (
        ("kinds", rules.applicants.kinds, Organisation.Kind.values, "单位类别"),
        ("place_kinds", rules.applicants.place_kinds, Place.Kind.values, "地区类别"),
    ):
        for index, kind in enumerate(given):
            if kind not in known:
                yield (
                    "error", ("applicants", name, index), f"applicants.{name}.{index}",
                    f"不认识的{what} {kind}；可用：{'、'.join(known)}",
                )  # fmt: skip


def _designs(rules: Rules) -> Iterator[Remark]:
    for name in ("design", "acceptance_design"):
        code = getattr(rules.certificate, name, None)
        if code and not designs.exists(code):
            words = f"没有证书模板 {code}；可用：{'、'.join(designs.known())}"
            yield "error", ("certificate", name), f"certificate.{name}", words


def _periods(rules: Rules) -> Iterator[Remark]:
    for index, stage in enumerate(rules.stages):
        where, path = ("stage", index, "due"), f"stage.{stage.code}.due"
        if stage.due.grace and not stage.then:
            yield "warning", (*where, "grace"), f"{path}.grace", "本环节到期后没有自动办理（then），宽限天数没有作用"
        if stage.code in stage.due.stop_clock:
            yield (
                "error",
                (*where, "stop_clock"),
                f"{path}.stop_clock",
                f"环节 {stage.code} 的时限不能在本环节内停止计算",
            )
        for code in stage.due.stop_clock:
            if not rules.uses(code):
                yield "warning", (*where, "stop_clock"), f"{path}.stop_clock", f"没有使用环节 {code}，不会停止计算"


def _target(rules: Rules, catalogue: Collection[str]) -> Iterator[Remark]:
    if rules.upgrade and catalogue and rules.upgrade.target not in catalogue:
        yield "error", ("upgrade", "target"), "upgrade.target", f"目录中没有项目 {rules.upgrade.target}"
    for name in ("takes_over", "absorbs"):
        for index, code in enumerate(getattr(rules, name)):
            if catalogue and code not in catalogue:
                yield "error", (name, index), f"{name}.{index}", f"目录中没有项目 {code}"


def _texts(values: list[Value]) -> Iterator[Remark]:
    for where, path, value in values:
        if not isinstance(value, Words):
            continue
        if not value.en:
            yield "warning", where, path, "缺少英文"
        if path in PLACEHOLDERS:
            for language, text in (("zh", value.zh), ("en", value.en)):
                yield from _braces((*where, language), f"{path}.{language}", text, PLACEHOLDERS[path])


def _braces(where: Path, path: str, text: str, known: frozenset[str]) -> Iterator[Remark]:
    usable = "可用：" + "、".join(sorted(known)) if known else "此处不能用占位符"
    for match in _BRACES.finditer(text):
        if match[2]:
            yield "error", where, path, f"多余的 {match[2]}"
        elif match[1] not in known:
            yield "error", where, path, f"不认识的占位符 {match[0]}；{usable}"


def _class_of_nothing(rules: Rules) -> Iterator[Remark]:
    """{class} in a programme without classes would be printed as nothing."""
    if rules.classes or rules.certificate is None:
        return
    for name in ("paragraph", "on_acceptance"):
        words = getattr(rules.certificate, name)
        if words is not None and "{class}" in words.zh + words.en:
            yield "error", ("certificate", name), f"certificate.{name}", "没有奖项等级（class）的项目不能用 {class}"


def _first_field(rules: Rules) -> Iterator[Remark]:
    fields = rules.sections[0].fields if rules.sections else []
    if rules.sections and (not fields or fields[0].code != "title"):
        yield "warning", ("section", 0), "section.0", "第一部分的第一个字段应为 title（项目名称）"


def _confirms(rules: Rules, values: list[Value]) -> Iterator[Remark]:
    paths = [item.path for item in rules.confirm]
    for index, path in enumerate(paths):
        try:
            resolve(rules, path)
        except LookupError:
            where: Path = ("confirm", index, "path")
            yield "warning", where, f"confirm.{index}.path", f"待确认的 {path} 在文件中不存在"
    for where, path, value in values:
        open_question = isinstance(value, Period) and UNCONFIRMED in value.basis
        if (open_question or value in ("deemed_waived", "deemed_accepted")) and not _covered(path, paths):
            yield "warning", where, path, "没有来源的取值须在 [[confirm]] 中列出"


def _covered(path: str, confirmed: list[str]) -> bool:
    """Whether an entry names the value, something around it, or something in it."""
    return any(f"{path}.".startswith(f"{item}.") or item.startswith(f"{path}.") for item in confirmed)
