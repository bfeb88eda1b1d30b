"""Acts of judgement, by what they judge."""

from . import certificate, change, check, decision, designation, objection, panel, review, revocation, term

__all__ = [
    "certificate",
    "change",
    "check",
    "decision",
    "designation",
    "objection",
    "panel",
    "review",
    "revocation",
    "term",
]
