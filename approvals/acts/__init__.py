"""Acts of judgement, by what they judge."""

from . import (
    acceptance,
    certificate,
    change,
    check,
    designation,
    draw,
    expert,
    grant_request,
    holding,
    money,
    objection,
    panel,
    promotion,
    publishing,
    ranking,
    reassigning,
    review,
    revocation,
    seal_use,
    signing,
    template,
    term,
)

__all__ = [
    "acceptance", "certificate", "change", "check", "designation", "draw", "expert", "grant_request", "holding", "money", "objection", "panel", "promotion",
    "publishing", "ranking", "reassigning", "review", "revocation", "seal_use", "signing", "template", "term",
]  # fmt: skip
