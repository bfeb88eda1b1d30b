"""撤销: the decision by which a title is taken back after its holder was heard (programmes.md §3 REV, §5)."""

from accounts import clock
from approvals.documents import wording
from approvals.documents.kinds.common import agency, instant, specimen
from approvals.documents.model import Imprint, Sheet, Signature, day_words
from approvals.documents.text import apart
from pilots.models import Revocation

KIND = "决定"


def file_name(row: Revocation) -> str:
    """The name of a decision that has no number."""
    return f"{row.designation.number}-撤销决定"


def text(row: Revocation) -> tuple[str, str]:
    """(title, body) of the decision about a `Revocation`, in the words that counted when it was decided. One statement.

    Raises ValueError where nothing was revoked.
    """
    if row.decision != Revocation.Decision.REVOKED or row.decided_at is None:
        raise ValueError("nothing was revoked")
    site = row.designation
    values = {
        "title": site.title, "holder": site.holder_name, "document": site.batch.document_number or site.batch.title,
        "grounds": row.grounds.strip().rstrip("。"), "evidence": row.evidence.strip(), "heard": heard(row),
    }  # fmt: skip
    return wording.words(wording.REVOCATION, row.decided_at, site.batch.programme.code, values)


def sheet(row: Revocation) -> Sheet:
    """The decision of a revocation from before these had a `Document` of their own: the number is the one that was
    typed in. One statement. Raises ValueError where nothing was revoked."""
    title, body = text(row)
    site = row.designation
    rules, day = site.rules, clock.today(row.decided_at)
    blocks, closing = apart(body)
    name = agency(rules)
    copies = f"{site.application.province.name}知识产权局" if site.application_id else ""
    return Sheet(
        "file", f"{name}{title}", blocks, instant(row.decided_at), (name,), site.end_document,
        addressee=site.holder_name, closing=closing, signature=Signature((name,), day),
        imprint=Imprint(copies, name, day), specimen=specimen(), protected=(rules.short_name.zh, site.place.name),
    )  # fmt: skip


def heard(row: Revocation) -> str:
    """How the holder was heard, in one sentence: told, answered or silent, heard in person."""
    parts = [f"{day_words(clock.today(row.proposed_at))}，我单位将拟撤销的理由、事实和证据告知你单位"]
    if row.answered_at is None:
        parts.append("你单位在规定期限内没有提出陈述和申辩")
    else:
        parts.append(
            f"你单位于{day_words(clock.today(row.answered_at))}提出了陈述和申辩，经复核，不影响对上述事实的认定"
        )
    if row.heard_on:
        parts.append(f"应你单位要求，于{day_words(row.heard_on)}举行了听证")
    return "；".join(parts) + "。"
