"""Acts of judgement, by what they judge."""

from . import certificate, check, decision, designation, objection, review

__all__ = ["certificate", "check", "decision", "designation", "objection", "review"]
