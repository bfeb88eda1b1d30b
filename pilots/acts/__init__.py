"""Acts of the bodies that run and fill a batch, and of the sites. Judgement is in `approvals.acts`."""

from . import adopting, application, batch, calls, change, collaboration, designation, holding, rules, term

__all__ = [
    "adopting",
    "application",
    "batch",
    "calls",
    "change",
    "collaboration",
    "designation",
    "holding",
    "rules",
    "term",
]
