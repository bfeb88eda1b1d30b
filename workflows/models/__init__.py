"""Runs of flows, the ledger of acts, and the log its rows are anchored in."""

from .anchor import Anchor, LogNode
from .ledger import LedgerEntry
from .run import CaseProcess, CaseTask

__all__ = ["Anchor", "CaseProcess", "CaseTask", "LedgerEntry", "LogNode"]
