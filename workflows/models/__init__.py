"""Runs of flows, the ledger of acts, the log its rows are anchored in, and forms that began something."""

from .anchor import Anchor, LogNode
from .ledger import LedgerEntry
from .press import Press
from .run import CaseProcess, CaseTask

__all__ = ["Anchor", "CaseProcess", "CaseTask", "LedgerEntry", "LogNode", "Press"]
