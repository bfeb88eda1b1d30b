"""The application form and the materials, as data."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from .lines import Path
from .parts import Code, Rule, Text, Words, refuse, twice

FieldType = Literal[
    "text", "paragraph", "integer", "decimal", "money", "percent", "date", "choice", "choices", "phone",
    "email", "yes_no", "table", "indicators",
]  # fmt: skip
FileFormat = Literal["pdf", "doc", "docx", "xls", "xlsx", "jpg", "png", "zip"]

# What only some types have. A setting that would silently do nothing is a misunderstanding.
_ONLY_FOR: dict[str, tuple[str, ...]] = {
    "max_length": ("text", "paragraph"),
    "minimum": ("integer", "decimal", "money", "percent"),
    "maximum": ("integer", "decimal", "money", "percent"),
    "choices": ("choice", "choices"),
    "columns": ("table",),
    "indicators": ("indicators",),
}


class ChecklistItem(Words):
    """One line of the formality check. `defect` is the standard wording of the request when it is not met."""

    defect: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_text(cls, value: Any) -> Any:
        return {"zh": value} if isinstance(value, str) else value

    @property
    def wording(self) -> Words:
        """What the applicant is told when this is not met: the rules' own words, or the line itself."""
        return self.defect or Words(zh=f"不符合要求：{self.zh}", en=f"Not met: {self.en}" if self.en else "")


class Choice(Rule):
    code: Code
    name: Text


class Column(Rule):
    code: Code
    name: Text
    type: Literal["text", "integer", "decimal", "money"] = "text"


class FieldSpec(Rule):
    """One question of the form. Money is in 万元, as local governments write it."""

    code: Code
    name: Text
    type: FieldType
    required: bool = True
    help: Text | None = None
    unit: str = ""
    max_length: Annotated[int, Field(ge=1, le=20000)] | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: list[Choice] = []
    columns: list[Column] = []
    indicators: list[Code] = []
    # Hidden from blind reviewers: it names the applicant (programmes.md §4).
    identifying: bool = False

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[tuple[Path, str]]:
        if self.type in ("choice", "choices") and not self.choices:
            yield (), f"字段 {self.code} 为选择题，须写 choices"
        if self.type == "table" and not self.columns:
            yield (), f"字段 {self.code} 为表格，须写 columns"
        if self.type == "indicators" and not self.indicators:
            yield (), f"字段 {self.code} 为指标表，须写 indicators"
        for name, types in _ONLY_FOR.items():
            if self.type not in types and getattr(self, name) not in (None, []):
                yield (name,), f"字段 {self.code} 的类型是 {self.type}，{name} 不起作用"
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            yield ("minimum",), f"字段 {self.code} 的下限大于上限"
        yield from twice(("choices",), [choice.code for choice in self.choices], "选项")
        yield from twice(("columns",), [column.code for column in self.columns], "列")


class Section(Rule):
    code: Code
    name: Text
    help: Text | None = None
    fields: Annotated[list[FieldSpec], Field(alias="field")] = []

    @model_validator(mode="after")
    def _codes_differ(self) -> Self:
        refuse(twice(("field",), [spec.code for spec in self.fields], f"表单部分 {self.code} 的字段"))
        return self


class Material(Rule):
    """One annex with its own rules."""

    code: Code
    name: Text
    required: bool = True
    formats: Annotated[list[FileFormat], Field(min_length=1)]
    max_mb: Annotated[int, Field(ge=1, le=200)] = 20
    stamped: bool = False
    copies: Annotated[int, Field(ge=0, le=20)] = 0
    help: Text | None = None
