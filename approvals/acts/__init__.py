"""Acts of judgement, by what they judge."""

from . import certificate, check, decision, designation, draw, expert, objection, panel, review

__all__ = ["certificate", "check", "decision", "designation", "draw", "expert", "objection", "panel", "review"]
