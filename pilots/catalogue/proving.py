"""The place where a rules document is proved before it is published.

A proof lives whole lives by the rules, through the door; the door is an upper floor. So the prover is registered from
there (`workflows.apps`), and this floor only asks.
"""

from collections.abc import Callable

from pilots.rules.lint import Finding

Prover = Callable[[str], list[Finding]]

_provers: list[Prover] = []


def register(prover: Prover) -> Prover:
    """From now on every publication asks `prover` too. Registering the same one twice changes nothing."""
    if prover not in _provers:
        _provers.append(prover)
    return prover


def forget(prover: Prover) -> None:
    """Takes a prover away again (tests)."""
    if prover in _provers:
        _provers.remove(prover)


def proof_of(text: str) -> list[Finding]:
    """Everything the registered provers say about a text the linter has nothing against; [] without provers.

    Errors keep a document from publication. A prover takes a text, not parsed rules, so that it can run elsewhere.
    """
    return [finding for prover in _provers for finding in prover(text)]


def proven() -> bool:
    """True where at least one prover is registered: otherwise pages must not claim a proof."""
    return bool(_provers)


def signature() -> str:
    """Which provers there are: what they found is kept under this name."""
    return ",".join(sorted(f"{prover.__module__}.{prover.__qualname__}" for prover in _provers))
