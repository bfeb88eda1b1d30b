"""The prover of rules documents, offered to the floor below that publishes them (`pilots.catalogue.proving`)."""

from __future__ import annotations

from pilots.catalogue.proving import register
from pilots.rules import loads
from pilots.rules.lint import Finding


def prover(text: str) -> list[Finding]:
    """Every law that does not hold under a document, each with the shortest story of how. Seconds, no database."""
    from workflows.proofs import prove  # noqa: PLC0415 - explores the whole registry, which has to be complete by then

    return [Finding(0, "error", "", str(broken)) for broken in prove(loads(text)).broken]


register(prover)
