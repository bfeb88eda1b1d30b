"""Runs of flows, and the ledger of acts."""

from .ledger import LedgerEntry
from .run import CaseProcess, CaseTask

__all__ = ["CaseProcess", "CaseTask", "LedgerEntry"]
