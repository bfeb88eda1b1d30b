"""Acts of the bodies that run and fill a batch, and of the sites. Judgement is in `approvals.acts`."""

from . import application, batch, designation

__all__ = ["application", "batch", "designation"]
