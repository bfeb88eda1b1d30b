"""What: programmes and their rules, batches, applications, designations, filings, files."""

from .adoption import AdoptionItem, RulesAdoption
from .application import Application, ApplicationState
from .batch import Batch, BatchState, Quota
from .case import Case
from .change import Change, ChangeState
from .designation import Designation, DesignationState
from .filing import Filing, IndicatorValue
from .holding import AgreementSignature, SubSite, Tranche
from .intake import Collaborator, Invitation, Presence, Reopening
from .programme import Programme, RulesVersion
from .revision import Revision
from .rules_draft import RulesDraft, RulesDraftState
from .series import Counter
from .term import FormerName, MidTermResult, RectificationItem, Revocation
from .upload import Upload

__all__ = [
    "AdoptionItem",
    "AgreementSignature",
    "Application",
    "ApplicationState",
    "Batch",
    "BatchState",
    "Case",
    "Change",
    "ChangeState",
    "Collaborator",
    "Counter",
    "Designation",
    "DesignationState",
    "Filing",
    "FormerName",
    "IndicatorValue",
    "Invitation",
    "MidTermResult",
    "Presence",
    "Programme",
    "Quota",
    "RectificationItem",
    "Reopening",
    "Revision",
    "Revocation",
    "RulesAdoption",
    "RulesDraft",
    "RulesDraftState",
    "RulesVersion",
    "SubSite",
    "Tranche",
    "Upload",
]
