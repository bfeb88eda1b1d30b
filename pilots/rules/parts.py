"""Small pieces every part of a rules document is made of."""

from collections.abc import Iterable
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from notifications.workdays import arithmetic

from .lines import Path

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class Rule(BaseModel):
    """Base of all parts: nothing unknown is let through, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(Rule):
    """A text in both languages. English may be missing in a draft; the linter warns."""

    zh: Annotated[str, Field(min_length=1)]
    en: str = ""

    def __str__(self) -> str:
        from django.utils.translation import get_language  # noqa: PLC0415 - rules are usable without Django

        return self.en if self.en and (get_language() or "").startswith("en") else self.zh


def _words(value: Any) -> Any:
    return {"zh": value} if isinstance(value, str) else value


Text = Annotated[Words, BeforeValidator(_words)]


def _day_of_year(value: str) -> str:
    month, day = value.split("-")
    try:
        date(2000, int(month), int(day))  # a leap year: 02-29 is a day, clamped where a year has none
    except ValueError:
        raise ValueError(f"{value} 不是日期，须写成 月-日，如 12-31") from None
    return value


MonthDay = Annotated[str, Field(pattern=r"^\d{2}-\d{2}$"), AfterValidator(_day_of_year)]


# The stages in which a clock may stand still, and the states of a case that is in them (trust.md §5).
STANDSTILL: dict[str, tuple[str, ...]] = {
    "DRAFT": ("draft",),
    "PREF": ("prefecture_check",),
    "PROV": ("province_review",),
    "FORM": ("formality_check",),
    "SUPP": ("supplement",),
    "EXP": ("panel_draw", "expert_review"),
    "SELF": ("self_evaluation",),
    "PACC": ("pre_acceptance",),
    "ACC": ("acceptance",),
    "RECT": ("rectifying",),
}
StandsIn = Literal["DRAFT", "PREF", "PROV", "FORM", "SUPP", "EXP", "SELF", "PACC", "ACC", "RECT"]


class Period(Rule):
    """How long somebody has, and how it is counted (programmes.md §8.2, trust.md §5).

    `grace` is calendar days after the due date in which the system does nothing by itself; the due date stays. While
    the case is in a stage of `stop_clock` the time does not run, and goes on when the case comes back.
    """

    n: Annotated[int, Field(ge=1, le=3660)]
    unit: Literal["working", "calendar", "month", "year"]
    count_first_day: bool = False
    roll: bool = False
    cut_off: time | None = None
    grace: Annotated[int, Field(ge=0, le=366)] = 0
    stop_clock: list[StandsIn] = []
    basis: str = ""

    def reckoned(self) -> arithmetic.Period:
        """The same period for the working-day arithmetic; stages in which the clock stands still become states."""
        states = tuple(state for stage in self.stop_clock for state in STANDSTILL[stage])
        return arithmetic.Period(**self.model_dump() | {"stop_clock": states})


def refuse(found: Iterable[tuple[Path, str]]) -> None:
    """Raises one error that carries every fault with the place it stands at, below the part that is checked.

    A validator of pydantic can only name its own part; the reader of documents unpacks `faults` so that each
    gets its own line. Returns quietly when nothing was found.
    """
    faults = list(found)
    if faults:
        text = "；".join(text for _where, text in faults)
        raise PydanticCustomError("rules", "{text}", {"text": text, "faults": faults})


def twice(path: Path, codes: Iterable[str], what: str) -> Iterable[tuple[Path, str]]:
    """A fault for every element of the array at `path` whose code an earlier element has."""
    seen: set[str] = set()
    for index, code in enumerate(codes):
        if code in seen:
            yield (*path, index, "code"), f"{what}代码 {code} 重复"
        seen.add(code)
