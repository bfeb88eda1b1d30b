"""What: programmes and their rules, batches, applications, designations, filings, files."""

from .application import Application, ApplicationState
from .batch import Batch, BatchState, Quota
from .case import Case
from .designation import Designation, DesignationState
from .filing import Filing, IndicatorValue
from .programme import Programme, RulesVersion
from .revision import Revision
from .series import Counter
from .upload import Upload

__all__ = [
    "Application",
    "ApplicationState",
    "Batch",
    "BatchState",
    "Case",
    "Counter",
    "Designation",
    "DesignationState",
    "Filing",
    "IndicatorValue",
    "Programme",
    "Quota",
    "Revision",
    "RulesVersion",
    "Upload",
]
