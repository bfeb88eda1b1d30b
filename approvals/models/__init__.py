"""Judgement: recommendations, checks, reviews, lists, signatures, objections, documents, certificates, evaluations."""

from .certificate import Certificate, CertificateState
from .check import FormalityCheck, Recommendation
from .document import Document
from .evaluation import Evaluation, Opinion, PanelMember, PanelRecord
from .listing import ListItem, SignOff
from .objection import Objection, ObjectionState
from .review import Review

__all__ = [
    "Certificate",
    "CertificateState",
    "Document",
    "Evaluation",
    "FormalityCheck",
    "ListItem",
    "Objection",
    "ObjectionState",
    "Opinion",
    "PanelMember",
    "PanelRecord",
    "Recommendation",
    "Review",
    "SignOff",
]
