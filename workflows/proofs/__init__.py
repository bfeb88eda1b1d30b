"""Proofs: a rules document is explored before anybody lives by it.

`prove(rules)` walks every state a batch, an application, its site, its certificate and an objection can reach together
under the rules, and holds the laws of `laws.py` against all of them. What does not hold is told as a story: who does
what, when, until it goes wrong.
"""

from .proof import Broken, Proof, prove

__all__ = ["Broken", "Proof", "prove"]
