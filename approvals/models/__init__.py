"""Judgement: recommendations, checks, reviews, lists, signatures, objections, documents, certificates, evaluations."""

from .certificate import Certificate, CertificateState
from .check import FormalityCheck, Letter, Recommendation
from .document import Document
from .draw import Draw, DrawnPanel
from .evaluation import Evaluation, Opinion, PanelMember, PanelRecord
from .expert import Credit, Expert, ExpertState, Tie
from .grant_request import GrantLine, GrantRequest, GrantRequestState
from .listing import ListItem, SignOff
from .objection import Evidence, Objection, ObjectionState
from .panel import Discussion, Inspection, Photo, Survey
from .review import Review
from .seal_use import SealUse, SealUseItem, SealUseState
from .template import CertificateTemplate, SiteFont, TemplateState

__all__ = [
    "Certificate",
    "CertificateState",
    "CertificateTemplate",
    "Credit",
    "Discussion",
    "Document",
    "Draw",
    "DrawnPanel",
    "Evaluation",
    "Evidence",
    "Expert",
    "ExpertState",
    "FormalityCheck",
    "GrantLine",
    "GrantRequest",
    "GrantRequestState",
    "Inspection",
    "Letter",
    "ListItem",
    "Objection",
    "ObjectionState",
    "Opinion",
    "PanelMember",
    "PanelRecord",
    "Photo",
    "Recommendation",
    "Review",
    "SealUse",
    "SealUseItem",
    "SealUseState",
    "SignOff",
    "SiteFont",
    "Survey",
    "TemplateState",
    "Tie",
]
