"""The agreement of a site: its text as the rules word it, and whose signature is next."""

import hashlib
from typing import Any


def next_party(site: Any) -> tuple[int, Any] | None:
    """(number from 0, party of the rules) that signs next; None when all have, or the rules know no agreement."""
    agreement = site.rules.agreement
    if agreement is None:
        return None
    signed = {row.party for row in site.signatures.all()} if site.pk else set()
    return next(((n, party) for n, party in enumerate(agreement.parties) if n not in signed), None)


def others_to_sign(site: Any) -> bool:
    """True while more than one party has not signed: the next signature changes nothing yet."""
    return site.rules.agreement is not None and len(site.rules.agreement.parties) - site.signatures.count() > 1


def text_of(site: Any) -> str:
    """The agreement of this site, in Chinese: it is a paper of the office. Amounts in 万元."""
    rules = site.rules
    term = site.term_text
    if rules.term.anchor == "agreement_date" and rules.term.months:
        term = f"自本协议签订之日起{rules.term.months}个月"
    fields = {
        "site": site.title,
        "holder": site.holder_name,
        "programme": rules.name.zh,
        "document": site.batch.document_number,
        "term": term,
        "amount": f"{rules.funding.amount.normalize():f}万元" if rules.funding else "",
    }
    text = f"{rules.agreement.title.zh}\n\n{rules.agreement.text.zh}"
    for name, value in fields.items():
        text = text.replace("{" + name + "}", value)
    return text


def digest(text: str) -> str:
    """SHA-256 of what was signed, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
