"""Programme × stage as the catalogue has it, beside the table of programmes.md §3.1, with the reason of every difference."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache

from pilots import catalogue
from pilots.rules import Rules
from pilots.rules.parts import Words

REFERENCE = catalogue.FOLDER / "reference_matrix.csv"


@dataclass(frozen=True)
class Difference:
    """One cell in which the catalogue and the reference are not the same, and why."""

    programme: str
    stage: str
    here: str
    there: str
    reason: Words | None


@lru_cache(maxsize=1)
def reference() -> dict[str, dict[str, str]]:
    """{programme: {stage: cell}} of the brief: R/r required (seen / by practice), O/o optional, - not used."""
    with REFERENCE.open(encoding="utf-8") as file:
        return {
            row.pop("programme").split(" ")[0]: {code: cell for code, cell in row.items() if code != "shape"}
            for row in csv.DictReader(file)
        }


def stages() -> list[str]:
    """The columns of the reference, in its order."""
    return list(next(iter(reference().values())))


def cell(rules: Rules, code: str) -> str:
    """R where the programme uses the stage, O where it may be passed over, - where it does not."""
    stage = rules.stage(code)  # type: ignore[arg-type]
    return "-" if stage is None else "O" if stage.optional else "R"


def differences(rules: Rules) -> list[Difference]:
    """Every cell that differs from the reference; required by practice (r) and seen (R) both mean required."""
    found = []
    for code, there in reference().get(rules.code, {}).items():
        here = cell(rules, code)
        if here != there.upper():
            found.append(Difference(rules.code, code, here, there, reason_of(rules, code)))
    return found


def reason_of(rules: Rules, code: str) -> Words | None:
    """Why a stage is used or not: the note of the stage, or the entry under `omitted`."""
    stage = rules.stage(code)  # type: ignore[arg-type]
    if stage is not None:
        return stage.note
    return next((item.reason for item in rules.omitted if item.stage == code), None)
