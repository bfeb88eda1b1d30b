"""Acts of judgement, by what they judge."""

from . import (
    certificate,
    check,
    designation,
    draw,
    expert,
    objection,
    panel,
    promotion,
    publishing,
    ranking,
    review,
    signing,
)

__all__ = [
    "certificate", "check", "designation", "draw", "expert", "objection", "panel", "promotion", "publishing",
    "ranking", "review", "signing",
]  # fmt: skip
